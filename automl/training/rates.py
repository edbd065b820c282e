"""The learning rates of a schedule, told ahead."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


def rates_of(schedule: Any, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the learning rate of each of some steps, float32.

    Args:
        schedule: A schedule of Keras, or a number.
        steps: Numbers of the steps, from 0.
    """
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return np.full(len(steps), float(schedule), np.float32)
    if type(schedule) is keras.optimizers.schedules.CosineDecay:
        return _cosine(schedule, steps).astype(np.float32)
    if type(schedule) is keras.optimizers.schedules.PiecewiseConstantDecay:
        pieces = np.searchsorted(schedule.boundaries, steps)
        return np.array(schedule.values, np.float32)[pieces]
    return np.array([float(schedule(int(step))) for step in steps], np.float32)


def _cosine(schedule: Any, steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what Keras computes, step by step in a hundredfold of the time."""
    first, peak = schedule.initial_learning_rate, schedule.warmup_target
    rise = 0 if peak is None else schedule.warmup_steps
    peak = first if peak is None else peak
    fallen = np.clip((steps - rise) / schedule.decay_steps, 0.0, 1.0)
    share = (1.0 - schedule.alpha) * 0.5 * (1.0 + np.cos(np.pi * fallen))
    rising = first + (peak - first) * steps / max(1, rise)
    falling = peak * (share + schedule.alpha)
    return np.asarray(np.where(steps < rise, rising, falling), np.float64)
