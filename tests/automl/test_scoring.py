"""Trained models, scored: what predicts no numbers can't be."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.run.predictions import load_predictions, predictions_file
from automl.training import scoring
from automl.training.assignment import SpaceRequest
from automl.training.errors import TrialFailedError
from automl.training.scoring import ScoringRequest, score_model

RIGHT = np.full((4, 2), 0.5, np.float32)


def score(
    folder: Path, monkeypatch: pytest.MonkeyPatch, predictions: dict[str, np.ndarray]
) -> None:
    """Score a model that predicts so much on each split."""
    data = SimpleNamespace(split=lambda name: name)
    model = SimpleNamespace(predict=lambda split, verbose: predictions[split])
    monkeypatch.setattr(scoring, "open_prepared", lambda _: data)
    monkeypatch.setattr(scoring, "load_trained_model", lambda _: model)
    monkeypatch.setattr(scoring, "evaluation_inputs", lambda split: split)
    channel: Any = None
    score_model(ScoringRequest(folder, folder, SpaceRequest("auto", 1), {}), channel)


def test_both_splits_are_predicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(tmp_path, monkeypatch, {"val": RIGHT, "test": RIGHT[:3]})
    assert (load_predictions(tmp_path, "val") == RIGHT).all()
    assert len(load_predictions(tmp_path, "test")) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("split", ["val", "test"])
def test_predictions_that_are_no_numbers_are_refused(
    split: str, value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = RIGHT.copy()
    wrong[-1, 0] = value
    predictions = {"val": RIGHT, "test": RIGHT, split: wrong}
    with pytest.raises(TrialFailedError, match=f"on the {split} split became nan"):
        score(tmp_path, monkeypatch, predictions)
    assert not predictions_file(tmp_path, split).exists()
