"""What a data set is, in one record that every room shares."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class DataSpec:
    """Everything about prepared data that later rooms need.

    Attributes:
        kind: What a sample is: `image`, `series` or `volume`.
        shape: Shape of one prepared sample, channels last, for example
            `(height, width, channels)`.
        dtype: The numbers as the data set holds them: `uint8`, `uint16` or
            `float32`.
        task: `classification`.
        classes: Class names; the target of a sample is an index into them.
        num_train: Samples in the training split.
        num_val: Samples in the validation split.
        num_test: Samples in the test split.
        mean: Mean of each channel over the training split, in raw units.
        std: Standard deviation of each channel over the training split, in raw
            units, never zero.
        resized: Whether samples had to be resized to `shape`.
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

    @property
    def rank(self) -> int:
        """Number of spatial dimensions: 1, 2 or 3."""
        return len(self.shape) - 1

    @property
    def channels(self) -> int:
        """Number of channels of a sample."""
        return self.shape[-1]

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DataSpec:
        """Return the record that `to_json` wrote.

        Example:
            >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
            ...                 ("a", "b"), 8, 2, 2, (10.0,), (3.0,))
            >>> DataSpec.from_json(spec.to_json()) == spec
            True
        """
        tuples = ("shape", "classes", "mean", "std")
        fields: dict[str, Any] = {
            name: tuple(value) if name in tuples else value
            for name, value in values.items()
        }
        return cls(**fields)
