"""What a data set is, in one record that every room shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("image", "series", "audio", "text", "volume", "video")
TASKS = ("classification", "multilabel", "regression")


@dataclass(frozen=True)
class DataSpec:
    """Everything about prepared data that later rooms need.

    Attributes:
        kind: What a sample is, one of `KINDS`.
        shape: Shape of one prepared sample, channels last, for example
            `(height, width, channels)`. Audio and series have `(length, channels)`,
            text `(tokens, 1)`, volumes `(depth, height, width, channels)`, videos
            `(frames, height, width, channels)`.
        dtype: The numbers as the data set holds them: `uint8`, `uint16` or
            `float32`; for text `int32`, indices into the vocabulary.
        task: One of `TASKS`.
        classes: Class names of a classification, where the target of a sample is an
            index into them; label names of a multi-label task, where it is a row of
            zeros and ones; empty for a regression.
        num_train: Samples in the training split.
        num_val: Samples in the validation split.
        num_test: Samples in the test split.
        mean: Mean of each channel over the training split, in raw units, missing
            values left out.
        std: Standard deviation of each channel over the training split, in raw
            units, never zero.
        resized: Whether samples had to be resized to `shape`.
        targets: Names of the target columns of a regression; else empty.
        target_mean: Mean of each target over the training split; regression only.
        target_std: Standard deviation of each target over the training split, never
            zero; regression only.
        missing: Whether samples hold NaN, which stands for missing values and for the
            padding of short series.
        class_counts: Training samples of each class (multi-label: that have the
            label); empty for a regression.
        preprocessing: How a file becomes a sample, as plain JSON values; what is in
            it depends on the kind.
    """

    kind: str
    shape: tuple[int, ...]
    dtype: str
    task: str
    classes: tuple[str, ...]
    num_train: int
    num_val: int
    num_test: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resized: bool = False
    targets: tuple[str, ...] = ()
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()
    missing: bool = False
    class_counts: tuple[int, ...] = ()
    preprocessing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """Number of spatial dimensions: 1, 2 or 3."""
        return len(self.shape) - 1

    @property
    def channels(self) -> int:
        """Number of channels of a sample."""
        return self.shape[-1]

    @property
    def holds_whole_numbers(self) -> bool:
        """Whether samples hold whole numbers, as most images do."""
        return not self.dtype.startswith("float")

    @property
    def num_train_and_val(self) -> int:
        """Samples that are not for the test: what folds and refits are made of."""
        return self.num_train + self.num_val

    @property
    def num_classes(self) -> int:
        """Number of classes, or of labels."""
        return len(self.classes)

    @property
    def num_outputs(self) -> int:
        """Numbers that a model gives for a sample: one a class, label or target."""
        return len(self.classes) or len(self.targets)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return {**asdict(self), "preprocessing": dict(self.preprocessing)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DataSpec:
        """Return the record that `to_json` wrote.

        Example:
            >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
            ...                 ("a", "b"), 8, 2, 2, (10.0,), (3.0,))
            >>> DataSpec.from_json(spec.to_json()) == spec
            True
        """
        fields: dict[str, Any] = {
            name: tuple(value) if name in _TUPLES else value
            for name, value in values.items()
        }
        return cls(**fields)


_TUPLES = frozenset(
    {
        "shape",
        "classes",
        "mean",
        "std",
        "targets",
        "target_mean",
        "target_std",
        "class_counts",
    }
)
