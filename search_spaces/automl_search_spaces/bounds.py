"""How far each dimension may go, given the data alone.

A stage is never put on fewer than four positions along an axis that is reduced, so
a small sample meets few poolings; a large one is reduced before the first stage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

Strides = tuple[int, ...]

#: A reduction between stages leaves at least this many positions along an axis.
MIN_STAGE_SIDE = 4

#: Channels grow from stage to stage by one of these; 2.7 is LeNet-5's 6 to 16.
GROWTHS = (1.0, 1.5, 2.0, 2.7)

#: Units of the first dense layer of a head; 120 is LeNet-5's.
DENSE_UNITS = (32, 64, 120, 256)

#: Positions that are flattened at most, so that dense layers stay affordable.
MAX_FLAT_POSITIONS = 64

_MAX_STAGES = 4
_WIDTHS = (6, 8, 12, 16, 24, 32, 48, 64)
_LONGER_WIDTHS = (*_WIDTHS, 96, 128)  # of series, whose convolutions cost little
_TEXT_WIDTHS = (16, 32, 64, 128, 192, 300)  # 300 is Kim's: three times 100
_KERNELS: Mapping[int, tuple[int, ...]] = {1: (3, 5, 7, 11), 2: (3, 5, 7), 3: (3, 5)}
_TEXT_KERNELS = (1, 3, 5, 7)  # 1 sees words alone, as a bag of them does

#: Positions on which the first stage works at most; about 56x56 and 16x16x16.
_MAX_POSITIONS: Mapping[int, int] = {1: 2048, 2: 3200, 3: 5000}

#: Positions up to which a network may go without any reduction, by rank.
_MAX_UNREDUCED_POSITIONS: Mapping[int, int] = {1: 512, 2: 256, 3: 256}

_BATCH_SIZES = (8, 16, 32, 64, 128, 256)
_MIN_STEPS, _MAX_STEPS = 8, 1000  # per epoch: enough updates, little overhead


@dataclass(frozen=True)
class Bounds:
    """The ranges from which a network may be drawn.

    Attributes:
        channels: Channels of a sample.
        size: Spatial size of a sample.
        blocks: Names of the blocks.
        shrink: Strides by which samples are averaged before anything else, where
            the budget does not allow for their resolution.
        stem: Strides of a convolution before the first stage.
        max_stages: Largest number of stages.
        min_stages: Smallest number of stages.
        widths: Channels the first stage may have, ascending.
        max_repeats: Most repetitions of a block in a stage.
        kernels: Sides a kernel may have, ascending.
        pooling: Ways of reducing the resolution between stages.
        default_width: Channels of the first stage where nothing else is asked for.
        min_repeats: Fewest repetitions of a block in a stage.
        resolutions: Shares of the resolution that samples may keep, see `at`.
        masked: Whether samples end in padding that takes no part.
    """

    channels: int
    size: Strides
    blocks: tuple[str, ...]
    shrink: Strides
    stem: Strides
    max_stages: int
    min_stages: int
    widths: tuple[int, ...]
    max_repeats: int
    kernels: tuple[int, ...]
    pooling: tuple[str, ...]
    default_width: int = 16
    min_repeats: int = 1
    resolutions: tuple[str, ...] = ("full",)
    masked: bool = False

    @property
    def working_size(self) -> tuple[int, ...]:
        """Spatial size on which the first stage works."""
        return _padded(pooled(self.size, self.shrink), self.stem)

    def at(self, resolution: str) -> Bounds:
        """Return the same ranges for samples at `full` or at `half` resolution."""
        if resolution == "full":
            return self
        shrunk = pooled(self.size, self.shrink)
        pairs = zip(self.shrink, halving(shrunk), strict=True)
        shrink = tuple(math.prod(pair) for pair in pairs)
        stem = stem_strides(pooled(self.size, shrink), _MAX_POSITIONS[len(self.size)])
        return replace(self, shrink=shrink, stem=stem)


def bounds_of(
    shape: tuple[int, ...], blocks: tuple[str, ...], *, text: bool = False
) -> Bounds:
    """Return the ranges that the data allows.

    Args:
        shape: Shape of what convolutions see, `(*space, channels)`.
        blocks: Names of the blocks that suit it.
        text: Whether positions are words: these need few stages and many channels.
    """
    *size, channels = (int(n) for n in shape)
    bounds = bounds_behind((1,) * len(size), tuple(size), channels, blocks)
    if not text:
        return bounds
    kernels = tuple(k for k in _TEXT_KERNELS if k <= max(size))
    return replace(
        bounds,
        min_stages=1,
        widths=_TEXT_WIDTHS,
        kernels=kernels,
        default_width=_TEXT_WIDTHS[2],
        resolutions=("full",),  # half of a word means nothing
        masked=True,
    )


def bounds_behind(
    shrink: Strides, size: tuple[int, ...], channels: int, blocks: tuple[str, ...]
) -> Bounds:
    """Return the ranges for samples of `size` that `shrink` averages first."""
    shrunk = pooled(size, shrink)
    stem = stem_strides(shrunk, _MAX_POSITIONS[len(size)])
    working = _padded(shrunk, stem)
    max_stages = _max_stages(max(working))
    pooling: tuple[str, ...] = ("max", "average", "stride")
    if math.prod(working) <= _MAX_UNREDUCED_POSITIONS[len(size)]:
        pooling = (*pooling, "none")
    bounds = Bounds(
        channels=channels,
        size=size,
        blocks=blocks,
        shrink=shrink,
        stem=stem,
        max_stages=max_stages,
        min_stages=min(2, max_stages),
        widths=_LONGER_WIDTHS if len(size) == 1 else _WIDTHS,
        max_repeats=3,
        kernels=tuple(k for k in _KERNELS[len(size)] if k <= max(working)) or (3,),
        pooling=pooling if max_stages > 1 else ("none",),
    )
    half = bounds.at("half")
    if half.shrink == shrink or _max_stages(max(half.working_size)) < max_stages:
        return bounds
    return replace(bounds, resolutions=("full", "half"))


def stem_strides(size: tuple[int, ...], max_positions: int) -> tuple[int, ...]:
    """Return strides that bring `size` to at most `max_positions` positions.

    The longest axes are halved first.

    Example:
        >>> stem_strides((96, 96), 3200), stem_strides((300, 20), 3200)
        ((2, 2), (2, 1))
    """
    strides = [1] * len(size)
    sides = list(size)
    while math.prod(sides) > max_positions:
        longest = max(sides)
        for axis, side in enumerate(sides):
            if 2 * side > longest:
                strides[axis] *= 2
                sides[axis] = math.ceil(size[axis] / strides[axis])
    return tuple(strides)


def halving(size: tuple[int, ...], smallest: int = MIN_STAGE_SIDE) -> tuple[int, ...]:
    """Return stride 2 for each axis that keeps `smallest` positions, else 1.

    Example:
        >>> halving((14, 6, 8))
        (2, 1, 2)
    """
    return tuple(2 if side >= 2 * smallest else 1 for side in size)


def batch_sizes(num_train: int) -> tuple[int, ...]:
    """Return the batch sizes that give a sane number of steps per epoch.

    Example:
        >>> batch_sizes(1437), batch_sizes(60_000), batch_sizes(40)
        ((8, 16, 32, 64, 128), (64, 128, 256), (8,))
    """
    enough = [b for b in _BATCH_SIZES if num_train // b >= _MIN_STEPS]
    few = [b for b in enough if num_train // b <= _MAX_STEPS]
    return tuple(few or enough[-1:] or [_BATCH_SIZES[0]])


def _padded(size: tuple[int, ...], strides: Strides) -> tuple[int, ...]:
    """Return what a padded convolution of these strides leaves."""
    return tuple(math.ceil(a / b) for a, b in zip(size, strides, strict=True))


def pooled(size: tuple[int, ...], strides: Strides) -> tuple[int, ...]:
    """Return the size that pooling of these strides leaves."""
    return tuple(a // b for a, b in zip(size, strides, strict=True))


def _max_stages(side: int) -> int:
    """Return how many stages fit on `side` positions, at most four."""
    stages = 1
    while side >= 2 * MIN_STAGE_SIDE and stages < _MAX_STAGES:
        side = side // 2
        stages += 1
    return stages
