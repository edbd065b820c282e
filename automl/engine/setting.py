"""What every phase of a search works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automl.engine.clock import Clock
from automl.engine.interrupt import Interrupt
from automl.engine.ledger import Ledger
from automl.engine.plan import Plan
from automl.metrics.answers import Answers
from automl.metrics.catalog import OBJECTIVES, objectives_of
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.training.assignment import SpaceRequest
from automl.workers.interface import Workers
from automl_datasets.preparation import PreparedData
from automl_reports.terminal import Progress


@dataclass(frozen=True)
class Setting:
    """A search under way.

    Attributes:
        run: Its folder.
        request: What was asked for.
        plan: How the budget is spent.
        data: The prepared data.
        space: The search space, with the plan's epochs.
        ledger: The trials.
        pool: The workers.
        clock: The time.
        progress: What the user sees.
        interrupt: Whether the user asked to stop.
        refresh_report: Writes how long the run has taken, and the page again; called
            about once a second, does neither so often.
    """

    run: RunDirectory
    request: SearchRequest
    plan: Plan
    data: PreparedData
    space: SpaceRequest
    ledger: Ledger
    pool: Workers
    clock: Clock
    progress: Progress
    interrupt: Interrupt
    refresh_report: Callable[[], None]

    @property
    def objective(self) -> str:
        """What is optimised, for example `val_accuracy`."""
        return self.request.objective or objectives_of(self.data.spec.task)[0]

    @property
    def direction(self) -> str:
        """Whether the objective is to be made large (`max`) or small (`min`)."""
        return OBJECTIVES[self.objective]

    @property
    def num_workers(self) -> int:
        """How many workers there are now."""
        return len(self.pool.idle()) + len(self.pool.busy())

    def rounds(self, trainings: int) -> int:
        """Return how many trainings one after another each worker has, at most."""
        return -(-trainings // self.num_workers)

    def answers(self, split: str) -> Answers:
        """Return the right answers of a split."""
        return Answers.of_splits(self.data.spec, self.data.split(split))
