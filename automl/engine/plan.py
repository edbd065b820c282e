"""From a budget and a measured speed to how long and how large trainings may be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from automl.training.calibration import Speed

# Without a budget: about this many training steps of samples, the same on any machine.
_DEFAULT_TRAINING_SAMPLES = 300_000
_EPOCH_CHOICES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 27, 33, 39, 45, 54, 60)
_FINAL_SHARE = 0.35
_FULL_TRAININGS = 5.0
_LARGEST_SHARE = 0.5
_EXPORT_SECONDS = 15.0
_STALLED_SECONDS = 6 * 3600.0
_LEAST_STALLED_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """How the budget is spent; decided once, and kept when a run is resumed.

    Attributes:
        max_epochs: Epochs of a full training.
        max_training_macs: Multiply-accumulates beyond which a full training would not
            fit; `None` without a budget.
        final_share: Share of the budget kept for the shortlist.
        export_seconds: Time kept for scoring, export and report.
        trial_seconds: Time after which a trial counts as stalled and is killed.
    """

    max_epochs: int
    max_training_macs: int | None = None
    final_share: float = _FINAL_SHARE
    export_seconds: float = _EXPORT_SECONDS
    trial_seconds: float = _STALLED_SECONDS

    def search_end(self, budget_seconds: float | None) -> float:
        """Return the second at which the search gives way to the shortlist."""
        if budget_seconds is None:
            return math.inf
        return (1 - self.final_share) * self.final_end(budget_seconds)

    def final_end(self, budget_seconds: float | None) -> float:
        """Return the second at which all training must have ended."""
        if budget_seconds is None:
            return math.inf
        return max(0.5 * budget_seconds, budget_seconds - self.export_seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        return cls(**values)


def plan_without_budget(num_train: int, epochs: int | None) -> Plan:
    """Return a plan that depends on the data alone, so that it repeats exactly."""
    wanted = _DEFAULT_TRAINING_SAMPLES / max(1, num_train)
    return Plan(max_epochs=epochs or _round_down(wanted))


def plan_for_budget(
    seconds: float,
    *,
    workers: int,
    num_train: int,
    num_scored: int,
    speeds: Sequence[Speed],
    epochs: int | None,
) -> Plan:
    """Return a plan for the time that is left.

    About five full trainings fit the search, and none takes more than half of its
    wall-clock time. Figures that rest on measured time are rounded coarsely, so that
    most repeats of a command decide the same.

    Args:
        seconds: Wall-clock time from now to the end of the command.
        workers: Worker processes.
        num_train: Training samples.
        num_scored: Validation and test samples.
        speeds: Measured speed of a cheap and of a dearer network, cheaper first.
        epochs: Epochs of a full training, where the user set them.
    """
    export_seconds = _EXPORT_SECONDS + 2 * num_scored * speeds[-1].seconds_per_sample
    plan = Plan(1, export_seconds=min(export_seconds, 0.4 * seconds))
    search_seconds = plan.search_end(seconds)
    training_seconds = search_seconds * workers / _FULL_TRAININGS
    if epochs is None:
        epochs = _affordable_epochs(training_seconds, num_train, speeds)
    largest = max(training_seconds, _LARGEST_SHARE * search_seconds)
    return Plan(
        max_epochs=epochs,
        max_training_macs=_largest_macs(largest / (epochs * num_train), speeds),
        export_seconds=plan.export_seconds,
        trial_seconds=max(_LEAST_STALLED_SECONDS, 3 * largest),
    )


def _affordable_epochs(seconds: float, num_train: int, speeds: Sequence[Speed]) -> int:
    """Return the epochs of a training that takes so long.

    As many as the dearest landmark can have; but not fewer than the data asks for, as
    long as the cheapest can have them: narrower networks make up for it.
    """
    cheapest, dearest = (
        seconds / (num_train * speed.seconds_per_sample)
        for speed in (speeds[0], speeds[-1])
    )
    wanted = _DEFAULT_TRAINING_SAMPLES / num_train
    return _round_down(max(dearest, min(wanted, cheapest)))


def _largest_macs(seconds_per_sample: float, speeds: Sequence[Speed]) -> int:
    """Return the MACs at which a sample takes that long, on the line through `speeds`.

    The cheapest landmark is always allowed: a search has to train something.
    """
    cheap, dear = speeds[0], speeds[-1]
    slope = dear.seconds_per_sample / dear.macs
    if dear.macs > cheap.macs:
        rise = dear.seconds_per_sample - cheap.seconds_per_sample
        slope = max(rise / (dear.macs - cheap.macs), 0.2 * slope)
    macs = dear.macs + (seconds_per_sample - dear.seconds_per_sample) / slope
    return int(2 ** (math.floor(2 * math.log2(max(macs, 2 * cheap.macs))) / 2))


def _round_down(epochs: float) -> int:
    return max((choice for choice in _EPOCH_CHOICES if choice <= epochs), default=1)
