"""What a tracker shows of a whole trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEARCH_TRAINING = "search"


def curves(row: Mapping[str, float]) -> dict[str, float]:
    """Return the values of an epoch, without its number."""
    return {name: value for name, value in row.items() if name != "epoch"}


def scores_of(trial: Mapping[str, Any]) -> dict[str, float]:
    """Return the scores that a trial's record holds.

    `best_val_score` is that of the search's best epoch; curves end with the last one.
    """
    searched: Mapping[str, Any] = next(iter(trial["trainings"]), {})
    scores = {
        "best_val_score": searched.get("val_score"),
        "fold_score": trial.get("fold_score"),
        "test_score": trial.get("test_score"),
    }
    return {name: score for name, score in scores.items() if score is not None}


def epochs_of(trial: Mapping[str, Any]) -> int:
    """Return how many epochs a trial was trained in all, folds included."""
    trainings = (*trial["trainings"], *trial["folds"])
    return sum(int(training["epochs"]) for training in trainings)
