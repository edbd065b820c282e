"""Processes that read samples for another one, and survive a crashing decoder."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from automl_datasets.reading import Chunk, Outcome
    from automl_datasets.sources import Reader

_COMMAND = "from automl_datasets.reading_processes import serve; serve()"


class ReadingProcesses:
    """A fixed number of processes that read chunks into a scratch file.

    A process ends when its input does, so that none is left behind whatever becomes
    of this one. When a file makes a decoder crash, only that file is lost.
    """

    def __init__(self, count: int, reader: Reader, scratch: Path) -> None:
        """Start the processes.

        Args:
            count: How many.
            reader: Reads the samples; it is pickled once for each process.
            scratch: The file that they write rows to.
        """
        self._job = (reader, scratch)
        self._closing = False
        self._running: list[subprocess.Popen[bytes]] = []
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(count)
        for _ in range(count):
            self._idle.put(self._started())

    def __enter__(self) -> ReadingProcesses:
        """Return the running processes."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes at once; what they are at is not wanted any more."""
        self._closing = True
        for process in self._running:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._running:
            process.communicate()

    def map(self, chunks: Iterable[Chunk]) -> Iterator[list[Outcome]]:
        """Read chunks, several at a time; yield their outcomes in order.

        Raises:
            Exception: Whatever reading a chunk raised.
        """
        return self._threads.map(self._read, chunks)

    def _started(self) -> subprocess.Popen[bytes]:
        # `-P` and the caller's own path: import what the caller would, no more.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._running.append(process)
        return process

    def _read(self, chunk: Chunk) -> list[Outcome]:
        from automl_datasets.reading import Chunk, Outcome

        reply = self._ask(chunk)
        if isinstance(reply, BaseException):
            raise reply
        if reply is not None:
            outcomes: list[Outcome] = reply
            return outcomes
        if len(chunk.samples) == 1:
            return [Outcome("made the decoder crash")]
        singly = (Chunk(chunk.start + i, [s]) for i, s in enumerate(chunk.samples))
        return [outcome for single in singly for outcome in self._read(single)]

    def _ask(self, chunk: Chunk) -> Any:
        """Return what a process answers; `None` if it crashed, and is replaced."""
        process = self._idle.get()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the reading process was started without pipes")
        try:
            pickle.dump((*self._job, chunk), stdin)
            stdin.flush()
            reply = pickle.load(stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            if self._closing:
                raise
            process = self._started()
            reply = None
        self._idle.put(process)
        return reply


def serve() -> None:
    """Read chunks that arrive on standard input until it ends."""
    from automl_datasets.reading import read_chunk

    # Ctrl-C reaches the whole group; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the replies
    while True:
        try:
            reader, scratch, chunk = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply: object = read_chunk(reader, chunk, scratch)
        except Exception as error:
            reply = error  # raised again by the parent
        pickle.dump(reply, replies)
        replies.flush()
