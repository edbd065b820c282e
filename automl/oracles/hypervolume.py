"""By how much a candidate is expected to enlarge what a front covers."""

from __future__ import annotations

import numpy as np

_NUM_DRAWS = 128


def expected_hypervolume_improvement(
    mean: np.ndarray,
    deviation: np.ndarray,
    *,
    front: np.ndarray,
    reference: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the expected gain of each candidate, up to a constant factor.

    The volume that points cover is the mean, over random directions, of how far they
    reach from the reference in that direction, to the power of the dimension. Each
    draw takes one direction and one outcome of every candidate.

    Args:
        mean: Expected merits of the candidates, float64 `(candidates, objectives)`,
            larger is better.
        deviation: Their standard deviations, of the same shape.
        front: What is reached already, `(points, objectives)`.
        reference: Merits that are worth nothing, `(objectives,)`.
        generator: Source of every draw.

    Source:
        Zhang & Golovin (2020), Random Hypervolume Scalarizations for Provable
        Multi-Objective Black Box Optimization, ICML, arXiv:2006.04655.
    """
    objectives = len(reference)
    directions = np.abs(generator.standard_normal((_NUM_DRAWS, objectives)))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    noise = generator.standard_normal((_NUM_DRAWS, objectives))
    outcomes = mean[:, None, :] + deviation[:, None, :] * noise
    reached = _reach(front[:, None, :] - reference, directions).max(axis=0, initial=0.0)
    gains = _reach(outcomes - reference, directions) - reached
    return np.asarray(np.maximum(gains, 0.0).mean(axis=1))


def _reach(merits: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return `(points, draws)` for merits above the reference, `(points, ?, m)`."""
    least = (merits / directions).min(axis=2)
    return np.asarray(np.maximum(least, 0.0) ** directions.shape[1])
