"""One machine of a cluster: its workers, its copy of the data, and who asks for them.

The machine's workers are those of `automl.workers.pool`: the same supervision by pipe,
clock and memory. This process only passes on what they are told and what they tell, and
imports no TensorFlow.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from tempfile import gettempdir, mkdtemp
from threading import Event as Flag
from typing import Any

import psutil

from automl.workers.capacity import default_memory_limit
from automl.workers.devices import usable_devices
from automl.workers.messages import Broke, Event, Job
from automl.workers.parcels import Places
from automl.workers.pool import WorkerPool

_PREFIX = "automl-node-"
_LISTEN_SECONDS = 10.0
_PACKAGES = ("conv-automl", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class NodeFacts:
    """What a machine offers.

    Attributes:
        versions: Of Python and of the packages that shape a result.
        workers: How many jobs it takes at once.
        training_bytes: Bytes that a training step may take in one of them.
    """

    versions: Mapping[str, str]
    workers: int
    training_bytes: int


#: Of each file its size and the time it was written, by its place.
Manifest = Mapping[str, tuple[int, int]]


def versions() -> dict[str, str]:
    """Return what has to be the same on every machine."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: version(name) for name in _PACKAGES}}


def manifest(files: Mapping[str, Path]) -> Manifest:
    """Return what tells files from others that lie at the same paths."""
    stats = {name: path.stat() for name, path in files.items()}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}


class Node:
    """The machine's side of a cluster.

    One thread calls `listen`, another everything else; jobs and answers pass between
    them through a queue, since the workers serve one thread.
    """

    def __init__(self, num_workers: int, *, gpus: bool = False) -> None:
        """Start the workers.

        Args:
            num_workers: How many.
            gpus: Whether they compute on the machine's GPUs.
        """
        _remove_leftovers()
        self._folder = Path(mkdtemp(prefix=f"{_PREFIX}{psutil.Process().pid}-"))
        self._fixed = self._folder / "run"
        self._orders: SimpleQueue[tuple[str, tuple[Any, ...]]] = SimpleQueue()
        self._refused: list[Event] = []
        self._trouble = ""
        self._closing = Flag()
        self._pool = WorkerPool(
            num_workers,
            threads=1,
            log_file=self._folder / "log.txt",
            memory_limit=default_memory_limit(num_workers),
            devices=usable_devices() if gpus else (),
        )

    def facts(self) -> NodeFacts:
        """Return what the machine offers."""
        workers = len(self._pool.idle())
        return NodeFacts(versions(), workers, self._pool.training_bytes)

    def shares(self, root: Path, files: Manifest) -> bool:
        """Use the files in a folder that this machine sees too; whether it does."""
        try:
            same = manifest({name: root / name for name in files}) == files
        except OSError:
            return False
        if same:
            self._fixed = root
        return same

    def receive(self, name: str, offset: int, content: bytes) -> None:
        """Write a part of a file that all jobs read; parts come in order."""
        path = self._fixed / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if offset else "wb") as file:
                file.write(content)
        except OSError as error:
            self._trouble = f"the data can't be written there ({error.strerror})"

    def order(self, call: str, *arguments: Any) -> None:
        """Have a worker take a job, an answer or a request to stop.

        Args:
            call: `submit`, `answer` or `request_stop`.
            *arguments: Of that call.
        """
        self._orders.put((call, arguments))
        self._pool.wake()

    def listen(self) -> list[Event]:
        """Return what the workers tell; after a while, even if that is nothing."""
        end = time.monotonic() + _LISTEN_SECONDS
        events: list[Event] = []
        while not events and time.monotonic() < end and not self._closing.is_set():
            self._carry_out_orders()
            events, self._refused = self._refused, []
            events = events or self._pool.wait()
        return events

    def close(self) -> None:
        """End the workers, and remove what was brought here."""
        self._closing.set()
        self._pool.wake()
        self._pool.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _carry_out_orders(self) -> None:
        while not self._orders.empty():
            call, arguments = self._orders.get()
            match call:
                case "submit":
                    self._submit(*arguments)
                case "answer":
                    self._pool.answer(*arguments)
                case "request_stop":
                    worker, grace_seconds = arguments
                    self._pool.request_stop(worker, grace_seconds=grace_seconds)

    def _submit(self, worker: int, job: Job) -> None:
        """Have a worker call `run_parcel`, which `job` brings a parcel for."""
        if self._trouble:
            self._refused.append(Broke(worker, self._trouble, unfit=True))
            return
        places = Places(self._fixed, self._folder / f"worker-{worker}")
        self._pool.submit(worker, replace(job, argument=(job.argument, places)))


def _remove_leftovers() -> None:
    """Remove what a killed process of ours left on this machine."""
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
