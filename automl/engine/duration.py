"""How long a further training of a known trial takes, told from its search."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.plan import TRACING_SECONDS
from automl.engine.setting import Setting
from automl.run.trial import TrialRecord

_SAFETY = 1.15
_SPARE_SECONDS = 1.0
_SCORING_SECONDS = 5.0  # of finalists, on all workers together


def training_seconds(
    setting: Setting, record: TrialRecord, epochs: int, *, samples: int | None = None
) -> float:
    """Return the time of a training of so many epochs, in seconds.

    Args:
        setting: The search.
        record: The trial.
        epochs: Epochs.
        samples: Samples of an epoch; those of the training split by default.
    """
    steps = epochs * _epoch_seconds(setting, record, samples)
    return steps + _overhead_seconds(setting, record)


def fitting_epochs(
    setting: Setting, record: TrialRecord, end: float, *, samples: int | None = None
) -> float:
    """Return the epochs that fit before a second of the run; infinite without an end.

    Args:
        setting: The search.
        record: The trial.
        end: Second of the run.
        samples: Samples of an epoch; those of the training split by default.
    """
    left = end - setting.clock.elapsed() - _overhead_seconds(setting, record)
    return max(0.0, left / _epoch_seconds(setting, record, samples))


def fold_seconds(setting: Setting, record: TrialRecord) -> float:
    """Return the time of a training that one fold is held out of."""
    spec, plan = setting.data.spec, setting.plan
    folds = plan.folds or 1
    samples = spec.num_train_and_val * (folds - 1) // folds
    return training_seconds(setting, record, plan.max_epochs, samples=samples)


def refit_seconds(
    setting: Setting, records: Iterable[TrialRecord], epochs: int
) -> float:
    """Return the most that scoring finalists and refitting the best of them takes.

    Args:
        setting: The search.
        records: Any of which may be the best, or a member of an ensemble.
        epochs: Epochs of the longest training that may be chosen.

    Returns:
        Seconds; 0 where the plan has no refits.
    """
    if not setting.plan.refits:
        return 0.0
    spec = setting.data.spec
    samples = spec.num_train_and_val
    seconds = (
        training_seconds(setting, record, epochs, samples=samples) for record in records
    )
    rounds = setting.plan.refit_rounds
    return _SCORING_SECONDS + rounds * max(seconds, default=0.0)


def _epoch_seconds(setting: Setting, record: TrialRecord, samples: int | None) -> float:
    """Return the time of an epoch of so many samples, by default the training split."""
    num_train = setting.data.spec.num_train
    rows = setting.ledger.history(record.trial, SEARCH_TRAINING)
    training = record.trainings[0]
    mean = training.seconds / max(1, training.epochs)  # a history may be lost
    # On a machine that others use too, the shortest says little of what is to come.
    measured = median(row["seconds"] for row in rows) if rows else mean
    return _SAFETY * measured * (samples or num_train) / num_train


def _overhead_seconds(setting: Setting, record: TrialRecord) -> float:
    """Return what a training takes beside its steps: tracing, for the most part.

    A worker that has traced a network needs not do so again. So it is the longest of
    any trial with that architecture; while there is none, of any trial at all.
    """
    trials = setting.ledger.records.values()
    alike = [trial for trial in trials if trial.architecture == record.architecture]
    longest = _longest_overhead(alike)
    if longest is None:
        known = _longest_overhead(trials)
        longest = min(TRACING_SECONDS, known or TRACING_SECONDS)
    return longest + _SPARE_SECONDS


def _longest_overhead(trials: Iterable[TrialRecord]) -> float | None:
    """Return the longest that one stretch of a search's training had; often `None`."""
    stretches = [t.longest_overhead_seconds for r in trials for t in r.trainings[:1]]
    return max(stretches, default=0.0) or None
