"""From samples of the data at hand to what a trained network takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.transfer.grafting import layers_of

#: Mean and spread to which images of other units are brought: those of 8-bit ones.
_GREY, _SPREAD = 127.5, 64.0

_HIGHEST: Mapping[str, float] = {"uint8": 255.0, "uint16": 65535.0}

_SCALING = (keras.layers.Rescaling, keras.layers.Normalization)

#: Sides to which pictures are brought where a trunk takes any.
_RESOLUTIONS = (96, 128, 160, 224)


def check_entry(trunk: keras.Model, spec: DataSpec) -> None:
    """Refuse data that a trunk can't be given.

    Raises:
        SpaceError: If rank, channels or size don't suit, or the data are texts.
    """
    shape = trunk.inputs[0].shape[1:]
    takes = f"{trunk.name} takes samples of shape {_words(shape)}"
    has = f"the data have {_words(spec.shape)}"
    if spec.kind == "text":
        raise SpaceError(
            "Texts have a vocabulary of their own, which a trained network does not "
            "know; search without --pretrained."
        )
    if len(shape) != len(spec.shape):
        raise SpaceError(f"{takes}, but {has}; give a network of the same rank.")
    wanted, channels = shape[-1], spec.channels
    if wanted not in (None, channels) and 1 not in (wanted, channels):
        raise SpaceError(f"{takes}, but {has}; give one of as many channels, or of 1.")
    same = all(a in (None, b) for a, b in zip(shape, spec.shape, strict=True))
    if spec.rank == 3 and not same:
        raise SpaceError(
            f"{takes}, but {has}; volumes and videos are not resized: give a network "
            "of their size."
        )


def sizes_of(trunk: keras.Model, spec: DataSpec) -> tuple[tuple[int, ...], ...]:
    """Return the sizes in which a trunk may be given the data, ascending."""
    size = trunk.inputs[0].shape[1:-1]
    if None not in size:
        return (tuple(int(side) for side in size),)
    if spec.rank == 2:
        return tuple((side, side) for side in _RESOLUTIONS)
    return (tuple(int(side) for side in spec.shape[:-1]),)


def enter(x: Any, spec: DataSpec, trunk: keras.Model, size: tuple[int, ...]) -> Any:
    """Return samples in the size, the channels and the units that a trunk takes.

    In float32 under any policy: half precision can't hold all raw samples.

    Args:
        x: Raw samples `(batch, *spec.shape)`, float32.
        spec: The data.
        trunk: A model that `check_entry` accepts.
        size: Positions along each axis of space.
    """
    x = _in_units(_filled(x, spec, trunk), spec, trunk)
    x = _resized(x, spec.kind, size)
    wanted = trunk.inputs[0].shape[-1]
    if wanted in (None, x.shape[-1]):
        return x
    if wanted == 1:
        return keras.ops.mean(x, axis=-1, keepdims=True)
    return keras.layers.Concatenate(dtype="float32")([x] * wanted)


def _filled(x: Any, spec: DataSpec, trunk: keras.Model) -> Any:
    """Put means where values are missing, unless the trunk sees to it."""
    kinds = {type(layer).__name__ for layer in layers_of(trunk)}
    if not spec.missing or "IsNan" in kinds or "Isnan" in kinds:
        return x
    means = np.array(spec.mean, "float32")
    return keras.ops.where(keras.ops.isnan(x), means, x)


def _in_units(x: Any, spec: DataSpec, trunk: keras.Model) -> Any:
    """Return samples in the units that a trunk takes.

    One of open size is made for pictures of 8 bits. One that scales by itself is
    given samples as they are. Else pictures are brought to [0, 1], as is usual, and
    other data to zero mean and unit variance.
    """
    if None in trunk.inputs[0].shape[1:] and spec.rank == 2:
        return _as_8_bit(x, spec)
    if any(isinstance(layer, _SCALING) for layer in layers_of(trunk)):
        return x
    if spec.kind in ("image", "video"):
        highest = _HIGHEST.get(spec.dtype)
        return _rescaled(x, 1 / highest) if highest else x
    return _standardized(x, spec, 0.0, 1.0)


def _as_8_bit(x: Any, spec: DataSpec) -> Any:
    """Bring pictures to [0, 255]; floating-point ones to the usual mean and spread."""
    highest = _HIGHEST.get(spec.dtype)
    if highest is None:
        return _standardized(x, spec, _GREY, _SPREAD)
    scale = _HIGHEST["uint8"] / highest
    return x if scale == 1 else _rescaled(x, scale)


def _standardized(x: Any, spec: DataSpec, mean: float, spread: float) -> Any:
    scale = [spread / float(deviation) for deviation in spec.std]
    pairs = zip(spec.mean, scale, strict=True)
    return _rescaled(x, scale, [mean - float(m) * s for m, s in pairs])


def _rescaled(x: Any, scale: Any, offset: Any = 0.0) -> Any:
    return keras.layers.Rescaling(scale, offset, dtype="float32")(x)


def _resized(x: Any, kind: str, size: tuple[int, ...]) -> Any:
    """Interpolate images and series; sounds keep their pace and are cut or padded.

    By an operation, for the same reason as in `grafting.resize`.
    """
    have = tuple(x.shape[1:-1])
    if have == size:
        return x
    if kind == "audio":
        return _of_length(x, size[0])
    if len(size) == 2:
        return keras.ops.image.resize(x, size)
    wide = keras.layers.Reshape((have[0], 1, x.shape[-1]), dtype="float32")(x)
    wide = keras.ops.image.resize(wide, (size[0], 1))
    return keras.layers.Reshape((size[0], x.shape[-1]), dtype="float32")(wide)


def _of_length(x: Any, length: int) -> Any:
    surplus = x.shape[1] - length
    if surplus > 0:
        return keras.layers.Cropping1D((0, surplus), dtype="float32")(x)
    return keras.layers.ZeroPadding1D((0, -surplus), dtype="float32")(x)


def _words(shape: tuple[int | None, ...]) -> str:
    return "x".join("any" if side is None else str(side) for side in shape)
