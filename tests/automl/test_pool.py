"""Whatever a job does, the pool says so and goes on."""

import math
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from automl.training.errors import TrialFailedError, TrialSkippedError
from automl.workers.messages import Asked, Broke, Ended, Event, Job, Said
from automl.workers.pool import WorkerPool, default_memory_limit

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
    while not channel.stop_requested():
        channel._told_alive = -math.inf  # as if that had been long ago
        time.sleep(0.01)


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


def test_to_ask_whether_to_stop_is_a_sign_of_life(pool: WorkerPool) -> None:
    pool.submit(0, Job(breathe, None, LONG, silence_limit_seconds=LONG))
    pool._workers[0].silent_seconds = LONG / 2
    while pool._workers[0].silent_seconds >= LONG / 2:
        assert pool.wait() == []
    pool.request_stop(0, grace_seconds=LONG)
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, None)]


def test_nobody_is_silent_while_we_do_not_listen_or_answer(pool: WorkerPool) -> None:
    pool.submit(0, Job(ask, "may I?", LONG, silence_limit_seconds=LONG))
    while not pool.wait():
        pass
    pool._listened -= 10 * LONG  # as after Ctrl-Z
    assert pool.wait(0) == []
    assert pool._workers[0].silent_seconds == 0
    pool.answer(0, "yes")
    pool._listened -= 10 * LONG
    while not (events := pool.wait()):
        pass
    assert events == [Ended(0, "yes")]


def test_a_job_that_leaks_is_killed_at_the_memory_limit(tmp_path: Path) -> None:
    small = WorkerPool(
        1, threads=1, log_file=tmp_path / "log.txt", memory_limit=900_000_000
    )
    try:
        (event,) = events_of(small, leak, 1_000_000_000)
    finally:
        small.close()
    assert isinstance(event, Broke)
    assert "0.9 GB" in event.reason


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
    pool.submit(0, Job(hang, LONG, LONG))
    pids = [worker.process.pid for worker in pool._workers]
    pool.close()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)


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
