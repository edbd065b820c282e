"""Keras's own file, of stock layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from automl_datasets.spec import DataSpec

WITHOUT: tuple[str, ...] = ()


def write(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write an export; see `export_keras`."""
    from automl.export.keras_file import export_keras

    export_keras(network, spec, path)


def check(path: Path) -> None:
    """Refuse an export of more than stock layers; see `check_keras_file`."""
    from automl.export.untrusted import check_keras_file

    check_keras_file(path)


def load(path: str) -> Callable[[Any], Any]:
    """Return the function from samples to probabilities, or values."""
    import keras

    model = keras.saving.load_model(path, safe_mode=True, compile=False)

    def predict(batch: Any) -> Any:
        if batch.dtype.kind in "OSU":  # strings
            batch = keras.ops.convert_to_tensor(list(batch), dtype="string")
        return model.predict_on_batch(batch)

    return predict
