"""Using a model: predictions of inputs, and its score on labelled data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.export.in_memory import read_samples
from automl.export.predictor import Predictor, predict_each
from automl.export.unlabelled import read_unlabelled
from automl.metrics.answers import THRESHOLD, Answers
from automl.metrics.catalog import MULTILABEL, REGRESSION, metric_of, metrics_of
from automl.metrics.scores import scores
from automl.run.directory import RunDirectory
from automl.selection.scores import score_with_interval
from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.options import DataOptions
from automl_datasets.prepared import open_prepared
from automl_datasets.spec import DataSpec

# A run holds models at best/NAME and trials/ID/export/NAME.
_FOLDERS_UP = (1, 3)


@dataclass(frozen=True)
class ClassPrediction:
    """What a classifier says of one input.

    Attributes:
        file: The input; a row of a table is `file[row]`.
        label: Name of the most probable class.
        score: Its probability.
        probabilities: Probability of every class, by name.
    """

    file: str
    label: str
    score: float
    probabilities: dict[str, float]

    def __str__(self) -> str:
        """Return input, class and probability between tabs."""
        return f"{self.file}\t{self.label}\t{self.score:.4f}"

    def cells(self) -> dict[str, Any]:
        """Return a row of a table by column."""
        probabilities = _columns("probability", self.probabilities)
        return {
            "file": self.file,
            "label": self.label,
            "score": self.score,
            **probabilities,
        }


@dataclass(frozen=True)
class LabelsPrediction:
    """What a multi-label model says of one input.

    Attributes:
        file: The input; a row of a table is `file[row]`.
        labels: Names of the labels with a probability of at least one half.
        probabilities: Probability of every label, by name.
    """

    file: str
    labels: list[str]
    probabilities: dict[str, float]

    def __str__(self) -> str:
        """Return the input, a tab, and the labels with their probabilities."""
        given = [f"{name} {self.probabilities[name]:.4f}" for name in self.labels]
        return f"{self.file}\t{', '.join(given) or 'no label'}"

    def cells(self) -> dict[str, Any]:
        """Return a row of a table by column; labels are parted by `|`."""
        probabilities = _columns("probability", self.probabilities)
        return {"file": self.file, "labels": "|".join(self.labels), **probabilities}


@dataclass(frozen=True)
class ValuesPrediction:
    """What a regression says of one input.

    Attributes:
        file: The input; a row of a table is `file[row]`.
        values: The value of every target, in the data's own units, by name.
    """

    file: str
    values: dict[str, float]

    def __str__(self) -> str:
        """Return the input, a tab, and the targets with their values."""
        given = [f"{name} {value:.6g}" for name, value in self.values.items()]
        return f"{self.file}\t{', '.join(given)}"

    def cells(self) -> dict[str, Any]:
        """Return a row of a table by column."""
        return {"file": self.file, **_columns("value", self.values)}


def _columns(what: str, values: dict[str, float]) -> dict[str, float]:
    """Name columns so that no class or target can take another column's place."""
    return {f"{what} {name}": value for name, value in values.items()}


Prediction = ClassPrediction | LabelsPrediction | ValuesPrediction


