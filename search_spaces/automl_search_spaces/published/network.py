"""What a published network tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl_search_spaces.published.scale import Scale

#: Without normalisation of batches, large steps lead a deep network nowhere.
UNNORMALIZED: Mapping[str, Any] = {"learning_rate": 5e-4}


@dataclass(frozen=True)
class PublishedNetwork:
    """A network from the literature.

    Attributes:
        name: What it is called.
        body: `(x, scale) -> x`, from samples `(batch, *space, channels)` to one
            vector a sample; a dense layer with softmax comes after it.
        input_shape: The authors' own, `(*space, channels)`.
        steps: How often the body halves the resolution.
        smallest: Positions that the longest axis of an input must have.
        ranks: Ranks of data that it suits.
        training: Values of training dimensions that it is first trained with, where
            they are not those of `landmark_space`.
    """

    name: str
    body: Callable[[Any, Scale], Any]
    input_shape: tuple[int, ...]
    steps: int
    smallest: int = 4
    ranks: tuple[int, ...] = (1, 2, 3)
    training: Mapping[str, Any] = field(default_factory=dict)

    def admits(self, input_shape: tuple[int, ...]) -> bool:
        """Whether inputs of that shape suit it."""
        *size, _ = input_shape
        return len(size) in self.ranks and max(size) >= self.smallest

    def apply(self, x: Any, width: float = 1.0) -> Any:
        """Return one vector a sample of `x`, `(batch, *space, channels)`.

        Args:
            x: Keras tensor of a shape that it admits.
            width: Factor of every number of filters; 1 as published.
        """
        size = tuple(int(side) for side in x.shape[1:-1])
        published = size == self.input_shape[:-1]
        return self.body(x, Scale(published, size, self.steps, width))
