"""The worker process: take a job, run it, tell how it went."""

from __future__ import annotations

import os
import select
import signal
import tempfile
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from automl.training.errors import TrialFailedError, TrialSkippedError
from automl.workers.devices import Device
from automl.workers.messages import ALIVE, STOP, Job

EXHAUSTED = "exhausted"
_FULL_PRECISION = "float32"
_ALIVE_SECONDS = 5.0


class PipeChannel:
    """A job's side of the pipe; see `automl.training.trial.Channel`."""

    def __init__(self, connection: Connection) -> None:
        """Speak over one end of a pipe."""
        self.connection = connection
        self.stopping = False
        self._told_alive = time.monotonic()

    def send(self, message: object) -> None:
        """Tell something."""
        self.connection.send(("said", message))

    def ask(self, message: object) -> Any:
        """Tell something and wait for the answer."""
        self.connection.send(("asked", message))
        while (answer := self._receive()) == (STOP, None):
            self.stopping = True
        return answer[1]

    def stop_requested(self) -> bool:
        """Whether the job should end soon; ends the process if nobody listens.

        Who asks is alive, which is passed on now and then.
        """
        if time.monotonic() > self._told_alive + _ALIVE_SECONDS:
            self._told_alive = time.monotonic()
            self.connection.send((ALIVE, None))
        while self.connection.poll():
            if self._receive()[0] == STOP:
                self.stopping = True
        return self.stopping

    def _receive(self) -> tuple[str, Any]:
        try:
            message: tuple[str, Any] = self.connection.recv()
        except (EOFError, OSError):
            os._exit(0)  # the command is gone; nothing here is of use to anyone
        return message


def work(
    connection: Connection,
    threads: int,
    log_file: Path,
    scratch: Path,
    device: Device | None = None,
) -> None:
    """Run jobs until the pipe closes.

    Args:
        connection: The worker's end of the pipe.
        threads: Threads for the mathematics of one operation.
        log_file: Takes what libraries print.
        scratch: Folder for temporary files, which whoever started this removes:
            TensorFlow leaves one for every function it traces in a process that is
            killed.
        device: The GPU to compute on; the processor by default.
    """
    if device is not None:  # before TensorFlow is imported
        os.environ.update(device.environment())
    tempfile.tempdir = str(scratch)
    # Ctrl-C, or a SIGTERM to the whole group, is the command's to handle.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _redirect_output(log_file)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    _configure_tensorflow(threads)
    while True:
        try:
            kind, content = connection.recv()
        except (EOFError, OSError):
            return
        if kind == "job":
            if device is not None:
                _set_precision(device.precision, trains=content.trains)
            connection.send(_outcome(content, PipeChannel(connection)))


def _outcome(job: Job, channel: PipeChannel) -> tuple[str, Any]:
    try:
        return "ended", job.function(job.argument, channel)
    except TrialSkippedError as error:
        return "skipped", (str(error), "")
    except TrialFailedError as error:
        kind = EXHAUSTED if _is_exhaustion(error.__cause__) else "failed"
        return kind, (str(error), traceback.format_exc())
    except Exception as error:
        lines = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
        return "failed", (reason[:300], traceback.format_exc())


def _is_exhaustion(error: BaseException | None) -> bool:
    """Whether TensorFlow said that its device has too little memory."""
    return type(error).__name__ == "ResourceExhaustedError"


def _set_precision(policy: str, *, trains: bool) -> None:
    """Train in a GPU's own precision, and do all else in true float32."""
    import keras
    import tensorflow as tf

    keras.config.set_dtype_policy(policy if trains else _FULL_PRECISION)
    tf.config.experimental.enable_tensor_float_32_execution(trains)


def _end_with(connection: Connection) -> None:
    """End this process once the other end of its pipe is closed, whatever it does.

    A command that was killed asks nothing any more of a job that never asks either.
    """
    hang_up = select.poll()
    hang_up.register(connection, 0)  # nothing is read: only a closed pipe is reported
    hang_up.poll()
    os._exit(0)


def _redirect_output(log_file: Path) -> None:
    target = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)


def _configure_tensorflow(threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
