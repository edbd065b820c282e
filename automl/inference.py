"""Using a model: predictions of files, and its score on labelled data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl.export.predictor import Predictor, predict_each
from automl.selection.scores import score_with_interval
from automl_datasets.errors import DataError
from automl_datasets.inputs import expand, labelled, read_input
from automl_datasets.options import DataOptions
from automl_datasets.spec import DataSpec


@dataclass(frozen=True)
class Prediction:
    """What a model says of one input.

    Attributes:
        file: The input.
        label: Name of the most probable class.
        score: Its probability.
        probabilities: Probability of every class, by name.
    """

    file: str
    label: str
    score: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """How a model does on labelled data.

    Attributes:
        accuracy: Share of samples whose most probable class is right.
        interval: Its 95 % interval (Wilson).
        samples: Number of samples.
        skipped: Name and reason of what could not be read.
    """

    accuracy: float
    interval: tuple[float, float]
    samples: int
    skipped: tuple[tuple[str, str], ...]


def predict_files(
    predictor: Predictor,
    inputs: Sequence[str | Path],
    *,
    skipped: list[tuple[str, str]] | None = None,
) -> Iterator[Prediction]:
    """Yield what a model says of each file; folders stand for the files in them.

    Args:
        predictor: The model.
        inputs: Files and folders.
        skipped: Takes the name and the reason of each file that can't be read.

    Raises:
        DataError: If none can be read; without `skipped`, if one can't.
    """
    spec = predictor.spec
    files = expand(inputs, spec)
    refused = 0

    def samples() -> Iterator[tuple[str, np.ndarray]]:
        nonlocal refused
        for file in files:
            try:
                yield str(file), read_input(file, spec)
            except DataError as error:
                refused += 1
                if skipped is None or refused == len(files):
                    raise
                skipped.append((str(file), str(error)))

    for name, probabilities in predict_each(predictor, samples()):
        yield _prediction(name, probabilities, spec)


def _prediction(name: str, probabilities: np.ndarray, spec: DataSpec) -> Prediction:
    index = int(probabilities.argmax())
    named = zip(spec.classes, map(float, probabilities), strict=True)
    return Prediction(
        name, spec.classes[index], float(probabilities[index]), dict(named)
    )


def evaluate(predictor: Predictor, data: str | Path) -> Evaluation:
    """Return how a model does on labelled data of the training data's form.

    Raises:
        DataError: If nothing can be read, or a class is unknown to the model.
    """
    samples = labelled(DataOptions(source=str(data)), predictor.spec)
    targets: list[int] = []

    def inputs() -> Iterable[tuple[int, np.ndarray]]:
        for _, sample, target in samples:
            targets.append(target)
            yield target, sample

    rows = [probabilities for _, probabilities in predict_each(predictor, inputs())]
    if not rows:
        raise DataError(f"No sample in {data} can be read.")
    score, interval = score_with_interval(
        "val_accuracy", np.stack(rows), np.array(targets)
    )
    return Evaluation(score, interval, len(rows), tuple(samples.skipped))
