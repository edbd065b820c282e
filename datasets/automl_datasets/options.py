"""What a user may say about the data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from automl_datasets.errors import DataError
from automl_datasets.naming import nearest
from automl_datasets.spec import KINDS, TASKS

_MOST_PIXELS = 2**24  # of an image as networks see it: 4096 in square


@dataclass(frozen=True)
class DataOptions:
    """A request for data, as plain JSON values.

    Attributes:
        source: Path of the data.
        test_data: Path of separate test data of the same form.
        image_size: `(height, width)` that images are resized to; `None` lets the
            data decide.
        seed: Seed of every shuffle.
        validation_fraction: Share of the training samples to validate on, where
            the data has no validation split; `None` is 15 %, at most 5 000.
        test_fraction: Share of the samples to test on, where the data has no test
            split; `None` is 15 %, at most 10 000.
        target: Column, or columns separated by commas, that hold the answer; `None`
            lets the data decide.
        task: One of `spec.TASKS`, or `auto` to let the targets decide.
        group: Column that names the patient, speaker or scan of a sample; no group
            is put on both sides of a split.
        split: How missing splits are made: `stratified` at random, or by `time`: the
            last samples, in the order of the source, are validated and tested on.
        kind: One of `spec.KINDS` that the data is to be taken for, or `auto`.
        columns: Columns that the values of a table are read from where it has them
            all: those of the data that a model was trained on. No part of a request.
        labels: Labels that are known already, by which cells that join several are
            taken apart. No part of a request.

    Raises:
        DataError: If a value is out of range or not known.
    """

    source: str
    test_data: str | None = None
    image_size: tuple[int, int] | None = None
    seed: int = 0
    validation_fraction: float | None = None
    test_fraction: float | None = None
    target: str | None = None
    task: str = "auto"
    group: str | None = None
    split: str = "stratified"
    kind: str = "auto"
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that no data set could satisfy."""
        for name in ("validation_fraction", "test_fraction"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise DataError(
                    f"`{name}` must lie between 0 and 1, but got {value}; "
                    "0.15 is a usual choice."
                )
        _check_choice("task", self.task, ("auto", *TASKS))
        _check_choice("split", self.split, ("stratified", "time"))
        _check_choice("kind", self.kind, ("auto", *KINDS))
        if self.image_size is not None:
            _check_size(*self.image_size)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values, paths made absolute."""
        values = asdict(self)
        del values["columns"], values["labels"]
        for name in ("source", "test_data"):
            if values[name] is not None:
                values[name] = str(Path(values[name]).absolute())
        if self.image_size is not None:
            values["image_size"] = list(self.image_size)
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DataOptions:
        """Return the options that `to_json` wrote.

        Example:
            >>> options = DataOptions("/data", image_size=(32, 48))
            >>> DataOptions.from_json(options.to_json()) == options
            True
        """
        size = values["image_size"]
        return cls(**{**values, "image_size": tuple(size) if size else None})


def _check_size(height: int, width: int) -> None:
    if min(height, width) < 1 or height * width > _MOST_PIXELS:
        raise DataError(
            f"The image size {height}x{width} must be at least 1x1 pixels, and at most "
            f"{_MOST_PIXELS:,} in all; give height and width, such as 64x64."
        )


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise DataError(
            f"The {what} {value!r} is not known{nearest(value, choices)}; choose one "
            f"of {', '.join(choices)}."
        )
