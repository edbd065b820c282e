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
from automl.export.formats._base import named
from automl.export.intake import intake
from automl.export.names import FILES, output_name
from automl.export.runtimes import require_runtime
from automl.run.directory import FINISHED, RUN_FILE, RunDirectory
from automl_datasets.spec import DataSpec

_BATCH_SIZE = 64
#: Kinds whose `.keras` file takes samples of any size.
_FITTED_IN_KERAS = frozenset({"image", "text"})
_LITERT_MARK = b"TFL3"
#: Formats that nothing inside tells for certain, by the ending of their files.
_BY_ENDING = {
    Path(file).suffix: name
    for name, file in FILES.items()
    if name not in ("savedmodel", "keras", "litert")
}
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
            load = _load_savedmodel if name == "savedmodel" else _load_through_format
            return load(candidate, name)
    if (path / RUN_FILE).is_file():
        command = "resume"
        if RunDirectory(path).read().get("state") == FINISHED:
            command = "export"  # as no format that was asked for could hold its model
        raise RequestError(
            f"The run {path} holds no model yet; go on with `automl {command} {path}`."
        )
    *others, last = (ending for file in FILES.values() if (ending := Path(file).suffix))
    if path.suffix in (*others, last):
        raise RequestError(
            f"{path} is no {path.suffix} file, or is cut short; export it again."
        )
    raise RequestError(
        f"{path} is neither a finished run, nor a SavedModel, nor a "
        f"{', '.join(others)} or {last} file; give one of these."
    )


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    for folder in (path, path / "best"):
        for name in FILES.values():
            yield folder / name


def _format_of(path: Path) -> str | None:
    """Return the format of what lies at a path, by what is in it where that tells."""
    if path.is_dir():
        return "savedmodel" if (path / "saved_model.pb").is_file() else None
    if not path.is_file():
        return None
    with path.open("rb") as file:
        start = file.read(8)
    if start[4:] == _LITERT_MARK:
        return "litert"
    if path.suffix == ".keras":
        return "keras" if zipfile.is_zipfile(path) else None
    return _BY_ENDING.get(path.suffix)


def _load_savedmodel(path: Path, name: str) -> Predictor:
    import tensorflow as tf

    spec = read_spec(path)
    named(name).check(path)
    loaded = tf.saved_model.load(str(path))
    dtype = tf.string if spec.kind == "text" else spec.dtype
    answer = output_name(spec.task)

    def predict(inputs: np.ndarray) -> np.ndarray:
        serve = loaded.signatures["serving_default"]
        outputs: np.ndarray = serve(inputs=tf.constant(inputs, dtype))[answer].numpy()
        return outputs

    return Predictor(path, spec, predict, loaded.signatures)


def _load_through_format(path: Path, name: str) -> Predictor:
    """Load an export as its proof does, and fit samples to it before."""
    spec, form = read_spec(path), named(name)
    form.check(path)
    answer = form.load(str(path))
    fits_itself = name == "keras" and spec.kind in _FITTED_IN_KERAS
    fit = np.asarray if fits_itself else intake(spec).fit

    def predict(inputs: np.ndarray) -> np.ndarray:
        return np.asarray(answer(np.asarray(fit(inputs))))

    return Predictor(path, spec, predict)


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
