"""The winner, trained once more on training and validation samples together.

Small data can't spare its validation samples. Once they have chosen the winner they are
learned from too; the test split stays untouched, and its score is that of this model.
"""

from __future__ import annotations

from functools import partial

from automl.engine.duration import fitting_epochs
from automl.engine.setting import Setting
from automl.engine.task_loop import Task, TaskLoop
from automl.oracles._mended import derive_seed
from automl.run.trial import COMPLETED, REFIT, Training, TrialRecord
from automl.training.assignment import Fold

#: A refit is at least this long, measured by the training that was chosen.
_LEAST_SHARE = 0.8


def refit(setting: Setting, record: TrialRecord) -> None:
    """Train on everything but the test split, to the end of the schedule.

    Nothing is held out, so the validation score stays the one that chose the winner.
    The training is kept only if it does as well on the validation samples, which it
    has seen: that tells a training that went wrong, and says nothing more.

    Args:
        setting: The search; nothing is done where the time left does not allow it.
        record: The winner.
    """
    chosen = record.best_training(setting.direction)
    if chosen is None or chosen.name == REFIT:
        return
    end = setting.plan.final_end(setting.clock.budget_seconds)
    samples = setting.data.spec.num_train + setting.data.spec.num_val
    fitting = fitting_epochs(setting, record, end, samples=samples)
    epochs = int(min(chosen.planned_epochs, fitting))
    if epochs < _LEAST_SHARE * chosen.epochs:
        return
    seed = derive_seed(setting.request.seed, record.trial, REFIT)
    everything = Fold(None, setting.plan.folds or 1, setting.request.seed)
    waiting = [Task(record, Training(REFIT, seed, epochs), everything)]
    TaskLoop(
        setting,
        lambda: waiting.pop() if waiting else None,
        partial(_keep, setting, chosen),
        end=end,
    ).run()


def _keep(setting: Setting, chosen: Training, task: Task) -> None:
    sign = 1 if setting.direction == "max" else -1
    known, seen = chosen.val_score, task.training.val_score
    if known is None or seen is None or sign * seen < sign * known:
        setting.run.log(f"refit of {task.record.trial} dropped: {seen} after {known}")
        return
    task.training.val_score = task.record.val_score(setting.direction)
    task.training.val_loss = chosen.val_loss
    task.record.trainings.append(task.training)
    setting.ledger.close(task.record, COMPLETED)
