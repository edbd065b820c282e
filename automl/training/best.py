"""What a training keeps of its validations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from automl.training.checkpoint import BEST, save_arrays


@dataclass
class Best:
    """The best validation score so far, and the weights that reached it.

    A small split knows few different scores: of equals the one of smaller loss is
    better, not the one that came first. Where nothing is held out, the last wins.

    Attributes:
        score: The objective's value; `None` before the first validation.
        epoch: After which it was reached.
        loss: That of the validation samples.
        sign: 1 if more is better, else -1.
        last_wins: Whether later is better.
        weights: Those that reached it; none of a training that ended before.
    """

    score: float | None
    epoch: int | None
    loss: float | None
    sign: int
    last_wins: bool = False
    weights: list[np.ndarray] = field(default_factory=list)

    def offer(self, row: Mapping[str, float], objective: str) -> bool:
        """Take in an epoch, and return whether it is the best so far."""
        score, loss = row[objective], row["val_loss"]
        if self.score is not None and not self.last_wins:
            known = self.sign * self.score, -(self.loss or 0.0)
            if (self.sign * score, -loss) <= known:
                return False
        self.score, self.loss, self.epoch = score, loss, int(row["epoch"])
        return True

    def save(self, folder: Path) -> None:
        """Write the weights, if there are any."""
        if self.weights:
            save_arrays(folder / BEST, self.weights)
