"""From a budget and a measured speed to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from automl.engine.epochs import affordable_epochs, usual_epochs
from automl.engine.plan import (
    EXPORT_SECONDS,
    FINAL_SHARE,
    SHORTLIST_SIZE,
    TRACING_SECONDS,
    Plan,
)
from automl.engine.speeds import dearest_sample, largest_macs, pace_of
from automl.training.calibration import Speed
from automl_datasets.spec import DataSpec

_FINAL_SHARE_WITH_REFIT = 0.45
_FINAL_SHARE_WITH_FOLDS = 0.6
_LARGEST_FINAL_SHARE = 0.7
_SHARE_OF_A_ROUND = 0.05
_SMALL_DATA = 800
_REFITTED_DATA = 10_000
_USUAL_FOLDS = 5
# Folds that nobody asked for must leave trainings this share of their length.
_LEAST_SHARE_OF_EPOCHS = 0.6
_FULL_TRAININGS = 5.0
_LARGEST_SHARE = 0.5
_FORMAT_SECONDS = 8.0  # conversion and proof of a further one
_USUAL_FORMATS = 2
_MEMBER_SECONDS = 6.0  # a member of an ensemble: scored, traced, exported, proved


def plan_without_budget(
    spec: DataSpec, epochs: int | None, folds: int | None = None
) -> Plan:
    """Return a plan that depends on the data alone, so that it repeats exactly."""
    max_epochs = epochs or usual_epochs(spec)
    return Plan(max_epochs, folds=folds, refits=(folds or 1) > 1)


def plan_for_data(
    seconds: float,
    *,
    folds: int | None,
    spec: DataSpec,
    most_folds: int | None = None,
    **options: Any,
) -> Plan:
    """Return `plan_for_budget` with the folds asked for, or those that suit the data.

    Small data is cross-validated unasked, unless that would cut its trainings short.

    Args:
        seconds: As `plan_for_budget` takes it.
        folds: Folds asked for, 1 for none; `None` lets data and budget decide.
        spec: The data.
        most_folds: As `usual_folds` takes it.
        **options: As `plan_for_budget` takes them.
    """
    if folds is not None:
        asked = folds if folds > 1 else None
        return plan_for_budget(seconds, spec=spec, folds=asked, **options)
    plain = plan_for_budget(seconds, spec=spec, **options)
    usual = usual_folds(spec, most_folds)
    if usual is None:
        return plain
    folded = plan_for_budget(seconds, spec=spec, folds=usual, **options)
    enough = folded.max_epochs >= _LEAST_SHARE_OF_EPOCHS * plain.max_epochs
    return folded if enough else plain


def plan_for_budget(
    seconds: float,
    *,
    workers: int,
    spec: DataSpec,
    speeds: Sequence[Speed],
    epochs: int | None = None,
    folds: int | None = None,
    num_formats: int = _USUAL_FORMATS,
    ensemble: int = 0,
) -> Plan:
    """Return a plan for the time that is left.

    About five full trainings fit the search, and none takes more than half of its
    wall-clock time, nor more than is left for each of those that follow the search: of
    the shortlist, with folds all of them, and of the winner on all samples. Figures
    that rest on measured time are rounded coarsely, so that most repeats of a command
    decide the same.

    Args:
        seconds: Wall-clock time from now to the end of the command.
        workers: Worker processes.
        spec: The data.
        speeds: Measured speed of a cheap and of a dearer network, cheaper first.
        epochs: Epochs of a full training, where the user set them.
        folds: Folds of the cross-validation, if there is one.
        num_formats: Formats of the export.
        ensemble: Most models to average, 0 for none.
    """
    scoring = 2 * (spec.num_val + spec.num_test) * speeds[-1].seconds_per_sample
    export_seconds = scoring + _handover_seconds(num_formats, ensemble)
    refits = folds is not None or spec.num_train_and_val < _REFITTED_DATA
    rounds = -(-(ensemble + 1) // workers)  # the winner may be no member
    plan = Plan(
        max_epochs=1,
        folds=folds,
        refits=refits,
        refit_rounds=rounds,
        final_share=_final_share(folds, refits, rounds),
        export_seconds=min(export_seconds, 0.4 * seconds),
    )
    training_seconds, largest = _training_seconds(plan, seconds, workers)
    if epochs is None:
        epochs = affordable_epochs(training_seconds, spec, speeds)
    sample_seconds = largest / (epochs * spec.num_train)
    return replace(
        plan,
        max_epochs=epochs,
        max_training_macs=largest_macs(sample_seconds, speeds),
        max_sample_seconds=dearest_sample(sample_seconds, speeds),
        pace=pace_of(speeds),
    )


def usual_folds(spec: DataSpec, most: int | None = None) -> int | None:
    """Return the folds that data asks for: none, unless it is small.

    The validation split of a small data set holds a few dozen samples at most, which
    can't tell good networks apart, and are missed in training.

    Args:
        spec: The data.
        most: Folds that it can be cut into; `None` for as many as it has samples.
    """
    rarest = min(spec.class_counts, default=spec.num_train)
    small = spec.num_train_and_val < _SMALL_DATA
    enough = rarest if most is None else min(rarest, most)
    return _USUAL_FOLDS if small and enough >= _USUAL_FOLDS else None


def _training_seconds(plan: Plan, seconds: float, workers: int) -> tuple[float, float]:
    """Return the time of a usual full training, and that of the longest allowed."""
    search_seconds = plan.search_end(seconds)
    final_seconds = plan.final_end(seconds) - search_seconds
    rounds = max(1.0, SHORTLIST_SIZE * (plan.folds or 0) / workers)
    # Refits come after the folds, or after the shortlist is trained out.
    slot = final_seconds / (rounds + (plan.refit_rounds if plan.refits else 0))
    fitting = max(slot - TRACING_SECONDS, slot / 4)
    largest = min(_LARGEST_SHARE * search_seconds, fitting)
    usual = min(search_seconds * workers / _FULL_TRAININGS, largest)
    return usual, usual if plan.folds is not None else largest


def _handover_seconds(num_formats: int, ensemble: int) -> float:
    """Return what exports, their proofs and the report take."""
    further = max(0, num_formats - _USUAL_FORMATS)
    return EXPORT_SECONDS + _FORMAT_SECONDS * further + _MEMBER_SECONDS * ensemble


def _final_share(folds: int | None, refits: bool, rounds: int) -> float:
    """Return the share of the budget that is kept for the shortlist."""
    if not refits:
        return FINAL_SHARE
    share = _FINAL_SHARE_WITH_FOLDS if folds is not None else _FINAL_SHARE_WITH_REFIT
    return min(_LARGEST_FINAL_SHARE, share + (rounds - 1) * _SHARE_OF_A_ROUND)
