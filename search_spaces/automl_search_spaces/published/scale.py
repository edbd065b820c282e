"""How a published network is fitted to inputs that its authors did not have."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: A halving leaves at least this many positions along an axis.
_SMALLEST_SIDE = 4


@dataclass(frozen=True)
class Scale:
    """What a network's builder is told of the input.

    A network halves the resolution in a fixed number of steps. An input that is
    smaller than the authors' bears fewer: the first steps are then left out, stem
    before stages, as the authors of residual networks did for 32x32 images.

    Attributes:
        published: Whether the input is the authors' own: nothing is changed then.
        size: Spatial size of the input.
        steps: Halvings of the published network.
        width: Factor of every number of filters.

    Source:
        He et al. (2016), arXiv:1512.03385, section 4.2.

    Example:
        >>> scale = Scale(published=False, size=(32, 8), steps=5)
        >>> [scale.strides(step) for step in range(5)]
        [(1, 1), (1, 1), (2, 1), (2, 1), (2, 2)]
    """

    published: bool
    size: tuple[int, ...]
    steps: int
    width: float = 1.0

    def strides(self, step: int) -> tuple[int, ...]:
        """Return the strides of one halving, `step` counted from 0."""
        if self.published:
            return (2,) * len(self.size)
        return tuple(2 if step >= self.steps - n else 1 for n in self._borne)

    def filters(self, count: int) -> int:
        """Return a number of filters, scaled to a multiple of 8 if above that."""
        if self.width == 1.0:
            return count
        return min(count, max(8, 8 * round(count * self.width / 8)))

    def units(self, count: int) -> int:
        """Return the units of a dense layer, scaled."""
        return count if self.width == 1.0 else max(8, round(count * self.width))

    def kernel(self, size: int, step: int) -> int:
        """Return the kernel of a stem: 3 where its halving is left out."""
        return size if max(self.strides(step)) > 1 else min(size, 3)

    @property
    def _borne(self) -> tuple[int, ...]:
        return tuple(
            max(0, int(math.log2(side / _SMALLEST_SIDE))) if side else 0
            for side in self.size
        )
