"""A wall-clock limit for KerasTuner and AutoKeras, which have none, and what they did.

Used in the peers' own environments too: it imports Keras and nothing else.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import keras

#: Our command ends within its budget plus a tenth; the peers are given the same.
GRACE = 0.1


class DeadlineError(BaseException):
    """Leaves a search that is out of time.

    KerasTuner takes an `Exception` for a failed trial and goes on.
    """


class TimeLimit(keras.callbacks.Callback):
    """Ends training at a deadline, and every further training before it begins.

    The last trial is stopped in the middle of its epoch and validated as it is, so that
    it counts; only a validation that does not end within the grace is given up.

    Attributes:
        best: `(seconds, score)` whenever the best validation accuracy so far rose.
        step_seconds: Time in training and validation steps; the first step of every
            training, nearly all of which is tracing, is left out.
    """

    def __init__(self, started: float, budget: float) -> None:
        """Set the deadline.

        Args:
            started: `time.time()` when the contender was started.
            budget: Seconds it may take.
        """
        super().__init__()
        self.started = started
        self.budget = budget
        self.best: list[tuple[float, float]] = []
        self.step_seconds = 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> TimeLimit:
        """Return itself: KerasTuner copies callbacks, and this one is for all."""
        return self

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.time() - self.started

    def check(self) -> None:
        """Leave the search if it is out of time.

        A tuner is to call it before every trial: one that fails while its network is
        built never comes to its training.
        """
        if self.elapsed() >= self.budget:
            raise DeadlineError

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Refuse a training that would begin too late."""
        self.check()
        self._traced = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock of the steps."""
        self._since = time.time()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        """Stop at the deadline; leave the first step out of the time of steps."""
        if not self._traced:
            self._traced = True
            self._since = time.time()
        if self.elapsed() >= self.budget:
            self.model.stop_training = True

    def on_test_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        """Give up a validation that does not end."""
        if self.elapsed() >= (1 + GRACE) * self.budget:
            raise DeadlineError

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the time and the score."""
        self.step_seconds += time.time() - self._since
        score = float((logs or {}).get("val_accuracy", 0.0))
        if not self.best or score > self.best[-1][1]:
            self.best.append((self.elapsed(), score))


def peer_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every peer is started with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="prepared arrays")
    parser.add_argument("--budget", type=float, required=True, help="seconds")
    parser.add_argument("--started", type=float, required=True, help="time.time()")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return parser
