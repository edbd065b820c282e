"""The shortlist, trained out, with more than one seed where the budget allows."""

from __future__ import annotations

from dataclasses import dataclass

from automl.engine.dispatch import submit_training
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.setting import Setting
from automl.oracles._mended import derive_seed
from automl.reporting import trial_row
from automl.run.trial import COMPLETED, Training, TrialRecord
from automl.training.assignment import EpochEnded, TrainingResult
from automl.workers.messages import Asked, Broke, Ended, Event, Said

SHORTLIST_SIZE = 3
_MAX_SEEDS = 3
_LONGER_FACTOR = 2
_SAFETY = 1.15
_TRACING_SECONDS = 5.0
_STOP_GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class _Task:
    """One training of a finalist; `training.epochs` above 0 means: go on with it."""

    record: TrialRecord
    training: Training


class FinalTraining:
    """Trains finalists until each is trained out and the time for it is used."""

    def __init__(self, setting: Setting) -> None:
        """Choose the finalists by their validation scores."""
        self.setting = setting
        self.ledger = setting.ledger
        self.finalists = self.ledger.ranked()[:SHORTLIST_SIZE]
        self.end = setting.plan.final_end(setting.clock.budget_seconds)
        self._running: dict[int, _Task] = {}
        self._tried: set[tuple[str, str]] = set()
        for record in self.finalists:
            self._drop_unfinished(record)

    def run(self) -> list[TrialRecord]:
        """Train, and return the finalists, best first."""
        while not self._must_stop():
            for worker in self.setting.pool.idle():
                task = self._next_task()
                if task is None:
                    break
                self._submit(worker, task)
            if not self._running:
                break
            for event in self.setting.pool.wait():
                self._handle(event)
            self.setting.refresh_report()
        self._stop_running()
        return [r for r in self.ledger.ranked() if r in self.finalists]

    def _must_stop(self) -> bool:
        late = self.setting.clock.elapsed() >= self.end
        return late or self.setting.interrupt.requested

    def _drop_unfinished(self, record: TrialRecord) -> None:
        """Forget trainings that a crash cut short; they are begun again."""
        record.trainings = [t for t in record.trainings if t.val_score is not None]

    def _next_task(self) -> _Task | None:
        for index in range(_MAX_SEEDS):
            for record in self.finalists:
                task = self._task(record, index)
                if task is not None:
                    self._tried.add((record.trial, task.training.name))
                    return task
        return None

    def _task(self, record: TrialRecord, index: int) -> _Task | None:
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
        return _Task(record, Training(name, seed, epochs))

    def _going_on(self, record: TrialRecord, training: Training) -> _Task | None:
        """Return the search's own training, where a full one from scratch won't do."""
        if training.epochs >= training.planned_epochs:
            return None
        if self.setting.clock.budget_seconds is not None:
            return None  # a longer training from scratch follows at once
        return _Task(record, training)

    def _epochs_of_seed(self, record: TrialRecord, index: int) -> int:
        """Return the epochs of one more training that fit the time, or 0."""
        planned = self.setting.plan.max_epochs
        if self.setting.clock.budget_seconds is None:
            return planned
        fitting = self._fitting_epochs(record)
        if index > 1:  # further seeds are to be compared with the first one
            first = next((t for t in record.trainings if t.name == "seed-1"), None)
            return first.epochs if first and fitting >= first.epochs else 0
        longest = max(training.epochs for training in record.trainings)
        worth_it = fitting >= planned or fitting > longest
        return min(_LONGER_FACTOR * planned, fitting) if worth_it else 0

    def _fitting_epochs(self, record: TrialRecord) -> int:
        rows = self.ledger.history(record.trial, SEARCH_TRAINING)
        epoch_seconds = _SAFETY * min(row["seconds"] for row in rows)
        left = self.end - self.setting.clock.elapsed() - _TRACING_SECONDS
        return max(0, int(left / epoch_seconds))

    def _submit(self, worker: int, task: _Task) -> None:
        record, training = task.record, task.training
        self._running[worker] = task
        self.setting.progress.trial_started(
            worker,
            trial_row(record, self.setting.request.direction),
            training.planned_epochs,
        )
        span = (training.epochs, training.planned_epochs)
        submit_training(self.setting, worker, record, training, span=span)

    def _handle(self, event: Event) -> None:
        task = self._running[event.worker]
        match event:
            case Asked(worker, _):
                self.setting.pool.answer(worker, "")
            case Said(worker, EpochEnded() as epoch):
                self.ledger.add_epoch(task.record, task.training.name, epoch)
                self.setting.progress.epoch_ended(
                    worker, task.record.trial, int(epoch.row["epoch"]), epoch.score
                )
            case Ended(worker, TrainingResult() as result):
                del self._running[worker]
                self._finish(task, result)
            case Broke(worker, reason):
                del self._running[worker]
                self.setting.progress.message(
                    f"{task.record.trial} {task.training.name}: {reason}"
                )
                self.setting.run.log(
                    f"{task.record.trial} {task.training.name} {event}"
                )

    def _finish(self, task: _Task, result: TrainingResult) -> None:
        if result.best_score is None:
            return  # stopped before its first epoch ended
        record = task.record
        self.ledger.add_result(record, task.training, result)
        if task.training not in record.trainings:
            record.trainings.append(task.training)
        record.ended_seconds = self.setting.clock.elapsed()
        self.ledger.close(record, COMPLETED)
        self.setting.progress.trial_ended(
            trial_row(record, self.setting.request.direction)
        )

    def _stop_running(self) -> None:
        for worker in self._running:
            self.setting.pool.request_stop(worker, grace_seconds=_STOP_GRACE_SECONDS)
        while self._running:
            for event in self.setting.pool.wait():
                self._handle(event)
