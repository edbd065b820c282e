"""Whatever a job does, the pool says so and goes on."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import pytest

from automl.training.errors import TrialFailedError, TrialSkippedError
from automl.workers.capacity import default_memory_limit, usual_workers
from automl.workers.messages import Asked, Broke, Ended, Event, Job, Said
from automl.workers.pool import WorkerPool

LONG = 120.0


def double(value: int, channel: Any) -> int:
    channel.send("working")
    return 2 * value


def ask(value: int, channel: Any) -> Any:
    return channel.ask(value)


def fail(error: Exception, channel: Any) -> None:
    raise error


def die(number: int, channel: Any) -> None:
    os.kill(os.getpid(), number)


def be_told(number: int, channel: Any) -> str:
    os.kill(os.getpid(), number)
    return "still here"


def leave(code: int, channel: Any) -> None:
    os._exit(code)


def hang(seconds: float, channel: Any) -> None:
    time.sleep(seconds)


def leak(size: int, channel: Any) -> None:
    held = bytearray(os.urandom(1)) * size
    time.sleep(LONG)
    del held


def temporary_file(_: None, channel: Any) -> str:
    return tempfile.NamedTemporaryFile(delete=False).name


def own_process(_: None, channel: Any) -> int:
    return os.getpid()


def until_stopped(_: None, channel: Any) -> str:
    while not channel.stop_requested():
        time.sleep(0.01)
    return "stopped"


def breathe(_: None, channel: Any) -> None:
    clock = MovedClock()
    with mock.patch("automl.workers.process.time", clock):
        while not channel.stop_requested():
            clock.ahead += LONG
            time.sleep(0.01)


def resident_bytes(_: None, channel: Any) -> int:
    return int(psutil.Process().memory_info().rss)


class MovedClock:
    """The time of a pool, or of a worker, which a test can move on.

    Attributes:
        ahead: Seconds by which it is ahead of the machine's.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[WorkerPool, MovedClock]]:
    """A pool of its own, and its clock."""
    clock = MovedClock()
    monkeypatch.setattr("automl.workers.pool.time", clock)
    limit = default_memory_limit(1)
    log = tmp_path / "log.txt"
    with closing(WorkerPool(1, threads=1, log_file=log, memory_limit=limit)) as pool:
        yield pool, clock


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerPool]:
    log = tmp_path_factory.mktemp("pool") / "log.txt"
    pool = WorkerPool(1, threads=1, log_file=log, memory_limit=default_memory_limit(1))
    yield pool
    pool.close()


def events_of(
    pool: WorkerPool, function: Any, argument: Any, limit: float = LONG
) -> list[Event]:
    pool.submit(0, Job(function, argument, limit))
    events: list[Event] = []
    while not any(isinstance(event, Ended | Broke) for event in events):
        events += pool.wait()
    assert pool.idle() == [0]
    return events


def test_a_job_talks_and_returns(pool: WorkerPool) -> None:
    assert events_of(pool, double, 21) == [Said(0, "working"), Ended(0, 42)]


def test_a_job_asks(pool: WorkerPool) -> None:
    pool.submit(0, Job(ask, "may I?", LONG))
    events: list[Event] = []
    while not events:
        events = pool.wait()
    assert events == [Asked(0, "may I?")]
    pool.answer(0, "yes")
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, "yes")]


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (die, signal.SIGKILL, "killed by signal 9"),
        (die, signal.SIGSEGV, "killed by signal 11"),
        (leave, 3, "exit code 3"),
        (fail, TrialFailedError("the loss became nan"), "the loss became nan"),
        (fail, MemoryError("no more"), "MemoryError: no more"),
        (fail, ValueError(), "ValueError: no message"),
    ],
)
def test_a_job_that_fails_is_reported_and_the_worker_serves_on(
    pool: WorkerPool, function: Any, argument: Any, reason: str
) -> None:
    (event,) = events_of(pool, function, argument)
    assert isinstance(event, Broke)
    assert reason in event.reason
    assert not event.skipped
    assert events_of(pool, double, 1)[-1] == Ended(0, 2)


def test_a_signal_to_the_whole_group_is_not_the_worker_s(pool: WorkerPool) -> None:
    assert events_of(pool, be_told, signal.SIGTERM) == [Ended(0, "still here")]


def test_there_are_no_more_workers_than_memory_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("automl.workers.capacity.usable_cores", lambda: 8)
    for gigabytes, workers in ((64, 8), (8, 4), (1, 1)):
        size = int(gigabytes * 1e9)
        monkeypatch.setattr("automl.workers.capacity.usable_memory", lambda n=size: n)
        assert usual_workers() == workers


