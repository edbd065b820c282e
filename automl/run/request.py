"""What was asked for: the request, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from automl.errors import RequestError, UnsuitableRequestError
from automl.metrics.catalog import OBJECTIVES, objectives_of
from automl.run.checks import (
    check_choice,
    check_formats,
    check_positive,
    check_types,
    settled_number,
)
from automl.run.objectives import (
    check_objectives,
    check_strategy,
    split_objectives,
)
from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.spec import TASKS

DEFAULT_FORMATS = ("savedmodel", "keras")
#: Where neither time nor a number of trials is given.
DEFAULT_BUDGET = "10m"
TRACKERS = ("tensorboard", "mlflow")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> float:
    """Return the seconds that `90s`, `10m`, `2h` or `1d` stand for.

    Raises:
        RequestError: If the text has another form or is not above zero.

    Example:
        >>> parse_duration("1.5m")
        90.0
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", text)
    seconds = float(match[1]) * _UNIT_SECONDS[match[2]] if match else 0.0
    if seconds <= 0:
        raise RequestError(
            f"The budget must be a number and a unit, such as 90s, 10m or 2h, "
            f"but got {text!r}."
        )
    return seconds


def seconds_of(budget: str | float | None) -> float | None:
    """Return a budget, such as `"10m"` or 600, in seconds.

    Raises:
        RequestError: If it is no time, or not above zero.

    Example:
        >>> seconds_of("10m"), seconds_of(600), seconds_of(None)
        (600.0, 600, None)
    """
    seconds = parse_duration(budget) if isinstance(budget, str) else budget
    if seconds is not None:
        check_positive("budget_seconds", seconds, float)
    return seconds


