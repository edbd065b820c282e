"""An exported model, loaded to be used."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from automl.errors import RequestError
from automl.export.companions import DATA_FILE
from automl_datasets.spec import DataSpec

_BATCH_SIZE = 64
_Name = TypeVar("_Name")


@dataclass(frozen=True)
class Predictor:
    """A model and the data it takes.

    Attributes:
        path: Where it was loaded from.
        spec: The data it was trained on.
        predict: From raw numbers `(batch, *any space, channels)` in the data's dtype
            to float32 probabilities `(batch, classes)`.
    """

    path: Path
    spec: DataSpec
    predict: Callable[[np.ndarray], np.ndarray]


def load_predictor(path: Path) -> Predictor:
    """Load a model from a run, a `best` folder, a SavedModel or a `.keras` file.

    Raises:
        RequestError: If there is no such model, or it was not exported by this tool.
    """
    if not path.exists():
        raise RequestError(f"There is no model at {path}; check the path.")
    for candidate in _candidates(path):
        if (candidate / "saved_model.pb").is_file():
            return _load_savedmodel(candidate)
        if candidate.is_file() and zipfile.is_zipfile(candidate):
            return _load_keras(candidate)
    raise RequestError(
        f"{path} is neither a finished run, nor a SavedModel, nor a .keras file; "
        "give one of these."
    )


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    for folder in (path, path / "best"):
        yield folder / "saved_model"
        yield folder / "model.keras"


def _load_savedmodel(path: Path) -> Predictor:
    import tensorflow as tf

    data = path / "assets" / DATA_FILE
    if not data.is_file():
        raise RequestError(
            f"The SavedModel {path} has no {DATA_FILE} among its assets, so it was not "
            "exported by automl; give one that was."
        )
    spec = _read_spec(path, data.read_text(encoding="utf-8"))
    loaded = tf.saved_model.load(str(path))

    def predict(inputs: np.ndarray) -> np.ndarray:
        serve = loaded.signatures["serving_default"]
        outputs = serve(inputs=tf.constant(inputs, dtype=spec.dtype))
        probabilities: np.ndarray = outputs["probabilities"].numpy()
        return probabilities

    return Predictor(path, spec, predict)


def _load_keras(path: Path) -> Predictor:
    import keras

    with zipfile.ZipFile(path) as archive:
        if DATA_FILE not in archive.namelist():
            raise RequestError(
                f"{path} holds no {DATA_FILE}, so it was not exported by automl; "
                "give one that was."
            )
        spec = _read_spec(path, archive.read(DATA_FILE).decode())
    model = keras.saving.load_model(path, safe_mode=True, compile=False)

    def predict(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_on_batch(inputs))

    return Predictor(path, spec, predict)


def _read_spec(path: Path, text: str) -> DataSpec:
    try:
        return DataSpec.from_json(json.loads(text))
    except (ValueError, TypeError, AttributeError) as error:
        raise RequestError(
            f"The {DATA_FILE} of {path} can't be read ({error}); "
            "export the model again."
        ) from error


def predict_each(
    predictor: Predictor, samples: Iterable[tuple[_Name, np.ndarray]]
) -> Iterator[tuple[_Name, np.ndarray]]:
    """Predict samples one after another, in batches where their shapes are equal.

    Args:
        predictor: The model.
        samples: Names and raw numbers, shape `(*any space, channels)`.

    Yields:
        Each name with float32 probabilities `(classes,)`, in the order given.
    """
    batch: list[tuple[_Name, np.ndarray]] = []
    for name, sample in samples:
        if batch and (len(batch) == _BATCH_SIZE or batch[0][1].shape != sample.shape):
            yield from _predict_batch(predictor, batch)
            batch = []
        batch.append((name, sample))
    if batch:
        yield from _predict_batch(predictor, batch)


def _predict_batch(
    predictor: Predictor, batch: list[tuple[_Name, np.ndarray]]
) -> Iterator[tuple[_Name, np.ndarray]]:
    inputs: Any = np.stack([sample for _, sample in batch])
    for (name, _), row in zip(batch, predictor.predict(inputs), strict=True):
        yield name, row
