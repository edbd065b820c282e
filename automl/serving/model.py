"""A model to be served: its signatures, whatever format it lies in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from automl.errors import RequestError
from automl.export.classify import CLASSIFY
from automl.export.intake import intake
from automl.export.predictor import Predictor, load_predictor
from automl.metrics.answers import THRESHOLD
from automl_datasets.spec import DataSpec

#: What is served where a request names no signature.
DEFAULT_SIGNATURE = "serving_default"
#: What takes encoded files, where the kind has it.
ENCODED_SIGNATURE = "serve_bytes"

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Signature:
    """One way of asking a model.

    Attributes:
        input: Name, shape `(None, ...)` and dtype of what it takes.
        outputs: Shape and dtype of what it answers, by name.
        call: From a batch of inputs to a batch of each output.
        takes_missing: Whether NaN stands for a missing value.
    """

    input: tf.TensorSpec
    outputs: Mapping[str, tf.TensorSpec]
    call: Callable[[np.ndarray], Arrays]
    takes_missing: bool = False


@dataclass(frozen=True)
class ServedModel:
    """A model, ready to be asked.

    Attributes:
        spec: The data that it was trained on.
        signatures: By name.
    """

    spec: DataSpec
    signatures: Mapping[str, Signature]


def load_served(path: Path) -> ServedModel:
    """Load a model from a run, a `best` folder or an export in any format.

    A SavedModel is served with all its signatures but `classify`, whose examples are
    read here and asked of the others; another format with `serving_default`, whose
    names and numbers are the SavedModel's.

    Raises:
        RequestError: If it can't be loaded, or could reach out of the model.
    """
    predictor = load_predictor(path)
    if predictor.path.is_dir():
        return _of_savedmodel(predictor)
    return _of_numbers(predictor)


def _of_savedmodel(predictor: Predictor) -> ServedModel:
    signatures = {
        name: _signature(predictor, name)
        for name in predictor.signatures
        if name != CLASSIFY
    }
    if DEFAULT_SIGNATURE not in signatures:
        raise RequestError(
            f"{predictor.path} has no signature {DEFAULT_SIGNATURE}, only "
            f"{', '.join(signatures) or 'none'}; export the model again."
        )
    return ServedModel(predictor.spec, signatures)


def _signature(predictor: Predictor, name: str) -> Signature:
    function = predictor.signatures[name]
    inputs = function.structured_input_signature[1]
    if len(inputs) != 1:
        raise RequestError(
            f"A signature takes the inputs {', '.join(inputs)}; automl serves those "
            "with one input."
        )
    ((taken, tensor),) = inputs.items()

    def call(batch: np.ndarray) -> Arrays:
        # Not `function`: the model goes with its variables, so it has to be kept.
        serve = predictor.signatures[name]
        answers = serve(**{taken: tf.constant(batch, tensor.dtype)})
        return {key: answer.numpy() for key, answer in answers.items()}

    outputs = {
        key: tf.TensorSpec(answer.shape, answer.dtype)
        for key, answer in function.structured_outputs.items()
    }
    asked = tf.TensorSpec(tensor.shape, tensor.dtype, taken)
    return Signature(asked, outputs, call, predictor.spec.kind == "series")


def _of_numbers(predictor: Predictor) -> ServedModel:
    spec = predictor.spec
    signature = Signature(
        intake(spec).signature,
        _outputs(spec),
        lambda batch: _named(predictor.predict(batch), spec),
        spec.kind == "series",
    )
    return ServedModel(spec, {DEFAULT_SIGNATURE: signature})


def _outputs(spec: DataSpec) -> dict[str, tf.TensorSpec]:
    if spec.task == "regression":
        return {"value": tf.TensorSpec((None, len(spec.targets)), tf.float32)}
    outputs = {
        "label": tf.TensorSpec((None,), tf.string),
        "score": tf.TensorSpec((None,), tf.float32),
        "probabilities": tf.TensorSpec((None, len(spec.classes)), tf.float32),
    }
    if spec.task == "multilabel":
        outputs["labels"] = tf.TensorSpec((None, len(spec.classes)), tf.bool)
    return outputs


def _named(numbers: np.ndarray, spec: DataSpec) -> Arrays:
    if spec.task == "regression":
        return {"value": numbers}
    winners = numbers.argmax(axis=1)
    outputs = {
        "label": np.array([spec.classes[i].encode() for i in winners], object),
        "score": numbers.max(axis=1),
        "probabilities": numbers,
    }
    if spec.task == "multilabel":
        outputs["labels"] = numbers >= THRESHOLD
    return outputs
