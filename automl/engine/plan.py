"""From a budget and a measured speed to how long and how large trainings may be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from automl.training.calibration import Speed
from automl_datasets.spec import DataSpec
from automl_search_spaces.pace import Pace, paced

# Without a budget: a training goes through so many samples, the same on any machine.
_DEFAULT_TRAINING_SAMPLES = 300_000
_USUAL_EPOCHS = 60
# Texts are learned by heart in a few: on TREC, with the networks of Kim (2014).
_USUAL_EPOCHS_OF_TEXT = 10
# What counts is steps, not epochs: where a data set is so small that the usual epochs
# make too few steps, there are more of them, to a limit. The limit is a choice: in a
# cross-validation of 67 and 100 series, 1440 and 1500 steps were within the noise as
# accurate as 360 and 600, and their loss was larger by a half and by a third.
_LEAST_STEPS = 800
_SMALLEST_BATCH, _USUAL_BATCH = 8, 64
_BATCHES_OF_SMALL_DATA = 8
_MOST_EPOCHS = 600
_EPOCH_CHOICES = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 27, 33, 39, 45, 54, 60),
    *(75, 90, 120, 150, 180, 240, 300, 400, 500, 600),
)
_FINAL_SHARE = 0.35
_FINAL_SHARE_WITH_REFIT = 0.45
_FINAL_SHARE_WITH_FOLDS = 0.6
_LARGEST_FINAL_SHARE = 0.7
_SMALL_DATA = 800
_REFITTED_DATA = 10_000
_USUAL_FOLDS = 5
_TRACING_SECONDS = 4.0

#: Folds that nobody asked for must leave trainings this share of their length.
_LEAST_SHARE_OF_EPOCHS = 0.6
_FULL_TRAININGS = 5.0
_LARGEST_SHARE = 0.5
_LEAST_ROOM = 1.5
_EXPORT_SECONDS = 15.0  # with the usual formats, explanations and report
_FORMAT_SECONDS = 8.0  # conversion and proof of a further one
_USUAL_FORMATS = 2
_MEMBER_SECONDS = 6.0  # a member of an ensemble: scored, traced, exported, proved
_SHARE_OF_A_ROUND = 0.05

SHORTLIST_SIZE = 3

#: Most that are cross-validated in time to spare, of which the best are the shortlist:
#: the few validation samples of small data rank hardly better than chance.
MOST_CROSS_VALIDATED = 8

#: Trainings of a finalist where there are no folds, the search's own included, and how
#: many times as long as that the others may be.
MOST_SEEDS = 3
LONGER_SEED = 2

_LEAST_STALLED_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """How the budget is spent; decided once, and kept when a run is resumed.

    Attributes:
        max_epochs: Epochs of a full training.
        max_training_macs: Multiply-accumulates beyond which a full training hardly
            fits, to which the ranges are narrowed; `None` without a budget, and where
            they tell nothing of the time.
        max_sample_seconds: Time of a training step, divided by its samples, beyond
            which a full training would not fit; `None` without a budget.
        pace: How fast the machine is; `None` where that was not measured.
        folds: Folds that the best are cross-validated with; `None` for none.
        refits: Whether the winner is trained again with the validation samples.
        refit_rounds: Trainings one after another that this takes: several where there
            are fewer workers than the winner and the members of an ensemble.
        final_share: Share of the budget kept for what follows the search, at most.
        export_seconds: Time kept for scoring, export and report.
        trial_seconds: Time after which a training counts as stalled and is killed;
            infinite without a budget, for which nothing has to be ready in time.
    """

    max_epochs: int
    max_training_macs: int | None = None
    max_sample_seconds: float | None = None
    pace: Pace | None = None
    folds: int | None = None
    refits: bool = False
    refit_rounds: int = 1
    final_share: float = _FINAL_SHARE
    export_seconds: float = _EXPORT_SECONDS
    trial_seconds: float = math.inf

    @property
    def for_budget(self) -> bool:
        """Whether it was made for a budget."""
        return self.max_sample_seconds is not None

    @property
    def cross_validates(self) -> bool:
        """Whether finalists are compared by folds."""
        return self.folds is not None and self.folds > 1

    def search_end(self, budget_seconds: float | None, since: float = 0.0) -> float:
        """Return the second at which the search gives way to the shortlist.

        Args:
            budget_seconds: Time for everything, earlier sessions included.
            since: Second from which the budget, or a further one, is shared out.
        """
        if budget_seconds is None:
            return math.inf
        end = self.final_end(budget_seconds)
        return end - self.final_share * (end - since)

    def final_end(self, budget_seconds: float | None) -> float:
        """Return the second at which all training must have ended."""
        if budget_seconds is None:
            return math.inf
        return max(0.5 * budget_seconds, budget_seconds - self.export_seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON values, of which none is infinite."""
        return {name: v for name, v in asdict(self).items() if v != math.inf}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        pace = values.get("pace")
        return cls(**{**values, "pace": None if pace is None else Pace(**pace)})


