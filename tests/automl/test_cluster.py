"""Jobs on the machines of a Ray cluster, which come and go."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.errors import UnsuitableRequestError
from automl.workers import cluster_connection
from automl.workers.cluster import ClusterPool
from automl.workers.cluster_connection import check_cluster, connect
from automl.workers.messages import Asked, Broke, Ended, Event, Job, Said
from automl.workers.node import versions

LONG = 120.0
needs_ray = pytest.mark.filterwarnings("ignore")  # Ray's own


def train(paths: tuple[Path, Path], channel: Any) -> str:
    """Read the data, ask, and leave a checkpoint."""
    folder, data = paths
    text = (data / "train.txt").read_text()
    channel.send("began")
    answer = channel.ask("may I?")
    (folder / "epoch-0002.npz").write_text(text + answer)
    return (folder / "epoch-0001.npz").read_text()


def read(file: Path, channel: Any) -> str:
    return file.read_text()


def die(number: int, channel: Any) -> None:
    os.kill(os.getpid(), number)


def hang(seconds: float, channel: Any) -> None:
    time.sleep(seconds)


def until_stopped(_: None, channel: Any) -> str:
    while not channel.stop_requested():
        time.sleep(0.01)
    return "stopped"


def events_of(pool: ClusterPool, worker: int) -> list[Event]:
    """Return what a worker tells until its job is over; say yes to what it asks."""
    events: list[Event] = []
    while not any(isinstance(event, Ended | Broke) for event in events):
        for event in pool.wait():
            assert event.worker == worker
            if isinstance(event, Asked):
                pool.answer(worker, "yes")
            events.append(event)
    return events


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    """A head without processors, and one machine with two."""
    pytest.importorskip("ray", reason="Ray is not installed")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()  # type: ignore[no-untyped-call,unused-ignore]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "trials" / "0001" / "search"
    folder.mkdir(parents=True)
    (folder / "epoch-0001.npz").write_text("one")
    (tmp_path / "run" / "data").mkdir()
    (tmp_path / "run" / "data" / "train.txt").write_text("samples ")
    return tmp_path / "run"


@needs_ray
@pytest.mark.slow
def test_a_search_outlives_what_happens_to_machines(machines: Any, run: Path) -> None:
    lines: list[str] = []
    pool = ClusterPool(machines.address, run, log=lines.append, share_files=False)
    try:
        first, second = pool.idle()
        folder = run / "trials" / "0001" / "search"
        pool.submit(first, Job(train, (folder, run / "data"), LONG))
        assert (pool.idle(), pool.busy()) == ([second], [first])
        told = [Said(first, "began"), Asked(first, "may I?"), Ended(first, "one")]
        assert events_of(pool, first) == told
        assert (folder / "epoch-0002.npz").read_text() == "samples yes"
        assert sum("is sent the data" in line for line in lines) == 1

        pool.submit(first, Job(until_stopped, None, LONG))
        pool.request_stop(first, grace_seconds=LONG)
        assert events_of(pool, first) == [Ended(first, "stopped")]
        pool.submit(second, Job(hang, LONG, 0.5))
        (late,) = events_of(pool, second)
        assert isinstance(late, Broke)
        assert late.timed_out
        pool.submit(second, Job(hang, LONG, LONG, silence_limit_seconds=0.5))
        (silent,) = events_of(pool, second)
        assert isinstance(silent, Broke)
        assert "silent for" in silent.reason
        pool.submit(second, Job(die, signal.SIGKILL, LONG))
        (killed,) = events_of(pool, second)
        assert isinstance(killed, Broke)
        assert killed.lost

        added = machines.add_node(num_cpus=1)
        while len(pool.idle()) < 3:
            assert pool.wait() == []
        third = pool.idle()[-1]
        pool.submit(third, Job(hang, LONG, LONG))
        machines.remove_node(added)
        (gone,) = events_of(pool, third)
        assert isinstance(gone, Broke)
        assert gone.lost
        assert "left the cluster" in gone.reason
        assert pool.idle() == [first, second]
    finally:
        pool.close()


@needs_ray
@pytest.mark.slow
def test_machines_that_see_the_run_read_the_data_there(
    machines: Any, run: Path
) -> None:
    lines: list[str] = []
    pool = ClusterPool(machines.address, run, num_workers=1, log=lines.append)
    try:
        (worker,) = pool.idle()
        pool.submit(worker, Job(read, run / "data" / "train.txt", LONG))
        assert events_of(pool, worker) == [Ended(worker, "samples ")]
        assert any("reads the data where it is" in line for line in lines)
    finally:
        pool.close()


@needs_ray
@pytest.mark.slow
def test_a_machine_with_other_versions_is_refused(
    machines: Any, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    here = {**versions(), "tensorflow": "1.15"}
    monkeypatch.setattr("automl.workers.cluster.versions", lambda: here)
    with pytest.raises(UnsuitableRequestError, match=r"it has tensorflow .*not 1\.15"):
        ClusterPool(machines.address, run, log=lines.append)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("local", "HOST:PORT"),
        ("ray://127.0.0.1:10001", "HOST:PORT"),
        ("127.0.0.1:1", "No Ray cluster answers at 127.0.0.1:1"),
    ],
)
def test_what_can_not_be_joined_is_said(address: str, words: str) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(UnsuitableRequestError, match=words):
        check_cluster(address)


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "automl.workers.cluster_connection.find_spec"
    monkeypatch.setattr(name, lambda package: None)
    with pytest.raises(UnsuitableRequestError, match=r"conv-automl\[cluster\]"):
        check_cluster("auto")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("no\nUnauthenticated: InvalidAuthToken: missing", "refused this machine's"),
        ("Version mismatch: The cluster was started with:\n  Ray: 2.50", "mismatch"),
    ],
)
def test_what_ray_says_in_many_sentences_is_said_in_one(
    said: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError(said)

    ray = SimpleNamespace(
        is_initialized=lambda: False,
        init=refuse,
        exceptions=SimpleNamespace(RayError=ConnectionError),
    )
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setattr(cluster_connection, "check_cluster", lambda _: None)
    monkeypatch.setattr(cluster_connection, "import_module", lambda _: ray)
    with pytest.raises(UnsuitableRequestError) as refusal:
        connect("10.0.0.1:6379")
    sentence = str(refusal.value)
    assert words in sentence
    assert "10.0.0.1:6379" in sentence
    assert "\n" not in sentence
