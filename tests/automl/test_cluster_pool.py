"""What the pool makes of machines in trouble, with a stand-in for Ray."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.errors import RequestError, is_disk_full
from automl.workers import cluster
from automl.workers.cluster import ClusterPool
from automl.workers.cluster_connection import FreeNode
from automl.workers.machine import Machine
from automl.workers.messages import Broke, Ended, Event, Job
from automl.workers.node import Node, NodeFacts, versions
from automl.workers.parcels import Parcel

FULL = "OSError: [Errno 28] No space left on device: 'epoch-0003.npz'"
NOT_HERE = Broke(
    0, "the data can't be written there (Read-only file system)", unfit=True
)


class RayError(Exception):
    """What Ray raises."""


class RayActorError(RayError):
    """An actor is gone."""


class RayTaskError(RayError):
    """What a call raised over there."""


@dataclass(eq=False)
class Call:
    """A call to a machine: what it returns or raises, or that it does neither yet."""

    outcome: Any = None


def returned(call: Call) -> Any:
    if isinstance(call.outcome, Exception):
        raise call.outcome
    return call.outcome


def wait(calls: list[Call], **_: Any) -> tuple[list[Call], list[Call]]:
    ready = [call for call in calls if call.outcome is not None]
    return ready, [call for call in calls if call.outcome is None]


RAY = SimpleNamespace(
    get=returned,
    wait=wait,
    kill=lambda actor: None,
    exceptions=SimpleNamespace(RayError=RayError, RayActorError=RayActorError),
)


class Actor:
    """A machine that tells what was written down, and then nothing more."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = list(outcomes)
        self.close = SimpleNamespace(remote=Call)
        self.order = SimpleNamespace(remote=lambda *_: None)
        self.listen = SimpleNamespace(options=lambda **_: self)

    def remote(self) -> Call:
        return Call(self.outcomes.pop(0) if self.outcomes else None)


class Pools:
    """Makes pools on machines of two workers each, by address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.free: list[str] = []
        self.actors: dict[str, list[Actor]] = {}
        self.lines: list[str] = []

    def free_nodes(self, _: Any) -> list[FreeNode]:
        return [FreeNode(name, name, 2, 0) for name in self.free]

    def start_machine(self, _: Any, free: FreeNode, workers: int) -> Machine:
        actor = self.actors[free.identity].pop(0)
        facts = Call(NodeFacts(versions(), workers, 10**9))
        return Machine(
            free.identity, free.address, workers, actor, facts, provided=True
        )

    def pool(self, **actors: list[Actor]) -> ClusterPool:
        self.free, self.actors = list(actors), actors
        return ClusterPool("10.0.0.1:6379", self.folder, log=self.lines.append)


@pytest.fixture
def pools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pools:
    made = Pools(tmp_path)
    monkeypatch.setattr(cluster, "connect", lambda _: (RAY, False))
    monkeypatch.setattr(cluster, "free_nodes", made.free_nodes)
    monkeypatch.setattr(cluster, "start_machine", made.start_machine)
    monkeypatch.setattr(cluster, "_SURVEY_SECONDS", 0.0)
    return made


def repeat(what: str, channel: Any) -> str:
    return what


def occupied(pool: ClusterPool) -> list[int]:
    """Give every worker a job, and return them."""
    workers = pool.idle()
    for worker in workers:
        pool.submit(worker, Job(repeat, "hello", 60.0))
    return workers


def until(pool: ClusterPool, done: Callable[[list[Event]], bool]) -> list[Event]:
    events: list[Event] = []
    while not done(events):
        events += pool.wait(0.01)
    return events


@pytest.mark.parametrize("trouble", [Broke(1, FULL), NOT_HERE])
def test_a_machine_that_can_not_be_written_to_is_refused_and_its_jobs_are_lost(
    trouble: Broke, pools: Pools
) -> None:
    other = 1 - trouble.worker
    ended = Ended(other, Parcel(b"N.", {}))  # in the same breath
    pool = pools.pool(full=[Actor([ended, trouble])], sound=[Actor()])
    first, *_, last = occupied(pool)
    done, lost = until(pool, lambda events: len(events) >= 2)
    assert done == Ended(first + other, None)
    assert isinstance(lost, Broke)
    assert (lost.worker, lost.lost) == (first + trouble.worker, True)
    assert not is_disk_full(lost.reason)  # or the search would end
    assert (pool.idle(), pool.busy()) == ([], [last - 1, last])
    assert f"cluster: full is not used: {trouble.reason}" in pools.lines
    assert pools.actors["full"] == []  # and is not started again
    pool.wait(0.01)


def test_a_full_disk_here_is_told_as_one(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cluster, "unpack_result", refuse)
    pool = pools.pool(sound=[Actor([Ended(0, Parcel(b"N.", {}))])])
    occupied(pool)
    (broke,) = until(pool, lambda events: len(events) == 1)
    assert isinstance(broke, Broke)
    assert is_disk_full(broke.reason)
    assert not broke.lost


def test_a_machine_that_fails_is_started_again_once(pools: Pools) -> None:
    fault = RayTaskError(f"traceback\n{FULL}\n")
    pool = pools.pool(odd=[Actor(fault), Actor(fault)], sound=[Actor()])
    occupied(pool)
    lost = until(pool, lambda events: len(events) == 2)
    assert all(isinstance(event, Broke) and event.lost for event in lost)
    assert not any(isinstance(e, Broke) and is_disk_full(e.reason) for e in lost)
    assert f"cluster: odd: {FULL}" in pools.lines
    until(pool, lambda _: f"cluster: odd is not used: {FULL}" in pools.lines)
    assert pool.wait(0.01) == []
    assert pools.actors["odd"] == []


def test_a_machine_that_left_may_come_back(pools: Pools) -> None:
    gone = [Actor(RayActorError("it died")) for _ in range(3)]
    pool = pools.pool(shaky=[*gone, Actor()], sound=[Actor()])
    until(pool, lambda _: pools.actors["shaky"] == [])
    until(pool, lambda _: len(pool.idle()) == 4)
    assert not any("is not used" in line for line in pools.lines)


def test_where_all_have_left_memory_is_asked_of_the_next(pools: Pools) -> None:
    pool = pools.pool(only=[Actor(RayActorError("it died")), Actor()])
    pools.free = []
    until(pool, lambda _: any("left the cluster" in line for line in pools.lines))
    pools.free = ["only"]
    assert pool.training_bytes == 10**9


def test_where_none_comes_it_is_said_what_was_refused(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pools.pool(only=[Actor([Broke(0, FULL)])])
    occupied(pool)
    until(pool, lambda events: len(events) == 2)
    monkeypatch.setattr(cluster, "_START_SECONDS", -1.0)
    words = r"has left or is refused \(only: OSError: .*No space left"
    for ask in (lambda: pool.training_bytes, pool.idle):
        with pytest.raises(RequestError, match=words):
            ask()


def test_a_machine_says_that_the_data_can_not_be_written_there(
    tmp_path: Path,
) -> None:
    """Read here without its workers."""
    node = Node.__new__(Node)
    node._fixed, node._trouble, node._refused = tmp_path / "file", "", []
    node._fixed.write_text("in the way of a folder")
    node.receive("data/train.npy", 0, b"samples")
    node._submit(1, Job(repeat, None, 1.0))
    (broke,) = node._refused
    assert isinstance(broke, Broke)
    assert (broke.worker, broke.unfit) == (1, True)
    assert broke.reason.startswith("the data can't be written there (")