def plan_without_budget(
    spec: DataSpec, epochs: int | None, folds: int | None = None
) -> Plan:
    """Return a plan that depends on the data alone, so that it repeats exactly."""
    max_epochs = epochs or _round_down(_wanted_epochs(spec))
    return Plan(max_epochs, folds=folds, refits=(folds or 1) > 1)


def usual_folds(spec: DataSpec, most: int | None = None) -> int | None:
    """Return the folds that data asks for: none, unless it is small.

    The validation split of a small data set holds a few dozen samples at most, which
    can't tell good networks apart, and are missed in training.

    Args:
        spec: The data.
        most: Folds that it can be cut into; `None` for as many as it has samples.
    """
    rarest = min(spec.class_counts, default=spec.num_train)
    small = spec.num_train + spec.num_val < _SMALL_DATA
    enough = rarest if most is None else min(rarest, most)
    return _USUAL_FOLDS if small and enough >= _USUAL_FOLDS else None


def _usual_epochs(spec: DataSpec) -> int:
    return _USUAL_EPOCHS_OF_TEXT if spec.kind == "text" else _USUAL_EPOCHS


def _wanted_epochs(spec: DataSpec) -> float:
    """Return the epochs that a data set of its kind and size asks for."""
    num_train = spec.num_train
    usual = min(_usual_epochs(spec), _DEFAULT_TRAINING_SAMPLES / max(1, num_train))
    batch = max(_SMALLEST_BATCH, num_train // _BATCHES_OF_SMALL_DATA)
    enough = _LEAST_STEPS * min(batch, _USUAL_BATCH) / max(1, num_train)
    return max(usual, min(_MOST_EPOCHS, enough))


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
    refits = folds is not None or spec.num_train + spec.num_val < _REFITTED_DATA
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
        epochs = _affordable_epochs(training_seconds, spec, speeds)
    sample_seconds = largest / (epochs * spec.num_train)
    return replace(
        plan,
        max_epochs=epochs,
        max_training_macs=_largest_macs(sample_seconds, speeds),
        max_sample_seconds=_dearest_sample(sample_seconds, speeds),
        pace=pace_of(speeds),
        trial_seconds=max(_LEAST_STALLED_SECONDS, 3 * largest),
    )


def _training_seconds(plan: Plan, seconds: float, workers: int) -> tuple[float, float]:
    """Return the time of a usual full training, and that of the longest allowed."""
    search_seconds = plan.search_end(seconds)
    final_seconds = plan.final_end(seconds) - search_seconds
    rounds = max(1.0, SHORTLIST_SIZE * (plan.folds or 0) / workers)
    # Refits come after the folds, or after the shortlist is trained out.
    slot = final_seconds / (rounds + (plan.refit_rounds if plan.refits else 0))
    fitting = max(slot - _TRACING_SECONDS, slot / 4)
    largest = min(_LARGEST_SHARE * search_seconds, fitting)
    usual = min(search_seconds * workers / _FULL_TRAININGS, largest)
    return usual, usual if plan.folds is not None else largest


def _handover_seconds(num_formats: int, ensemble: int) -> float:
    """Return what exports, their proofs and the report take."""
    further = max(0, num_formats - _USUAL_FORMATS)
    return _EXPORT_SECONDS + _FORMAT_SECONDS * further + _MEMBER_SECONDS * ensemble


def _final_share(folds: int | None, refits: bool, rounds: int) -> float:
    """Return the share of the budget that is kept for the shortlist."""
    if not refits:
        return _FINAL_SHARE
    share = _FINAL_SHARE_WITH_FOLDS if folds is not None else _FINAL_SHARE_WITH_REFIT
    return min(_LARGEST_FINAL_SHARE, share + (rounds - 1) * _SHARE_OF_A_ROUND)


def _affordable_epochs(seconds: float, spec: DataSpec, speeds: Sequence[Speed]) -> int:
    """Return the epochs of a training that takes so long.

    As many as the dearest landmark can have, up to the usual or to what the data asks
    for; but not fewer than the data asks for, as long as the cheapest can have them:
    narrower networks make up for it.
    """
    cheapest, dearest = (
        seconds / (spec.num_train * speed.seconds_per_sample)
        for speed in (speeds[0], speeds[-1])
    )
    wanted = _wanted_epochs(spec)
    most = max(wanted, _usual_epochs(spec))
    return _round_down(min(most, max(dearest, min(wanted, cheapest))))


def pace_of(speeds: Sequence[Speed]) -> Pace | None:
    """Return the pace of the machine that trained and predicted at these speeds."""
    steps = [(s.work, s.step_seconds) for s in speeds if s.work is not None]
    if not steps:
        return None
    predictions = [
        (s.prediction_work, s.latency_seconds)
        for s in speeds
        if s.latency_seconds is not None
    ]
    return paced(steps, predictions)


def _dearest_sample(seconds: float, speeds: Sequence[Speed]) -> float:
    """Return the time a sample may take: the cheapest landmark is always allowed.

    Two figures are kept, so that most repeats of a command decide the same.
    """
    pace = pace_of(speeds)
    cheapest = min(_sample_seconds(speed, pace) for speed in speeds)
    return float(f"{max(seconds, _LEAST_ROOM * cheapest):.1e}")


def _sample_seconds(speed: Speed, pace: Pace | None) -> float:
    """Return the time of a sample: measured, or predicted where that is longer.

    Limits are held against predictions. On a busy machine these can be far from what
    was measured, even for the measured network.
    """
    if pace is None or speed.work is None:
        return speed.seconds_per_sample
    predicted = pace.step_seconds(speed.work) / speed.batch_size
    return max(speed.seconds_per_sample, predicted)


def _largest_macs(seconds_per_sample: float, speeds: Sequence[Speed]) -> int | None:
    """Return the MACs at which a sample takes that long, on the line through `speeds`.

    The cheapest landmark is always allowed: a search has to train something. A network
    of a user's own may have no layer whose MACs are known: then there is no line.
    """
    cheap, dear = speeds[0], speeds[-1]
    if not cheap.macs:
        return None
    slope = dear.seconds_per_sample / dear.macs
    if dear.macs > cheap.macs:
        rise = dear.seconds_per_sample - cheap.seconds_per_sample
        slope = max(rise / (dear.macs - cheap.macs), 0.2 * slope)
    macs = dear.macs + (seconds_per_sample - dear.seconds_per_sample) / slope
    return int(2 ** (math.floor(2 * math.log2(max(macs, 2 * cheap.macs))) / 2))


def _round_down(epochs: float) -> int:
    return max((choice for choice in _EPOCH_CHOICES if choice <= epochs), default=1)
