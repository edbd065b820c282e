"""An exported model, loaded to be used."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from automl.errors import RequestError
from automl.export.companions import read_spec
from automl.export.intake import intake
from automl.export.names import FILES, INPUT, output_name
from automl.export.runtimes import require_runtime
from automl.export.untrusted import check_keras_file, check_savedmodel
from automl_datasets.spec import DataSpec

_BATCH_SIZE = 64
#: Kinds whose `.keras` file takes samples of any size.
_FITTED_IN_KERAS = frozenset({"image", "text"})
_LITERT_MARK = b"TFL3"
_Name = TypeVar("_Name")


@dataclass(frozen=True)
class Predictor:
    """A model and the data it takes.

    Attributes:
        path: Where it was loaded from.
        spec: The data it was trained on.
        predict: From raw numbers `(batch, *any space, channels)` in the data's dtype,
            or strings `(batch,)`, to float32 `(batch, outputs)`: a probability for
            each class or label, or a value for each target of a regression.
        signatures: A SavedModel's functions by name, which live as long as this;
            none of the other formats.
    """

    path: Path
    spec: DataSpec
    predict: Callable[[np.ndarray], np.ndarray]
    signatures: Mapping[str, Any] = field(default_factory=dict)


def load_predictor(path: Path) -> Predictor:
    """Load a model from a run, a `best` folder or an export in any format.

    Nothing that the files of a stranger could hold is executed.

    Raises:
        RequestError: If there is no such model, it was not exported by this tool, or
            its runtime is not installed.
    """
    if not path.exists():
        raise RequestError(f"There is no model at {path}; check the path.")
    for candidate in _candidates(path):
        name = _format_of(candidate)
        if name is not None:
            require_runtime(name)
            return _LOADERS[name](candidate)
    raise RequestError(
        f"{path} is neither a finished run, nor a SavedModel, nor a .keras, .onnx or "
        ".tflite file; give one of these."
    )


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    for folder in (path, path / "best"):
        for name in FILES.values():
            yield folder / name


def _format_of(path: Path) -> str | None:
    """Return the format of what lies at a path, by what is in it; ONNX has no mark."""
    if path.is_dir():
        return "savedmodel" if (path / "saved_model.pb").is_file() else None
    if not path.is_file():
        return None
    with path.open("rb") as file:
        start = file.read(8)
    if start[4:] == _LITERT_MARK:
        return "litert"
    if path.suffix == ".onnx":
        return "onnx"
    return "keras" if path.suffix == ".keras" and zipfile.is_zipfile(path) else None


def _load_savedmodel(path: Path) -> Predictor:
    import tensorflow as tf

    spec = read_spec(path)
    check_savedmodel(path)
    loaded = tf.saved_model.load(str(path))
    dtype = tf.string if spec.kind == "text" else spec.dtype
    answer = output_name(spec.task)

    def predict(inputs: np.ndarray) -> np.ndarray:
        serve = loaded.signatures["serving_default"]
        outputs: np.ndarray = serve(inputs=tf.constant(inputs, dtype))[answer].numpy()
        return outputs

    return Predictor(path, spec, predict, loaded.signatures)


def _load_keras(path: Path) -> Predictor:
    import keras

    spec = read_spec(path)
    check_keras_file(path)
    model = keras.saving.load_model(path, safe_mode=True, compile=False)
    fit = _fit_before(spec)

    def predict(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_on_batch(fit(inputs)))

    return Predictor(path, spec, predict)


def _load_onnx(path: Path) -> Predictor:
    import onnxruntime

    spec = read_spec(path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    fit = intake(spec).fit
    dtype = "int32" if "int32" in session.get_inputs()[0].type else "float32"

    def predict(inputs: np.ndarray) -> np.ndarray:
        fitted = np.asarray(fit(inputs)).astype(dtype, copy=False)
        outputs: np.ndarray = session.run(None, {INPUT: fitted})[0]
        return outputs

    return Predictor(path, spec, predict)


def _load_litert(path: Path) -> Predictor:
    from ai_edge_litert.interpreter import Interpreter

    spec = read_spec(path)
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()  # what it logs, it logs now and not among answers
    serve = interpreter.get_signature_runner("serving_default")
    dtype = serve.get_input_details()[INPUT]["dtype"]
    fit = intake(spec).fit

    def predict(inputs: np.ndarray) -> np.ndarray:
        fitted = np.asarray(fit(inputs)).astype(dtype, copy=False)
        outputs: np.ndarray = serve(**{INPUT: fitted})[output_name(spec.task)]
        return outputs

    return Predictor(path, spec, predict)


_LOADERS: dict[str, Callable[[Path], Predictor]] = {
    "savedmodel": _load_savedmodel,
    "keras": _load_keras,
    "onnx": _load_onnx,
    "litert": _load_litert,
}


def _fit_before(spec: DataSpec) -> Callable[[np.ndarray], Any]:
    """Return what the SavedModel does inside its graph and the `.keras` file can't."""
    import tensorflow as tf

    if spec.kind == "text":
        return lambda texts: tf.constant(texts, tf.string)
    if spec.kind in _FITTED_IN_KERAS:
        return lambda inputs: inputs
    return intake(spec).fit


def predict_each(
    predictor: Predictor, samples: Iterable[tuple[_Name, np.ndarray]]
) -> Iterator[tuple[_Name, np.ndarray]]:
    """Predict samples one after another, in batches where their shapes are equal.

    Args:
        predictor: The model.
        samples: Names and raw numbers, shape `(*any space, channels)`; a text is an
            array without axes that holds a string.

    Yields:
        Each name with float32 numbers `(outputs,)`, in the order given.
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
