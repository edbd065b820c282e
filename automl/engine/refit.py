"""The winner, trained once more on training and validation samples together.

Small data can't spare its validation samples. Once they have chosen the winner they are
learned from too; the test split stays untouched, and its score is that of this model.
The members of an ensemble are trained again likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from automl.engine.duration import fitting_epochs
from automl.engine.setting import Setting
from automl.engine.task_loop import Task, TaskLoop
from automl.engine.wanted_epochs import standard_error, wanted_epochs
from automl.run.trial import COMPLETED, REFIT, Training, TrialRecord
from automl.seeds import derive_seed
from automl.training.assignment import Fold

#: A refit has at least this share of the steps that are wanted of it.
_LEAST_SHARE = 0.8


def refit(setting: Setting, records: Sequence[TrialRecord]) -> None:
    """Train on everything but the test split.

    To the end of a schedule as long as that of the training that was chosen, or of a
    shorter one where that training learned by heart for most of its time. Nothing is
    held out, so the validation score stays the one that chose the model. The training
    is kept only if it does as well on the validation samples, which it has seen, but
    for chance: that tells a training that went wrong, and says nothing more.

    Args:
        setting: The search; nothing is done where the time left does not allow it.
        records: The winner first, then the other members of an ensemble, if any.
    """
    end = setting.plan.final_end(setting.clock.budget_seconds)
    slots = _slots(setting, end, len(records))
    waiting = [
        (record, slot_end)
        for record, slot_end in zip(records, slots, strict=True)
        if all(training.name != REFIT for training in record.trainings)
    ]
    following = partial(_next_task, setting, waiting)
    TaskLoop(setting, following, partial(_keep, setting), end=end).run()


def _slots(setting: Setting, end: float, count: int) -> list[float]:
    """Return the second at which each of so many trainings has to have ended."""
    workers, rounds = setting.num_workers, setting.rounds(count)
    now = setting.clock.elapsed()
    if setting.clock.budget_seconds is None:
        return [end] * count
    return [now + (end - now) * (i // workers + 1) / rounds for i in range(count)]


def _next_task(
    setting: Setting, waiting: list[tuple[TrialRecord, float]]
) -> Task | None:
    """Return the next training that fits the time, if there is one."""
    while waiting:
        record, end = waiting.pop(0)
        chosen = record.validated_training(setting.direction)
        samples = setting.data.spec.num_train_and_val
        fitting = fitting_epochs(setting, record, end, samples=samples)
        if chosen is None:
            continue
        trainings = _chosen_trainings(record, chosen)
        wanted = wanted_epochs(setting, record, trainings)
        epochs = int(min(wanted, fitting))
        longer = samples / setting.data.spec.num_train
        if epochs * longer >= _LEAST_SHARE * min(wanted, trainings[0].epochs):
            seed = derive_seed(setting.request.seed, record.trial, REFIT)
            everything = Fold(None, setting.plan.folds or 1, setting.request.seed)
            return Task(record, Training(REFIT, seed, epochs), everything)
    return None


def _chosen_trainings(record: TrialRecord, chosen: Training) -> Sequence[Training]:
    """Return the trainings that chose the trial: all its folds, or the best one."""
    return record.folds if record.cross_validated else [chosen]


def _keep(setting: Setting, task: Task) -> None:
    sign = 1 if setting.direction == "max" else -1
    chosen = task.record.validated_training(setting.direction)
    known = chosen.val_score if chosen else None
    seen = task.training.val_score
    if chosen is None or known is None or seen is None:
        return
    chance = standard_error(setting, known, setting.data.spec.num_val) or 0.0
    if sign * seen < sign * known - chance:
        setting.run.log(f"refit of {task.record.trial} dropped: {seen} after {known}")
        return
    task.training.val_score = task.record.val_score(setting.direction)
    task.training.val_loss = chosen.val_loss
    task.record.trainings.append(task.training)
    setting.ledger.close(task.record, COMPLETED)
