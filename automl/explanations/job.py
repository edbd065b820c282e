"""Explaining a trained model from a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from automl.explanations.attention import Attention, attention
from automl.explanations.choice import Choice, choose
from automl.explanations.examples import data_examples
from automl.explanations.feature_maps import feature_maps
from automl.explanations.network import flat_network, layer_rows
from automl.explanations.record import save_examples, save_explanation
from automl.explanations.views import own_name, view
from automl.run.predictions import load_predictions
from automl.training.scoring import ScoringRequest, load_trained_model
from automl.training.trial import Channel
from automl_datasets.preparation import PreparedData, open_prepared
from automl_datasets.splitting import SPLITS
from automl_reports.explanation import Example, Explanation
from automl_search_spaces.errors import SpaceError

_NO_CONVOLUTION = "Where it looked is not shown: the network has no convolution."


@dataclass(frozen=True)
class ExamplesRequest:
    """Whose samples to show.

    Attributes:
        run: Folder of the run, where they are written.
        data: Folder of the prepared arrays.
    """

    run: Path
    data: Path


def show_data(request: ExamplesRequest, channel: Channel) -> None:
    """Write some samples of each split."""
    del channel  # there is nothing to tell before the end
    save_examples(request.run, data_examples(open_prepared(request.data), SPLITS))


def explain_model(request: ScoringRequest, channel: Channel) -> None:
    """Write what a trained model looks like and what it made of test samples.

    Its predictions on the test split must have been written.
    """
    del channel  # there is nothing to tell before the end
    data = open_prepared(request.data)
    predictions = load_predictions(request.folder, "test")
    explanation = explain(load_trained_model(request), data, predictions)
    save_explanation(request.folder, explanation)


def explain(
    model: keras.Model, data: PreparedData, predictions: np.ndarray
) -> Explanation:
    """Return everything that there is to see of one model.

    Args:
        model: The trained model.
        data: Its data.
        predictions: What it predicts on the test split, float32 `(n, outputs)`.
    """
    mistakes, hits = choose(data.spec, data.split("test").targets, predictions)
    try:
        network = flat_network(model)
    except (SpaceError, ValueError) as error:
        examples = _examples(data, (*mistakes, *hits), None)
        return Explanation(
            mistakes=examples[: len(mistakes)],
            hits=examples[len(mistakes) :],
            notes=(f"The network is not drawn: {error}",),
        )
    seen = _attention(network, data, (*mistakes, *hits))
    examples = _examples(data, (*mistakes, *hits), seen)
    explanation = Explanation(
        layers=layer_rows(network),
        mistakes=examples[: len(mistakes)],
        hits=examples[len(mistakes) :],
        looked_at=seen.layer if seen else "",
        notes=() if seen else (_NO_CONVOLUTION,),
    )
    return _with_feature_maps(explanation, network, data, (*hits, *mistakes))


def _attention(
    network: keras.Model, data: PreparedData, choices: Sequence[Choice]
) -> Attention | None:
    if not choices:
        return None
    return attention(
        network,
        data.split("test").inputs[[choice.row for choice in choices]],
        np.array([choice.output for choice in choices]),
        np.array([choice.sign for choice in choices], np.float32),
    )


def _examples(
    data: PreparedData, choices: Sequence[Choice], seen: Attention | None
) -> tuple[Example, ...]:
    test = data.split("test")
    return tuple(
        Example(
            view(
                np.asarray(test.inputs[choice.row]),
                data.spec,
                test.names[choice.row],
                None if seen is None else seen.maps[place],
            ),
            choice.output,
            choice.truth,
            choice.answer,
            choice.confidence,
        )
        for place, choice in enumerate(choices)
    )


def _with_feature_maps(
    explanation: Explanation,
    network: keras.Model,
    data: PreparedData,
    choices: Sequence[Choice],
) -> Explanation:
    if not choices:
        return explanation
    test, row = data.split("test"), choices[0].row
    return replace(
        explanation,
        feature_maps=feature_maps(network, test.inputs[row]),
        sample=own_name(test.names[row]),
    )
