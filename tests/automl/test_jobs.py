"""Jobs are run on whichever worker is idle; those of lost workers again."""

import pytest

from automl.engine.jobs import run_jobs
from automl.workers.messages import Broke, Ended, Event, Job, Said
from tests.automl.one_worker import OneWorker

LOST = Broke(0, "its machine left the cluster", lost=True)
BROKEN = Broke(0, "it ran out of memory")
DONE = Ended(0, None)


def outcomes(
    events: list[Event], *names: str, left_out: str = ""
) -> tuple[list[tuple[str, Ended | Broke]], list[str], list[str]]:
    """Return how the jobs went, in which order they were begun, and what was logged."""
    pool, logged = OneWorker(list(events)), list[str]()

    def job(name: str) -> Job | None:
        return None if name == left_out else Job(print, name, 1.0)

    jobs = {name: lambda name=name: job(name) for name in names}
    found = list(run_jobs(pool, jobs, logged.append))  # type: ignore[arg-type]
    assert pool.events == []
    return found, [given.argument for _, given in pool.submitted], logged


@pytest.mark.parametrize(
    ("events", "begun", "last"),
    [
        ([DONE, DONE], ["a", "b"], DONE),
        ([LOST, DONE, LOST, DONE], ["a", "b", "a", "a"], DONE),
        ([LOST, DONE, LOST, LOST], ["a", "b", "a", "a"], LOST),
        ([BROKEN, DONE], ["a", "b"], DONE),
    ],
)
def test_lost_jobs_are_tried_again_to_a_limit(
    events: list[Event], begun: list[str], last: Event
) -> None:
    found, order, logged = outcomes(events, "a", "b")
    assert order == begun
    assert {name for name, _ in found} == {"a", "b"}
    assert found[-1][1] == last
    assert len(logged) == sum(isinstance(event, Broke) for event in events)


def test_what_has_no_job_is_left_out() -> None:
    found, order, _ = outcomes([Said(0, "hello"), DONE], "a", "b", left_out="a")
    assert order == ["b"]
    assert found == [("b", DONE)]


def test_the_time_is_noted_while_jobs_run() -> None:
    noted: list[int] = []
    pool = OneWorker([Said(0, "hello"), Said(0, "still here"), DONE])
    jobs = {"a": lambda: Job(print, "a", 1.0)}
    assert list(run_jobs(pool, jobs, print, lambda: noted.append(1))) == [("a", DONE)]  # type: ignore[arg-type]
    assert len(noted) == 3
