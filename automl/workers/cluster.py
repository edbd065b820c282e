"""Workers on the machines of a Ray cluster.

Each machine gets one actor, which holds workers like those of a search on one machine
(`automl.workers.node`). Ray tells which machines there are, starts the actors, carries
messages and data, and notices when a machine is gone.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl.errors import RequestError, UnsuitableRequestError, is_disk_full
from automl.workers.cluster_connection import connect, free_nodes
from automl.workers.interface import POLL_SECONDS
from automl.workers.machine import Machine, SharedData, start_machine
from automl.workers.messages import Asked, Broke, Ended, Event, Job, Said
from automl.workers.node import NodeFacts, versions
from automl.workers.parcels import fixed_files, pack_job, unpack_message, unpack_result

_SURVEY_SECONDS = 3.0
_SILENT_SECONDS = 90.0  # a machine that has started speaks every ten
_START_SECONDS = 240.0  # TensorFlow is imported there, and its GPUs are looked for
_CLOSE_SECONDS = 5.0
_MOST_FAULTS = 2


class ClusterPool:
    """Workers of every machine that is in the cluster, however they come and go.

    See `automl.workers.interface.Workers`. A machine that leaves takes its workers
    along: they are not known any more, and their jobs come out of `wait` as lost. So do
    those of a machine that is refused: its disk is full, say, or it fails again.
    """

    def __init__(
        self,
        address: str,
        run: Path,
        *,
        num_workers: int | None = None,
        foreign: Sequence[str] = (),
        log: Callable[[str], None],
        share_files: bool = True,
    ) -> None:
        """Join a cluster, and start workers on its machines.

        Args:
            address: `HOST:PORT` of its head, or `auto`.
            run: The run directory; jobs' files come from and go to it.
            num_workers: Most workers; by default one a free processor, or GPU.
            foreign: Names of files outside of the run that jobs read, and of which its
                folder `input` holds copies.
            log: Takes a line on what happens to the cluster.
            share_files: Whether machines that see the run directory read the data
                there, instead of being sent it.

        Raises:
            UnsuitableRequestError: If it can't be joined or has no worker for us.
        """
        self._address, self._run, self._foreign = address, run, foreign
        self._most = num_workers
        self._log = log
        self._ray, self._joined = connect(address)
        self._data = SharedData(self._ray, run.absolute(), share_files=share_files)
        self._numbers = itertools.count()
        self._machines: list[Machine] = []
        self._homes: dict[int, tuple[Machine, int]] = {}
        self._busy: set[int] = set()
        self._refused: dict[str, str] = {}
        self._faults: Counter[str] = Counter()
        self._surveyed = float("-inf")
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    @property
    def training_bytes(self) -> int:
        """Bytes that a training step may take in any one of the workers.

        Where every machine has left it waits for one, as `idle` does.
        """
        self._await_workers()
        return min(m.training_bytes for m in self._machines if m.workers)

    def idle(self) -> list[int]:
        """Return the workers that have no job.

        Where every machine has left it waits for one.

        Raises:
            RequestError: If none comes.
        """
        self._await_workers()
        return [worker for worker in self._homes if worker not in self._busy]

    def busy(self) -> list[int]:
        """Return the workers that have a job."""
        return sorted(self._busy)

    def submit(self, worker: int, job: Job) -> None:
        """Give an idle worker a job, with the files that it names."""
        machine, slot = self._homes[worker]
        self._busy.add(worker)
        if not machine.provided:
            self._provide(machine)
        machine.submit(slot, pack_job(job, self._run, self._foreign), job)

    def answer(self, worker: int, reply: object) -> None:
        """Answer what `Asked` brought."""
        self._order(worker, "answer", reply)

    def request_stop(self, worker: int, *, grace_seconds: float) -> None:
        """Ask a job to end at the next good moment, and kill it after the grace."""
        self._order(worker, "request_stop", grace_seconds)

    def wait(self, timeout: float = POLL_SECONDS) -> list[Event]:
        """Return what happened, at the latest after `timeout` seconds."""
        self._admit_machines()
        machines = {machine.pending: machine for machine in self._machines}
        events: list[Event] = []
        for call in self._returned(list(machines), timeout):
            events += self._hear(machines[call])
        now = time.monotonic()
        for machine in list(self._machines):
            patience = _SILENT_SECONDS if machine.workers else _START_SECONDS
            if machine.heard < now - patience:
                events += self._lose(machine, "did not answer any more")
        return events

    def close(self) -> None:
        """End every worker, and leave the cluster; it stays as it was."""
        closing = [machine.actor.close.remote() for machine in self._machines]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=_CLOSE_SECONDS)
        for machine in self._machines:
            self._ray.kill(machine.actor)
        self._machines.clear()
        self._homes.clear()
        self._busy.clear()
        if self._joined:
            self._ray.shutdown()

    def _order(self, worker: int, call: str, argument: object) -> None:
        if worker in self._homes:  # that it was lost is told by `wait`
            machine, slot = self._homes[worker]
            machine.order(call, slot, argument)

    def _await_workers(self) -> None:
        """Wait for a machine where there is none; nothing runs that could be told."""
        end = time.monotonic() + _START_SECONDS
        while not self._homes:
            if time.monotonic() > end:
                reasons = self._refusals()
                refused = f" or is refused ({reasons})" if reasons else ""
                raise RequestError(
                    f"Every machine of the cluster at {self._address} has left"
                    f"{refused}; add one, and go on with `automl resume {self._run}`."
                )
            self.wait()

    def _refusals(self) -> str:
        return "; ".join(sorted(set(self._refused.values())))

    def _start(self) -> None:
        """Wait for the machines that are in the cluster now."""
        end = time.monotonic() + _START_SECONDS
        self._admit_machines()
        while any(not m.workers for m in self._machines) and time.monotonic() < end:
            self.wait()
        if self._homes:
            return  # who is late joins during the search
        if self._refused:
            raise UnsuitableRequestError(
                f"No machine of the cluster at {self._address} can be used: "
                f"{self._refusals()}."
            )
        if self._machines:
            raise UnsuitableRequestError(
                f"No machine of the cluster at {self._address} has started its workers "
                f"within {_START_SECONDS:.0f} s; look at the logs of Ray there."
            )
        raise UnsuitableRequestError(
            f"The cluster at {self._address} has no free CPU; wait until it has, or "
            "add a machine with `ray start --address`."
        )

    def _admit_machines(self) -> None:
        """Start workers on machines that are new, or were lost and are back."""
        if time.monotonic() < self._surveyed + _SURVEY_SECONDS:
            return
        self._surveyed = time.monotonic()
        known = {m.identity for m in self._machines} | set(self._refused)
        for free in free_nodes(self._ray):
            workers = free.gpus or free.cpus
            if self._most is not None:
                workers = min(
                    workers, self._most - sum(m.slots for m in self._machines)
                )
            if workers > 0 and free.identity not in known:
                self._machines.append(start_machine(self._ray, free, workers))

    def _returned(self, calls: list[Any], timeout: float) -> list[Any]:
        """Return the calls that have returned, as soon as one has."""
        if not calls:
            time.sleep(timeout)
            return []
        self._ray.wait(calls, num_returns=1, timeout=timeout)
        ready, _ = self._ray.wait(calls, num_returns=len(calls), timeout=0)
        return list(ready)

    def _hear(self, machine: Machine) -> list[Event]:
        """Take in what a call to a machine returned, and make the next one."""
        try:
            heard = self._ray.get(machine.pending)
        except self._ray.exceptions.RayError as error:
            return self._give_up(machine, error)
        if isinstance(heard, NodeFacts):
            return self._welcome(machine, heard)
        unfit = [e for e in heard if isinstance(e, Broke) and _is_unfit(e)]
        if not unfit:
            machine.listen()
        told = [self._translated(machine, e) for e in heard if e not in unfit]
        if unfit:
            self._refuse(machine, unfit[0].reason)
            told += self._lose(machine, "was refused")
        return told

    def _give_up(self, machine: Machine, error: Exception) -> list[Event]:
        """Forget a machine that left, or failed; refuse one that fails again."""
        if machine.workers and isinstance(error, self._ray.exceptions.RayActorError):
            return self._lose(machine, "left the cluster")
        self._faults[machine.identity] += 1
        if not machine.workers or self._faults[machine.identity] == _MOST_FAULTS:
            self._refuse(machine, _last_line(error))
        else:
            self._log(f"cluster: {machine.address}: {_last_line(error)}")
        return self._lose(machine, "failed")

    def _welcome(self, machine: Machine, facts: NodeFacts) -> list[Event]:
        ours = versions()
        for name, theirs in facts.versions.items():
            if theirs != ours[name]:
                self._refuse(machine, f"it has {name} {theirs}, not {ours[name]}")
                return self._lose(machine, "was refused")
        machine.training_bytes = facts.training_bytes
        for slot in range(facts.workers):
            worker = next(self._numbers)
            machine.workers.append(worker)
            self._homes[worker] = (machine, slot)
        machine.listen()
        self._log(f"cluster: {machine.address} joined with {facts.workers} workers")
        return []

    def _refuse(self, machine: Machine, reason: str) -> None:
        self._refused[machine.identity] = f"{machine.address}: {reason}"
        self._log(f"cluster: {machine.address} is not used: {reason}")

    def _lose(self, machine: Machine, what: str) -> list[Event]:
        """Forget a machine and its workers; return what became of their jobs."""
        self._machines.remove(machine)
        self._ray.kill(machine.actor)
        cut_off = [worker for worker in machine.workers if worker in self._busy]
        for worker in machine.workers:
            del self._homes[worker]
            self._busy.discard(worker)
        if machine.workers:
            self._log(f"cluster: {machine.address} {what}; {len(cut_off)} jobs lost")
        reason = f"its machine {machine.address} {what}"
        return [Broke(worker, reason, lost=True) for worker in cut_off]

    def _translated(self, machine: Machine, event: Event) -> Event:
        """Return a machine's event with our number of the worker, unpacked."""
        worker = machine.workers[event.worker]
        if isinstance(event, Said | Asked):
            return type(event)(worker, unpack_message(event.message))
        self._busy.discard(worker)
        if isinstance(event, Broke):
            return replace(event, worker=worker)
        try:
            return Ended(worker, unpack_result(event.result, self._run))
        except OSError as error:
            return Broke(worker, f"its files can't be written here: {error.strerror}")

    def _provide(self, machine: Machine) -> None:
        files = fixed_files(self._run, self._foreign)
        try:
            how = self._data.give(machine, files)
        except self._ray.exceptions.RayError:
            return  # it is gone, which `wait` will tell
        self._log(f"cluster: {machine.address} {how}")


def _is_unfit(event: Broke) -> bool:
    """Whether its machine is of no use any more; the disk of another may have space."""
    return event.unfit or is_disk_full(event.reason)


def _last_line(error: BaseException) -> str:
    """Return the last line of an error, which is what was raised over there."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].strip()[:200]
