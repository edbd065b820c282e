"""From the measured speed of two networks to limits for all others."""

from __future__ import annotations

import math
from collections.abc import Sequence

from automl.training.calibration import Speed
from automl_search_spaces.pace import Pace, paced

_LEAST_ROOM = 1.5


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


def dearest_sample(seconds: float, speeds: Sequence[Speed]) -> float:
    """Return the time a sample may take: the cheapest landmark is always allowed.

    Two figures are kept, so that most repeats of a command decide the same.
    """
    pace = pace_of(speeds)
    cheapest = min(_sample_seconds(speed, pace) for speed in speeds)
    return float(f"{max(seconds, _LEAST_ROOM * cheapest):.1e}")


def largest_macs(seconds_per_sample: float, speeds: Sequence[Speed]) -> int | None:
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


def _sample_seconds(speed: Speed, pace: Pace | None) -> float:
    """Return the time of a sample: measured, or predicted where that is longer.

    Limits are held against predictions. On a busy machine these can be far from what
    was measured, even for the measured network.
    """
    if pace is None or speed.work is None:
        return speed.seconds_per_sample
    predicted = pace.step_seconds(speed.work) / speed.batch_size
    return max(speed.seconds_per_sample, predicted)
