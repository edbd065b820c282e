"""Predictions and scores of a trained model on a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from automl.run.atomic import write_atomically
from automl.run.directory import probabilities_file
from automl.training.assignment import SpaceRequest
from automl.training.checkpoint import BEST, load_arrays
from automl.training.pipeline import evaluation_batches
from automl.training.spaces import build_model, load_space
from automl.training.trial import Channel
from automl_datasets.preparation import open_prepared


@dataclass(frozen=True)
class ScoringRequest:
    """Which trained model to score.

    Attributes:
        folder: Where its best weights lie; the probabilities are written there.
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
    """Write the model's probabilities on the validation and on the test split.

    Each file holds float32 of shape `(samples, classes)`, in the split's order.
    """
    del channel  # there is nothing to tell before the end
    data = open_prepared(request.data)
    model = load_trained_model(request)
    for split in ("val", "test"):
        inputs = evaluation_batches(data.split(split)).map(lambda x, _: x)
        probabilities = model.predict(inputs, verbose=0).astype(np.float32)
        file = probabilities_file(request.folder, split)
        write_atomically(file, partial(np.save, arr=probabilities))
