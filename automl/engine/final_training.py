"""The shortlist, trained out, with more than one seed where the budget allows."""

from __future__ import annotations

from collections.abc import Sequence

from automl.engine.duration import fitting_epochs, refit_seconds
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.setting import Setting
from automl.engine.task_loop import Task, TaskLoop
from automl.engine.wanted_epochs import wanted_epochs
from automl.run.trial import COMPLETED, REFIT, Training, TrialRecord
from automl.seeds import derive_seed
from automl.training.checkpoint import checkpoint_file

#: Trainings of a finalist, the search's own included, and how many times as long as
#: that the others may be.
MOST_SEEDS = 3
LONGER_SEED = 2


def longest_epochs(setting: Setting, record: TrialRecord) -> int:
    """Return the most epochs that a further training of a trial may have."""
    planned = setting.plan.max_epochs
    if setting.request.epochs is not None:
        return planned
    search = next(t for t in record.trainings if t.name == SEARCH_TRAINING)
    wanted = wanted_epochs(setting, record, [search])
    return wanted if wanted < search.planned_epochs else LONGER_SEED * planned


class FinalTraining:
    """Trains finalists until each is trained out and the time for it is used."""

    def __init__(
        self,
        setting: Setting,
        finalists: Sequence[TrialRecord],
        *,
        goes_on_only: bool = False,
    ) -> None:
        """Name the finalists, the best first.

        Args:
            setting: The search.
            finalists: What to train.
            goes_on_only: Whether the search's own trainings are gone on with and that
                is all: no other seeds, and no refits after them.
        """
        self.setting = setting
        self.ledger = setting.ledger
        self.finalists = finalists
        self.end = setting.plan.final_end(setting.clock.budget_seconds)
        timed = setting.clock.budget_seconds is not None
        self._seeds = 1 if goes_on_only else MOST_SEEDS
        if setting.plan.refits and timed and not goes_on_only:
            self.end -= self._kept_for_refits()
        self._tried: set[tuple[str, str]] = set()

    def _kept_for_refits(self) -> float:
        """Return the time of the refits that follow: what they need, or their share.

        Where time is short, each round of refits has as long as what comes before.
        """
        left = self.end - self.setting.clock.elapsed()
        share = left * (1 - 1 / (1 + self.setting.plan.refit_rounds))
        epochs = max(longest_epochs(self.setting, f) for f in self.finalists)
        return min(share, refit_seconds(self.setting, self.finalists, epochs))

    def run(self) -> None:
        """Train; records and files hold what came of it."""
        TaskLoop(self.setting, self._next_task, self._keep, end=self.end).run()

    def _next_task(self) -> Task | None:
        for index in range(self._seeds):
            for record in self.finalists:
                task = self._task(record, index)
                if task is not None:
                    self._tried.add((record.trial, task.training.name))
                    return task
        return None

    def _task(self, record: TrialRecord, index: int) -> Task | None:
        """Return the task of a finalist, if it is left to do and there is time."""
        name = f"seed-{index}" if index else SEARCH_TRAINING
        known = {training.name: training for training in record.trainings}
        if (record.trial, name) in self._tried:
            return None
        if index == 0:
            return self._going_on(record, known[SEARCH_TRAINING])
        if name in known or (index > 1 and self.setting.clock.budget_seconds is None):
            return None
        epochs = self._epochs_of_seed(record, index)
        if not epochs:
            return None
        seed = derive_seed(self.setting.request.seed, record.trial, name)
        return Task(record, Training(name, seed, epochs))

    def _going_on(self, record: TrialRecord, training: Training) -> Task | None:
        """Return the search's own training, if the rest of it fits the time."""
        left = training.planned_epochs - training.epochs
        folder = self.setting.run.training(record.trial, training.name)
        if left <= 0 or not checkpoint_file(folder, training.epochs).exists():
            return None
        fits = fitting_epochs(self.setting, record, self.end) >= left
        return Task(record, training) if fits else None

    def _epochs_of_seed(self, record: TrialRecord, index: int) -> int:
        """Return the epochs of one more training that fit the time, or 0."""
        planned = self.setting.plan.max_epochs
        longest = longest_epochs(self.setting, record)
        if self.setting.clock.budget_seconds is None:
            return min(planned, longest)
        fitting = int(fitting_epochs(self.setting, record, self.end))
        if index > 1:  # further seeds are to be compared with the first one
            first = next((t for t in record.trainings if t.name == "seed-1"), None)
            return first.epochs if first and fitting >= first.epochs else 0
        if longest < planned:
            return longest if fitting >= longest else 0
        most = max(t.epochs for t in record.trainings if t.name != REFIT)
        worth_it = fitting >= planned or fitting > most
        return min(longest, fitting) if worth_it else 0

    def _keep(self, task: Task) -> None:
        if task.training not in task.record.trainings:
            task.record.trainings.append(task.training)
        self.ledger.close(task.record, COMPLETED)