@dataclass(frozen=True)
class Evaluation:
    """How a model does on labelled data.

    Attributes:
        objective: What the model was searched for, such as `val_accuracy`.
        score: Its value on the data.
        interval: The 95 % interval of the score.
        samples: Number of samples.
        metrics: Value of every metric of the task, by name, such as `accuracy`.
        skipped: Name and reason of what could not be read.
        words: What people call the objective.
        seen: How many of the samples the search trained or chose with, as far as their
            names tell: the score is too good by them.
    """

    objective: str
    score: float
    interval: tuple[float, float]
    samples: int
    metrics: dict[str, float]
    skipped: tuple[tuple[str, str], ...]
    words: str
    seen: int = 0

    def __str__(self) -> str:
        """Return one line for people."""
        digits = ".4f" if metric_of(self.objective).share else ".6g"
        low, high = (format(edge, digits) for edge in self.interval)
        return (
            f"{self.words} {self.score:{digits}} (95 % interval {low} to {high}) "
            f"on {self.samples} samples"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, with each metric under its own name."""
        values = asdict(self)
        del values["words"]
        metrics = values.pop("metrics")
        return {
            **values,
            **metrics,
            "interval": list(self.interval),
            "skipped": [list(pair) for pair in self.skipped],
        }


def predict_files(
    predictor: Predictor,
    inputs: Sequence[str | Path],
    *,
    skipped: list[tuple[str, str]] | None = None,
) -> Iterator[Prediction]:
    """Yield what a model says of each input.

    Args:
        predictor: The model.
        inputs: Files; folders, which stand for the files in them; and tables, which
            give one prediction a row.
        skipped: Takes the name and the reason of each input that can't be read.

    Raises:
        DataError: If none can be read; without `skipped`, if one can't.
    """
    spec = predictor.spec
    refused: list[DataError] = []

    def refuse(name: str, error: DataError) -> None:
        if skipped is None:
            raise error
        skipped.append((name, str(error)))
        refused.append(error)

    some = False
    for name, row in predict_each(predictor, read_unlabelled(inputs, spec, refuse)):
        try:
            prediction = prediction_of(name, row, spec)
        except DataError as error:
            refuse(name, error)
            continue
        some = True
        yield prediction
    if refused and not some:
        raise refused[-1]


def predict_arrays(predictor: Predictor, samples: Any) -> Iterator[Prediction]:
    """Yield what a model says of each sample that is at hand.

    Args:
        predictor: The model.
        samples: As `automl.export.in_memory.read_samples` takes them.

    Raises:
        DataError: If a sample does not fit the model.
    """
    spec = predictor.spec
    for name, row in predict_each(predictor, read_samples(samples, spec)):
        yield prediction_of(name, row, spec)


def prediction_of(name: str, outputs: np.ndarray, spec: DataSpec) -> Prediction:
    """Return what a model's outputs for one input mean.

    Args:
        name: The input.
        outputs: float32 of shape `(outputs,)`.
        spec: The data that the model was trained on.

    Raises:
        DataError: If they are no finite numbers.
    """
    _check_finite(name, outputs)
    names = spec.targets if spec.task == REGRESSION else spec.classes
    named = dict(zip(names, map(float, outputs), strict=True))
    if spec.task == REGRESSION:
        return ValuesPrediction(name, named)
    if spec.task == MULTILABEL:
        given = [label for label, value in named.items() if value >= THRESHOLD]
        return LabelsPrediction(name, given, named)
    winner = spec.classes[int(outputs.argmax())]
    return ClassPrediction(name, winner, named[winner], named)


def _check_finite(name: str, outputs: np.ndarray) -> None:
    """Refuse what would pass for an answer: the first class, where all are NaN."""
    if not np.isfinite(outputs).all():
        raise DataError(
            f"The model's answer to {name} is no finite number: the sample holds "
            "values far beyond those it was trained on; check the file."
        )


def evaluate(
    predictor: Predictor, data: str | Path, *, target: str | None = None
) -> Evaluation:
    """Return how a model does on labelled data of the training data's form.

    It is scored by the objective of the run that it lies in, or else by the default
    one of its task.

    Args:
        predictor: The model.
        data: Where the data is; its test split is taken where it has splits.
        target: Column, or columns separated by commas, that hold the answer; by
            default those of the run.

    Raises:
        DataError: If nothing can be read, a class is unknown to the model, or an
            answer of it is no finite number.
    """
    spec = predictor.spec
    run = _run_of(predictor)
    objective, known_target = _asked_of_run(run, spec)
    options = DataOptions(source=str(data), target=target or known_target)
    samples = labelled(options, spec)
    learned = _learned_from(run, data)
    targets: list[int | tuple[float, ...]] = []

    def inputs() -> Iterator[tuple[str, np.ndarray]]:
        for name, sample, answer in samples:
            targets.append(answer)
            yield name, sample

    rows = list(predict_each(predictor, inputs()))
    if not rows:
        raise DataError(f"No sample in {data} can be read.")
    for name, outputs in rows:
        _check_finite(name, outputs)
    predictions, right = np.stack([outputs for _, outputs in rows]), np.array(targets)
    answers = Answers.of(spec, right)
    score, interval = score_with_interval(objective, predictions, answers)
    names = [metric.name for metric in metrics_of(spec.task)]
    return Evaluation(
        objective,
        score,
        interval,
        len(rows),
        scores(names, predictions, answers),
        tuple(samples.skipped),
        metric_of(objective).words[spec.task],
        sum(name in learned for name, _ in rows),
    )


def _run_of(predictor: Predictor) -> RunDirectory | None:
    """Return the run that a model lies in, if it lies in one."""
    parents = predictor.path.resolve().parents
    for up in _FOLDERS_UP:
        run = RunDirectory(parents[up]) if up < len(parents) else None
        if run is not None and run.exists():
            return run
    return None


def _asked_of_run(run: RunDirectory | None, spec: DataSpec) -> tuple[str, str | None]:
    """Return objective and target column of a run, or the defaults of the task."""
    default = f"val_{metrics_of(spec.task)[0].name}"
    if run is None:
        return default, None
    request = run.request()
    return request.objective or default, request.target


def _learned_from(run: RunDirectory | None, data: str | Path) -> set[str]:
    """Return names of the samples that a run trained or chose with, of its own data."""
    if run is None:
        return set()
    try:
        prepared = open_prepared(run.prepared)
    except DataError:  # it was handed on without its data, or is of an older version
        return set()
    if Path(prepared.options["source"]).resolve() != Path(data).resolve():
        return set()
    splits = map(prepared.split, ("train", "val"))
    return {name for split in splits if split.exists() for name in split.names}
