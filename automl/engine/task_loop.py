"""Further trainings of known trials, on whichever worker is idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from automl.engine.another_try import may_try_again, refuse_full_disk
from automl.engine.dispatch import submit_training
from automl.engine.setting import Setting
from automl.report_rows import trial_row
from automl.run.trial import Training, TrialRecord
from automl.training.assignment import EpochEnded, Fold, TrainingResult
from automl.workers.messages import Broke, Ended, Event, Said

STOP_GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Task:
    """One training of a trial; `training.epochs` above 0 means: go on with it.

    Attributes:
        record: The trial.
        training: The training, which learns how it went.
        fold: What is held out; the validation split by default.
        tries: How often it was begun; a worker that is lost is not its fault.
    """

    record: TrialRecord
    training: Training
    fold: Fold | None = None
    tries: int = 1


class TaskLoop:
    """Runs tasks until there are none, the time is up or the user asks to stop."""

    def __init__(
        self,
        setting: Setting,
        next_task: Callable[[], Task | None],
        keep: Callable[[Task], None],
        *,
        end: float,
    ) -> None:
        """Begin with nothing running.

        Args:
            setting: The search.
            next_task: Returns what to do next, or `None` if nothing is left.
            keep: Called with a task whose training has a score, to record it.
            end: Second of the run at which what still runs is stopped.
        """
        self.setting = setting
        self.end = end
        self._next_task = next_task
        self._keep = keep
        self._running: dict[int, Task] = {}
        self._again: list[Task] = []

    def run(self) -> None:
        """Run the tasks."""
        while not self._must_stop():
            for worker in self.setting.pool.idle():
                task = self._again.pop() if self._again else self._next_task()
                if task is None:
                    break
                self._submit(worker, task)
            if not self._running:
                break
            for event in self.setting.pool.wait():
                self._handle(event)
            self.setting.refresh_report()
        self._stop_running()

    def _must_stop(self) -> bool:
        late = self.setting.clock.elapsed() >= self.end
        return late or self.setting.interrupt.requested

    def _submit(self, worker: int, task: Task) -> None:
        record, training = task.record, task.training
        self._running[worker] = task
        record.begin_span(worker, self.setting.clock.elapsed())
        row = trial_row(record, self.setting.direction)
        self.setting.progress.trial_started(worker, row, training.planned_epochs)
        self.setting.ledger.begin(record, training.name)
        span = (training.epochs, training.planned_epochs)
        submit_training(
            self.setting, worker, record, training, span=span, fold=task.fold
        )

    def _handle(self, event: Event) -> None:
        task = self._running[event.worker]
        ledger, progress = self.setting.ledger, self.setting.progress
        match event:
            case Said(worker, EpochEnded() as epoch):
                ledger.add_epoch(task.record, task.training.name, epoch)
                progress.epoch_ended(
                    worker, task.record.trial, int(epoch.row["epoch"]), epoch.score
                )
            case Ended(worker, TrainingResult() as result):
                del self._running[worker]
                task.record.end_span(worker, self.setting.clock.elapsed())
                self._finish(task, result)
            case Broke(worker):
                del self._running[worker]
                task.record.end_span(worker, self.setting.clock.elapsed())
                self._break_off(task, event)

    def _break_off(self, task: Task, event: Broke) -> None:
        refuse_full_disk(event)
        name = f"{task.record.trial} {task.training.name}"
        self.setting.run.log(f"{name} {event}")
        if may_try_again(event, task.tries):
            self._again.append(replace(task, tries=task.tries + 1))
        else:
            self.setting.progress.message(f"{name}: {event.reason}")

    def _finish(self, task: Task, result: TrainingResult) -> None:
        if result.best_score is None:
            return  # stopped before its first epoch ended
        if result.stopped and (task.fold or self._is_begun_again(task)):
            return  # a fold counts whole or not at all
        self.setting.ledger.add_result(task.record, task.training, result)
        task.record.ended_seconds = self.setting.clock.elapsed()
        self._keep(task)
        row = trial_row(task.record, self.setting.direction)
        self.setting.progress.trial_ended(row)

    def _is_begun_again(self, task: Task) -> bool:
        """Whether a training that the user cut short starts anew on resume.

        One that went on with the search's own goes on again: its best weights may be
        those of an epoch that came since.
        """
        goes_on = task.training in task.record.trainings
        return self.setting.interrupt.requested and not goes_on

    def _stop_running(self) -> None:
        for worker in self._running:
            self.setting.pool.request_stop(worker, grace_seconds=STOP_GRACE_SECONDS)
        while self._running:
            for event in self.setting.pool.wait():
                self._handle(event)
