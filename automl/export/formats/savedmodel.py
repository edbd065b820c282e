"""TensorFlow's SavedModel: raw samples in, answers with their names out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from automl_datasets.spec import DataSpec

WITHOUT = ("keras",)


def write(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write an export; see `export_savedmodel`."""
    from automl.export.savedmodel import export_savedmodel

    export_savedmodel(network, spec, path)


def check(path: Path) -> None:
    """Refuse an export that reaches out of the graph; see `check_savedmodel`."""
    from automl.export.untrusted import check_savedmodel

    check_savedmodel(path)


def load(path: str) -> Callable[[Any], Any]:
    """Return the function from samples to probabilities, or values."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    answer = "value"
    if answer not in model.signatures["serving_default"].structured_outputs:
        answer = "probabilities"

    def predict(batch: Any) -> Any:
        # The model goes with its variables, so that it has to be kept.
        serve = model.signatures["serving_default"]
        return serve(inputs=tf.constant(batch))[answer].numpy()

    return predict
