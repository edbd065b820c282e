"""One machine of a Ray cluster, as the search sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from automl.workers.cluster_connection import FreeNode
from automl.workers.messages import Job
from automl.workers.node import Node, manifest
from automl.workers.parcels import Parcel, run_parcel

_CHUNK_BYTES = 64 * 2**20
_EARS = "ears"  # who listens does not keep orders waiting


@dataclass
class Machine:
    """A machine, its actor, and the call to it that is under way.

    Attributes:
        identity: Ray's.
        address: Its name or number on the network.
        slots: Workers it was asked for.
        actor: Ray's handle of the `Node` there.
        pending: Ray's reference to what the call under way returns.
        workers: The numbers of its workers, in their order there, once it is up.
        training_bytes: Bytes that a training step may take in one of them.
        provided: Whether it was given the data.
        heard: `time.monotonic()` of the last sign of it.
    """

    identity: str
    address: str
    slots: int
    actor: Any
    pending: Any
    workers: list[int] = field(default_factory=list)
    training_bytes: int = 0
    provided: bool = False
    heard: float = field(default_factory=time.monotonic)

    def listen(self) -> None:
        """Begin to wait for what its workers tell."""
        self.heard = time.monotonic()
        self.pending = self.actor.listen.options(concurrency_group=_EARS).remote()

    def submit(self, slot: int, parcel: Parcel, job: Job) -> None:
        """Have a worker begin a job."""
        packed = replace(job, function=run_parcel, argument=parcel)
        self.order("submit", slot, packed)

    def order(self, call: str, *arguments: Any) -> None:
        """Pass on an answer or a request to stop; see `Node.order`."""
        self.actor.order.remote(call, *arguments)


def start_machine(ray: Any, free: FreeNode, workers: int) -> Machine:
    """Start workers on a machine, on its GPUs if it has any."""
    strategies = ray.util.scheduling_strategies
    actor = (
        ray.remote(concurrency_groups={_EARS: 1})(Node)
        .options(
            num_cpus=min(workers, free.cpus),
            num_gpus=workers if free.gpus else 0,
            scheduling_strategy=strategies.NodeAffinitySchedulingStrategy(
                free.identity, soft=False
            ),
        )
        .remote(workers, gpus=free.gpus > 0)
    )
    return Machine(free.identity, free.address, workers, actor, actor.facts.remote())


class SharedData:
    """The files that every job may read, and how they get to a machine.

    A machine that sees them where they are reads them there. Others are sent them, once
    each; Ray keeps one copy for all, and lets machines fetch it from each other.
    """

    def __init__(self, ray: Any, run: Path, *, share_files: bool = True) -> None:
        """Send nothing yet.

        Args:
            ray: The module.
            run: The run directory.
            share_files: Whether machines may read them where they are.
        """
        self._ray = ray
        self._run = run
        self._share_files = share_files
        self._parts: list[tuple[str, int, Any]] = []

    def give(self, machine: Machine, files: Mapping[str, Path]) -> str:
        """Have a machine find the files; return how it does.

        Raises:
            ray.exceptions.RayError: If it is gone.
        """
        machine.provided = True
        if self._share_files:
            shares = machine.actor.shares.remote(self._run, manifest(files))
            if self._ray.get(shares):
                return "reads the data where it is"
        if not self._parts:
            self._parts = [(n, o, self._ray.put(c)) for n, o, c in _parts(files)]
        for name, offset, content in self._parts:
            machine.actor.receive.remote(name, offset, content)
        return "is sent the data"


def _parts(files: Mapping[str, Path]) -> Iterator[tuple[str, int, bytes]]:
    """Yield files in parts, each with its place; an empty file is one empty part."""
    for name, path in files.items():
        with path.open("rb") as file:
            offset = 0
            while (content := file.read(_CHUNK_BYTES)) or not offset:
                yield name, offset, content
                offset += len(content)
                if not content:
                    break
