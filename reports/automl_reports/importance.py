"""What the hyperparameters tell of the score, as a plain record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Importance:
    """How much each hyperparameter tells of the score, or why that is unknown.

    Attributes:
        num_trials: Trials it was learned from.
        r2: Share of the variance of held-out ranks that the surrogate explains.
        noise: The largest drop of a shuffled copy: what is below is no evidence.
        drops: Name, drop in R2 when shuffled, and its standard deviation; the largest
            first.
        epochs: Epochs after which the scores were taken; `None` for each trial's best.
        hidden: Why there is nothing to show; empty where there is.
    """

    num_trials: int
    r2: float | None = None
    noise: float = 0.0
    drops: tuple[tuple[str, float, float], ...] = ()
    epochs: int | None = None
    hidden: str = ""