def names_of(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return one name, several with commas between them, or a list, as a tuple.

    Example:
        >>> names_of("keras, onnx")
        ('keras', 'onnx')
    """
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(","))
    return tuple(value)


_POSITIVE_FIELDS: dict[str, type[int] | type[float]] = {
    "budget_seconds": float,
    "trials": int,
    "epochs": int,
    "workers": int,
    "max_params": int,
    "max_macs": int,
    "max_size_mb": float,
    "max_latency_ms": float,
}


#: Of these some may be zero or less, by rules of their own.
_NUMBER_FIELDS = {**_POSITIVE_FIELDS, "folds": int, "ensemble": int, "seed": int}


@dataclass(frozen=True)
class SearchRequest:
    """Everything a search is asked for.

    Attributes:
        data: Path of the data.
        test_data: Path of a test split kept elsewhere.
        image_size: Height and width to resize images to.
        target: Column, or columns separated by commas, that hold the answer.
        group: Column that names the patient, speaker or scan of a sample.
        task: `auto`, or one of `automl_datasets.spec.TASKS`.
        kind: `auto`, or one of `automl_datasets.spec.KINDS`.
        split: `stratified` or `time`.
        space: Name of a shipped search space, or a Python file with one.
        pretrained: A trained network to start from, in place of a space: a `.keras`
            file, a name of `keras.applications`, or `NAME=WEIGHTS.h5`.
        strategy: One of `automl.run.objectives.STRATEGIES`, or `FILE.py:NAME`.
        objective: One of `OBJECTIVES`; `None` until the data is known, whose task
            then decides. Taken apart where it names costs as well, as in
            `val_accuracy,latency_ms`.
        costs: What else is to be made small, of `automl.run.objectives.COSTS`.
        budget_seconds: Wall-clock time for everything; `None` for no limit.
        trials: Most trials to train; `None` for no limit.
        epochs: Epochs of a full training; `None` to choose from data and budget.
        folds: Folds that the shortlist is cross-validated with; 1 for none, `None`
            for what the data asks for under a budget.
        workers: Worker processes; `None` for one per GPU, or one per core without.
        cluster: Ray cluster to run them on, `HOST:PORT` or `auto`; `None` for here.
        max_params: Most parameters of a model.
        max_macs: Most multiply-accumulates of a model.
        max_size_mb: Largest size of the weights, in 10^6 bytes.
        max_latency_ms: Largest median latency at batch size 1.
        seed: Seed of everything random.
        export: Formats to export the recommended model to.
        quantize: How LiteRT files keep their weights; one of `QUANTIZATIONS`.
        ensemble: Most models to average the predictions of, where that pays; `None`
            for a single model.
        track: What to log to: `tensorboard[:FOLDER]`, `mlflow[:URI]`.
    """

    data: str
    test_data: str | None = None
    image_size: tuple[int, int] | None = None
    target: str | None = None
    group: str | None = None
    task: str = "auto"
    kind: str = "auto"
    split: str = "stratified"
    space: str = "auto"
    pretrained: str | None = None
    strategy: str = "auto"
    objective: str | None = None
    costs: tuple[str, ...] = ()
    budget_seconds: float | None = None
    trials: int | None = None
    epochs: int | None = None
    folds: int | None = None
    workers: int | None = None
    cluster: str | None = None
    max_params: int | None = None
    max_macs: int | None = None
    max_size_mb: float | None = None
    max_latency_ms: float | None = None
    seed: int = 0
    export: tuple[str, ...] = DEFAULT_FORMATS
    quantize: str = "none"
    ensemble: int | None = None
    track: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every field that has a rule of its own."""
        self._settle()
        check_strategy(self.strategy)
        check_objectives(self.objective, self.costs, self.strategy)
        self._check_data_options()
        if self.task in TASKS:
            self.for_task(self.task)  # what can't fit is said before data is read
        check_formats(self.export, self.quantize)
        for text in self.track:
            check_choice("tracker", text.partition(":")[0], TRACKERS)
        for field, kind in _POSITIVE_FIELDS.items():
            if getattr(self, field) is not None:
                check_positive(field, getattr(self, field), kind)
        if self.pretrained is not None and self.space != "auto":
            raise RequestError(
                f"--pretrained takes the place of a search space: leave out --space "
                f"{self.space}, or --pretrained {self.pretrained}."
            )
        if self.seed < 0:
            raise RequestError(f"--seed must not be negative, but got {self.seed}.")
        self._check_counts()

    def _settle(self) -> None:
        """Bring numbers and objectives to their own forms; frozen from here on."""
        for name, kind in _NUMBER_FIELDS.items():
            settled = settled_number(getattr(self, name), whole=kind is int)
            object.__setattr__(self, name, settled)
        check_types(self)
        if self.objective is not None and "," in self.objective:
            score, costs = split_objectives(self.objective)
            object.__setattr__(self, "objective", score)
            object.__setattr__(self, "costs", costs)

    def _check_counts(self) -> None:
        if self.folds is not None and self.folds < 1:
            raise RequestError(
                f"--folds must be at least 2, or 1 for none, but got {self.folds}."
            )
        if self.ensemble is not None and self.ensemble < 2:
            raise RequestError(
                f"--ensemble must be at least 2 models, but got {self.ensemble}; "
                "leave it out for a single model."
            )

    def _check_data_options(self) -> None:
        try:
            self.data_options()
        except DataError as error:
            raise RequestError(str(error)) from error

    @property
    def direction(self) -> str:
        """Whether the objective is to be made large (`max`) or small (`min`).

        As long as the objective is not decided, that of the task asked for.
        """
        objective = self.objective
        if objective is None:
            task = self.task if self.task in TASKS else TASKS[0]
            objective = objectives_of(task)[0]
        return OBJECTIVES[objective]

    def data_options(self) -> DataOptions:
        """Return what is asked of the data."""
        return DataOptions(
            source=self.data,
            test_data=self.test_data,
            image_size=self.image_size,
            seed=self.seed,
            target=self.target,
            task=self.task,
            group=self.group,
            split=self.split,
            kind=self.kind,
        )

    def for_task(self, task: str) -> SearchRequest:
        """Return the request with its objective decided, now that the task is known.

        Raises:
            UnsuitableRequestError: If the objective does not suit the task.
        """
        fitting = objectives_of(task)
        if self.objective is None:
            return replace(self, objective=fitting[0])
        if self.objective not in fitting:
            raise UnsuitableRequestError(
                f"The objective {self.objective!r} does not suit a {task} task; "
                f"choose one of {', '.join(fitting)}."
            )
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the request as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SearchRequest:
        """Return the request that `to_json` wrote."""
        known = {field.name for field in fields(cls)}
        converted = {"image_size", "export", "track", "costs"}
        size = values.get("image_size")
        return cls(
            **{k: v for k, v in values.items() if k in known - converted},
            image_size=tuple(size) if size else None,
            export=tuple(values["export"]),
            track=tuple(values.get("track", ())),
            costs=tuple(values.get("costs", ())),
        )
