"""Worker processes on this machine, supervised by pipe, by clock and by memory."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from automl.quiet import stderr_to
from automl.workers.devices import Device
from automl.workers.interface import POLL_SECONDS
from automl.workers.messages import (
    ALIVE,
    STOP,
    Asked,
    Broke,
    Ended,
    Event,
    Job,
    Said,
)
from automl.workers.process import EXHAUSTED, work
from automl.workers.starting import main_module_hidden, start_method, warm_up

_RECYCLE_AFTER_BYTES = 1_500_000_000
#: TensorFlow keeps some of what each network took. Starting afresh costs less than a
#: trial, and after so many jobs keeps memory where it was in the beginning.
_RECYCLE_AFTER_JOBS = 40
_PROCESS_BYTES = 1_000_000_000
#: A worker ignores SIGTERM, but not before it runs.
_SENT_BY_SOMEBODY = (-signal.SIGKILL, -signal.SIGTERM)
_SHARE_OF_DEVICE = 0.9
_CHECK_SECONDS = 0.25  # to look at every process after every message takes too long


@dataclass
class _Worker:
    """One process and what it is doing.

    Attributes:
        process: The process.
        connection: Our end of its pipe.
        job: What it is doing.
        deadline: `time.monotonic()` at which it is killed.
        asks: Whether its job waits for our answer.
        silent_seconds: For how long we have listened and its job has told nothing.
        jobs: How many it has been given.
    """

    process: BaseProcess
    connection: Connection
    job: Job | None = None
    deadline: float = float("inf")
    asks: bool = False
    silent_seconds: float = 0.0
    jobs: int = 0


class WorkerPool:
    """A fixed number of workers; one that dies is replaced, and its job reported.

    See `automl.workers.interface.Workers`.
    """

    def __init__(
        self,
        num_workers: int,
        *,
        threads: int,
        log_file: Path,
        memory_limit: int,
        devices: Sequence[Device] = (),
    ) -> None:
        """Start the workers.

        Args:
            num_workers: Processes.
            threads: Threads a process computes with.
            log_file: Takes what libraries print in the workers.
            memory_limit: Resident bytes at which a worker is killed.
            devices: GPUs, which the workers take in turn; by default they compute on
                the processor.
        """
        self._threads = threads
        self._log_file = log_file
        self._memory_limit = memory_limit
        self._devices = devices
        # A GPU worker has to know its device before it imports TensorFlow, which
        # the fork server has imported.
        method = "spawn" if devices else start_method()
        self._context: Any = multiprocessing.get_context(method)
        self._scratch = TemporaryDirectory(
            prefix="automl-workers-", ignore_cleanup_errors=True
        )
        self._woken, self._waker = multiprocessing.Pipe(duplex=False)
        if not devices:
            warm_up()
        self._workers = [self._start(i) for i in range(num_workers)]
        self._listened = self._checked = time.monotonic()

    @property
    def training_bytes(self) -> int:
        """Bytes that a training step may take in one worker.

        On the processor, what is left of its share of the memory beside the process
        itself, before that is recycled; on a GPU its share of the device.
        """
        if not self._devices:
            limit = self._memory_limit
            return max(limit - _PROCESS_BYTES, limit // 4)
        sharing = -(-len(self._workers) // len(self._devices))
        least = min(device.memory_bytes for device in self._devices)
        return int(_SHARE_OF_DEVICE * least / sharing)

    def idle(self) -> list[int]:
        """Return the workers that have no job."""
        return [i for i, worker in enumerate(self._workers) if worker.job is None]

    def busy(self) -> list[int]:
        """Return the workers that have a job."""
        return [i for i, worker in enumerate(self._workers) if worker.job is not None]

    def submit(self, worker: int, job: Job) -> None:
        """Give an idle worker a job."""
        state = self._workers[worker]
        state.job = job
        state.jobs += 1
        state.deadline = time.monotonic() + job.time_limit_seconds
        state.asks, state.silent_seconds = False, 0.0
        self._send(worker, ("job", job))

    def answer(self, worker: int, reply: object) -> None:
        """Answer what `Asked` brought."""
        self._workers[worker].asks = False
        self._send(worker, ("answer", reply))

    def request_stop(self, worker: int, *, grace_seconds: float) -> None:
        """Ask a job to end at the next good moment, and kill it after the grace."""
        state = self._workers[worker]
        state.deadline = min(state.deadline, time.monotonic() + grace_seconds)
        self._send(worker, (STOP, None))

    def wait(self, timeout: float = POLL_SECONDS) -> list[Event]:
        """Return what happened, at the latest after `timeout` seconds."""
        sources = {state.connection: i for i, state in enumerate(self._workers)}
        ready = wait([*sources, self._woken], min(timeout, POLL_SECONDS))
        if self._woken in ready:
            self._woken.recv()
        known = [sources[c] for c in ready if c is not self._woken]  # type: ignore[index]
        self._count_silence()
        events = [event for worker in known for event in self._read(worker)]
        return events + self._check_limits()

    def wake(self) -> None:
        """End a `wait`, from another thread."""
        self._waker.send(None)

    def close(self) -> None:
        """End every worker, whatever it does."""
        for state in self._workers:
            state.process.kill()
            state.connection.close()
        for state in self._workers:
            state.process.join()
        self._scratch.cleanup()

    def _start(self, index: int) -> _Worker:
        ours, theirs = self._context.Pipe()
        scratch = Path(self._scratch.name)
        device = self._devices[index % len(self._devices)] if self._devices else None
        process = self._context.Process(
            target=work,
            args=(theirs, self._threads, self._log_file, scratch, device),
            daemon=True,
        )
        with main_module_hidden(), stderr_to(self._log_file):
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _send(self, worker: int, message: object) -> None:
        try:
            self._workers[worker].connection.send(message)
        except OSError:
            return  # it died; the closed pipe is reported by `wait`

    def _read(self, worker: int) -> list[Event]:
        state = self._workers[worker]
        try:
            kind, content = state.connection.recv()
        except (EOFError, OSError):
            reason = _death_reason(state.process)
            lost = state.process.exitcode in _SENT_BY_SOMEBODY
            had_job = state.job is not None
            self._replace(worker)
            return [Broke(worker, reason, lost=lost)] if had_job else []
        state.asks, state.silent_seconds = kind == "asked", 0.0
        if kind == ALIVE:
            return []
        if kind == "said":
            return [Said(worker, content)]
        if kind == "asked":
            return [Asked(worker, content)]
        state.job, state.deadline = None, float("inf")
        if kind == EXHAUSTED and self._devices:
            self._replace(worker)  # what it allocated on the GPU goes only with it
        else:
            self._recycle_if_grown(worker)
        if kind == "ended":
            return [Ended(worker, content)]
        reason, details = content
        return [
            Broke(
                worker,
                reason,
                skipped=kind == "skipped",
                details=details,
                out_of_memory=kind == EXHAUSTED,
            )
        ]

    def _count_silence(self) -> None:
        """Count how long jobs have told nothing, as far as we listened.

        While we do something else, or are suspended, nobody is silent.
        """
        now = time.monotonic()
        seconds = min(now - self._listened, POLL_SECONDS)
        self._listened = now
        for state in self._workers:
            if not state.asks:
                state.silent_seconds += seconds

    def _check_limits(self) -> list[Event]:
        events: list[Event] = []
        if time.monotonic() < self._checked + _CHECK_SECONDS:
            return events
        self._checked = time.monotonic()
        for worker in self.busy():
            broke = self._passed_limit(worker)
            if broke:
                events.append(broke)
                self._replace(worker)
        return events

    def _passed_limit(self, worker: int) -> Broke | None:
        state, limit = self._workers[worker], self._memory_limit
        if time.monotonic() > state.deadline:
            reason = "it was killed: it passed its time limit"
            return Broke(worker, reason, timed_out=True)
        if state.job and state.silent_seconds > state.job.silence_limit_seconds:
            silent = f"{state.silent_seconds:.0f} s"
            return Broke(worker, f"it was killed: it was silent for {silent}")
        resident = _resident_bytes(state.process)
        if resident > limit:
            reason = (
                f"it was killed: it used {resident / 1e9:.1f} GB of memory, "
                f"more than the {limit / 1e9:.1f} GB of a worker"
            )
            return Broke(worker, reason)
        return None

    def _replace(self, worker: int) -> None:
        state = self._workers[worker]
        state.process.kill()
        state.process.join()
        state.connection.close()
        self._workers[worker] = self._start(worker)

    def _recycle_if_grown(self, worker: int) -> None:
        state = self._workers[worker]
        resident = _resident_bytes(state.process)
        if state.jobs >= _RECYCLE_AFTER_JOBS or resident > _RECYCLE_AFTER_BYTES:
            self._replace(worker)


def _resident_bytes(process: BaseProcess) -> int:
    try:
        resident: int = psutil.Process(process.pid).memory_info().rss
    except psutil.NoSuchProcess:
        return 0
    return resident


def _death_reason(process: BaseProcess) -> str:
    process.join(timeout=5)
    code = process.exitcode
    if code is not None and code < 0:
        return f"its process was killed by signal {-code}"
    return f"its process ended with exit code {code}"
