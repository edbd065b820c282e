"""The network to export: one trained model, or the mean of several on one input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl.run.predictions import load_predictions
from automl.selection.ensemble import mean_of_files
from automl.training.latency import measure_latency
from automl.training.scoring import ScoringRequest, load_trained_model
from automl_search_spaces.inference import inference_model

NAME = "ensemble"


@dataclass(frozen=True)
class EnsembleRequest:
    """Which trained models to average.

    Attributes:
        members: The models, of the same data.
        weights: How much each counts; they add up to 1.
    """

    members: tuple[ScoringRequest, ...]
    weights: tuple[float, ...]

    @property
    def data(self) -> Path:
        """Folder of the prepared arrays."""
        return self.members[0].data


def load_network(request: ScoringRequest | EnsembleRequest) -> keras.Model:
    """Return a trained model, or the mean of several, as it is to be deployed.

    It takes `(batch, *spec.shape)` and gives `(batch, outputs)`.
    """
    if isinstance(request, ScoringRequest):
        return inference_model(load_trained_model(request))
    members = [
        inference_model(load_trained_model(member)) for member in request.members
    ]
    return averaged(members, request.weights)


def predicted(request: ScoringRequest | EnsembleRequest, split: str) -> np.ndarray:
    """Return what scored models predict on a split, float32 `(n, outputs)`."""
    if isinstance(request, ScoringRequest):
        return load_predictions(request.folder, split)
    folders = [member.folder for member in request.members]
    return mean_of_files(folders, request.weights, split)


def measure_network(
    request: ScoringRequest | EnsembleRequest, channel: Any
) -> tuple[float, float]:
    """Return the median and 95th percentile latency of one sample, in milliseconds."""
    del channel  # there is nothing to tell before the end
    return measure_latency(load_network(request))


def averaged(networks: Sequence[keras.Model], weights: Sequence[float]) -> keras.Model:
    """Return one functional model of the weighted mean of networks' outputs.

    It is flat, of the networks' own layers and two kinds of stock layers more, so
    that every format can hold it that can hold each of the networks.

    Args:
        networks: Functional models of the same input and output; their layers are
            used, and renamed.
        weights: How much each counts.
    """
    first = networks[0].inputs[0]
    inputs = keras.Input(first.shape[1:], dtype=first.dtype, name=first.name)
    parts = []
    for place, (network, weight) in enumerate(zip(networks, weights, strict=True)):
        for operation in network.operations:
            operation.name = f"member_{place}_{operation.name}"
        outputs = keras.models.clone_model(
            network, input_tensors=inputs, clone_function=lambda layer: layer
        ).output
        part = keras.layers.Rescaling(weight, name=f"member_{place}_share")
        parts.append(part(outputs))
    mean = keras.layers.Add(name="mean")(parts)
    return keras.Model(inputs, mean, name=NAME)
