"""For how long a network is to be trained once more, told from how it learned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, median

from automl.engine.setting import Setting
from automl.run.trial import Training, TrialRecord

#: A training that was best in this share of its schedule, and worse in the last by more
#: than chance, learned by heart meanwhile. A further one is twice as long as what was
#: best, the rates falling to the end: where nothing is held out nobody would see it,
#: and elsewhere the rates were still high when the weights were best. On MR with
#: networks of Kim (2014) that were best after 2 of 10 epochs, 4 epochs had .781 on
#: test, 10 had .748, and .769 the network that saw less.
_SHARE = 1 / 3

#: The best is the mean of this share of the validations in a row.
_BEST_SHARE = 1 / 10


def wanted_epochs(
    setting: Setting, record: TrialRecord, trainings: Sequence[Training]
) -> int:
    """Return the length of a further training, told from those that chose the trial.

    That of theirs; less where they learned by heart for most of their time.

    Args:
        setting: The search.
        record: The trial.
        trainings: Of equal schedule: one, or all folds.
    """
    planned = trainings[0].planned_epochs
    if any(training.epochs < training.planned_epochs for training in trainings):
        return planned  # of one that was cut short nobody knows the end
    best = median(training.best_epoch or planned for training in trainings)
    if best > _SHARE * planned or not _fell(setting, record, trainings):
        return planned
    return math.ceil(2 * best)


def _fell(setting: Setting, record: TrialRecord, trainings: Sequence[Training]) -> bool:
    """Whether scores fell from their best to the end by more than a standard error.

    Of folds the mean is looked at, epoch by epoch: each alone is best by luck.
    """
    held_out = setting.data.spec.num_val
    if len(trainings) > 1:
        held_out += setting.data.spec.num_train
    curve = _mean_curve(setting, record, trainings)
    best = max(_means(curve, math.ceil(_BEST_SHARE * len(curve))))
    end = _means(curve, math.ceil(_SHARE * len(curve)))[-1]
    error = standard_error(setting, best, held_out)
    return error is not None and best - end > error


def _mean_curve(
    setting: Setting, record: TrialRecord, trainings: Sequence[Training]
) -> list[float]:
    """Return the mean score of the trainings after each validation."""
    histories = [setting.ledger.history(record.trial, t.name) for t in trainings]
    scores = [[row[setting.objective] for row in rows] for rows in histories]
    curve = [mean(column) for column in zip(*scores, strict=False)]
    return curve or [trainings[0].val_score or 0.0]  # a history may be lost


def _means(curve: Sequence[float], width: int) -> list[float]:
    """Return the mean of each stretch of so many, the last one included."""
    return [mean(curve[i : i + width]) for i in range(len(curve) - width + 1)]


def standard_error(setting: Setting, score: float, count: int) -> float | None:
    """Return that of a share, such as an accuracy; of errors it is not known."""
    if setting.direction == "min":
        return None
    share = min(1.0, max(0.0, score))
    return math.sqrt(share * (1 - share) / max(1, count))
