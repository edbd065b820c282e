"""Predictions and scores of a trained model on a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.run.predictions import save_predictions
from automl.training.assignment import SpaceRequest
from automl.training.checkpoint import BEST, load_arrays
from automl.training.errors import TrialFailedError
from automl.training.pipeline import evaluation_inputs
from automl.training.spaces import build_model, load_space
from automl.training.trial import Channel
from automl_datasets.preparation import open_prepared


@dataclass(frozen=True)
class ScoringRequest:
    """Which trained model to score.

    Attributes:
        folder: Where its best weights lie; the predictions are written there.
        data: Folder of the prepared arrays.
        space: The search space.
        hyperparameters: Values of the trial.
    """

    folder: Path
    data: Path
    space: SpaceRequest
    hyperparameters: Mapping[str, Any]


def load_trained_model(request: ScoringRequest) -> Any:
    """Return the compiled model with its best weights."""
    spec = open_prepared(request.data).spec
    space = load_space(request.space, spec)
    model = build_model(space, request.hyperparameters)
    model.set_weights(load_arrays(request.folder / BEST))
    return model


def score_model(request: ScoringRequest, channel: Channel) -> None:
    """Write the model's predictions on the validation and on the test split.

    Each file holds float32 of shape `(samples, outputs)`, in the split's order.

    Raises:
        TrialFailedError: If a prediction is not finite: no metric could be told of it.
    """
    del channel  # there is nothing to tell before the end
    data = open_prepared(request.data)
    model = load_trained_model(request)
    for split in ("val", "test"):
        inputs = evaluation_inputs(data.split(split))
        predictions = model.predict(inputs, verbose=0)
        if not np.isfinite(predictions).all():
            raise TrialFailedError(
                f"its predictions on the {split} split became nan or infinite"
            )
        save_predictions(request.folder, split, predictions)