def test_a_worker_is_replaced_after_so_many_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automl.workers.pool._RECYCLE_AFTER_JOBS", 2)
    limit = default_memory_limit(1)
    with closing(
        WorkerPool(1, threads=1, log_file=tmp_path / "log", memory_limit=limit)
    ) as pool:
        (first,), (second,), (third,) = (
            events_of(pool, own_process, None) for _ in range(3)
        )
    assert first == second != third


def test_a_refusal_is_no_failure(pool: WorkerPool) -> None:
    (event,) = events_of(pool, fail, TrialSkippedError("too large"))
    assert isinstance(event, Broke)
    assert (event.skipped, event.reason) == (True, "too large")


def test_a_job_that_hangs_is_killed_at_its_time_limit(pool: WorkerPool) -> None:
    (event,) = events_of(pool, hang, LONG, limit=0.5)
    assert isinstance(event, Broke)
    assert "time limit" in event.reason


def test_a_job_that_hangs_is_killed_when_it_was_silent_too_long(
    pool: WorkerPool,
) -> None:
    pool.submit(0, Job(hang, LONG, LONG, silence_limit_seconds=0.5))
    while not (events := pool.wait()):
        pass
    (event,) = events
    assert isinstance(event, Broke)
    assert "silent for" in event.reason
    assert not event.lost  # it is no use to try it again
    assert events_of(pool, double, 1)[-1] == Ended(0, 2)


def test_to_ask_whether_to_stop_is_a_sign_of_life(
    timed: tuple[WorkerPool, MovedClock],
) -> None:
    pool, clock = timed
    pool.submit(0, Job(breathe, None, 9 * LONG, silence_limit_seconds=LONG))
    for _ in range(2 * int(LONG)):
        clock.ahead += 1
        assert pool.wait() == []  # once it breathed, or after a second
    pool.request_stop(0, grace_seconds=LONG)
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, None)]


def test_nobody_is_silent_while_we_do_not_listen_or_answer(
    timed: tuple[WorkerPool, MovedClock],
) -> None:
    pool, clock = timed
    pool.submit(0, Job(ask, "may I?", 999 * LONG, silence_limit_seconds=LONG))
    while not pool.wait():
        pass
    for _ in range(2 * int(LONG)):  # it waits for our answer
        clock.ahead += 1
        assert pool.wait(0) == []
    pool.answer(0, "yes")
    clock.ahead += 10 * LONG  # as after Ctrl-Z
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, "yes")]


def test_a_job_that_leaks_is_killed_at_the_memory_limit(
    pool: WorkerPool, tmp_path: Path
) -> None:
    (usual,) = events_of(pool, resident_bytes, None)
    assert isinstance(usual, Ended)
    limit = usual.result + 300_000_000
    log = tmp_path / "log.txt"
    with closing(WorkerPool(1, threads=1, log_file=log, memory_limit=limit)) as small:
        assert events_of(small, hang, 1.0) == [Ended(0, None)]  # as long as it holds
        (event,) = events_of(small, leak, 1_000_000_000)
    assert isinstance(event, Broke)
    assert f"more than the {limit / 1e9:.1f} GB of a worker" in event.reason


def test_a_job_can_be_asked_to_stop(pool: WorkerPool) -> None:
    pool.submit(0, Job(until_stopped, None, LONG))
    pool.request_stop(0, grace_seconds=LONG)
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, "stopped")]
    assert events_of(pool, double, 1)[-1] == Ended(0, 2)


def test_a_job_that_does_not_stop_is_killed_after_the_grace(pool: WorkerPool) -> None:
    pool.submit(0, Job(hang, LONG, LONG))
    pool.request_stop(0, grace_seconds=0.2)
    while not (events := pool.wait()):
        pass
    assert isinstance(events[0], Broke)


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    pool = WorkerPool(
        2,
        threads=1,
        log_file=tmp_path / "log.txt",
        memory_limit=default_memory_limit(2),
    )
    for worker in pool.idle():
        pool.submit(worker, Job(own_process, None, LONG))
    pids: list[int] = []
    while pool.busy():
        pids += [event.result for event in pool.wait() if isinstance(event, Ended)]
    pool.submit(0, Job(hang, LONG, LONG))
    pool.close()
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_temporary_files_of_workers_go_with_the_pool(tmp_path: Path) -> None:
    memory_limit = default_memory_limit(1)
    pool = WorkerPool(
        1, threads=1, log_file=tmp_path / "log.txt", memory_limit=memory_limit
    )
    *_, ended = events_of(pool, temporary_file, None)
    assert isinstance(ended, Ended)
    file = Path(str(ended.result))
    assert file.is_file()
    pool.close()
    assert not file.parent.exists()
