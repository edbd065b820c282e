"""Jobs that need nothing of the search but a worker each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from automl.engine.another_try import may_try_again
from automl.workers.interface import Workers
from automl.workers.messages import Broke, Ended, Job


def _nothing() -> None:
    """Do nothing meanwhile."""


def run_jobs(
    pool: Workers,
    jobs: Mapping[str, Callable[[], Job | None]],
    log: Callable[[str], None],
    meanwhile: Callable[[], None] = _nothing,
) -> Iterator[tuple[str, Ended | Broke]]:
    """Run jobs on all idle workers, and yield how each went as soon as it is known.

    A job whose worker was lost is tried again, to a limit.

    Args:
        pool: The workers, none of which has a job.
        jobs: By name, what makes the job when its turn comes; `None` leaves it out.
        log: Takes a line on everything that broke.
        meanwhile: Called about once a second while jobs run.
    """
    waiting = list(jobs)
    running: dict[int, str] = {}
    tries: Counter[str] = Counter()
    while waiting or running:
        meanwhile()
        for worker in pool.idle()[: len(waiting)]:
            name = waiting.pop(0)
            job = jobs[name]()
            if job is not None:
                running[worker] = name
                tries[name] += 1
                pool.submit(worker, job)
        for event in pool.wait() if running else ():
            if not isinstance(event, Ended | Broke):
                continue
            name = running.pop(event.worker)
            if isinstance(event, Broke):
                log(f"{name}: {event}")
                if may_try_again(event, tries[name]):
                    waiting.append(name)
                    continue
            yield name, event


def run_job(
    pool: Workers,
    name: str,
    job: Job,
    log: Callable[[str], None],
    meanwhile: Callable[[], None] = _nothing,
) -> Ended | Broke:
    """Return how one job went; see `run_jobs`."""
    ((_, event),) = run_jobs(pool, {name: lambda: job}, log, meanwhile)
    return event
