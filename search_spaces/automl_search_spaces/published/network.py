"""What a published network tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl_search_spaces.published.scale import Scale


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
    """

    name: str
    body: Callable[[Any, Scale], Any]
    input_shape: tuple[int, ...]
    steps: int
    smallest: int = 4
    ranks: tuple[int, ...] = (1, 2, 3)

    def admits(self, input_shape: tuple[int, ...]) -> bool:
        """Whether inputs of that shape suit it."""
        *size, _ = input_shape
        return len(size) in self.ranks and max(size) >= self.smallest
