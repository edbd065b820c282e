"""Numbers as they are, each channel at zero mean and unit variance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Changes
from automl_search_spaces.representations.representation import (
    Representation,
    Signal,
)

#: A windowed intensity has a standard deviation of this share of the window, at
#: least and at most: single extreme voxels disturb the measured one.
_WINDOW_SHARES = (0.1, 0.5)


def shape(spec: DataSpec, values: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of a sample, with the indicator channel if there is one."""
    return (*spec.shape[:-1], spec.channels + int(spec.missing))


def apply(
    x: Any, spec: DataSpec, values: Mapping[str, Any], changes: Changes
) -> Signal:
    """Window, standardise, and put the mean for what is missing.

    Where values may be missing, one more channel holds the share of the channels
    that was observed at each position, so that a network can tell padding from data.
    """
    for layer in changes.raw:
        x = layer(x)
    missing = keras.ops.isnan(x) if spec.missing else None
    x = _standardize(x, spec)
    if missing is not None:
        x = keras.ops.where(missing, 0.0, x)
    for layer in changes.standardized:
        x = layer(x)
    return Signal(x if missing is None else _with_indicator(x, missing))


def _with_indicator(x: Any, missing: Any) -> Any:
    observed = keras.ops.cast(keras.ops.logical_not(missing), "float32")
    if x.shape[-1] > 1:
        observed = keras.ops.mean(observed, axis=-1, keepdims=True)
    return keras.layers.Concatenate()([x, observed])


def _standardize(x: Any, spec: DataSpec) -> Any:
    """Return `x` at zero mean and unit variance.

    `Rescaling` and not `Normalization`, of which ONNX makes two more inputs. In
    float32 under any policy: half precision can't hold all raw samples.
    """
    means, deviations = list(spec.mean), list(spec.std)
    window = spec.preprocessing.get("window")
    if window is not None:
        low, high = (float(edge) for edge in window)
        x = keras.ops.clip(x, low, high)
        least, most = (share * (high - low) for share in _WINDOW_SHARES)
        means = [min(max(mean, low), high) for mean in means]
        deviations = [min(max(std, least), most) or 1.0 for std in deviations]
    scale = [1.0 / float(std) for std in deviations]
    pairs = zip(means, deviations, strict=True)
    offset = [-float(mean) / float(std) for mean, std in pairs]
    return keras.layers.Rescaling(scale, offset, dtype="float32")(x)


REPRESENTATION = Representation(
    "numbers", ("image", "series", "volume", "video"), shape, apply
)

#: One-dimensional convolutions on the samples of a sound.
#: Source: Dai et al. (2017), arXiv:1610.00087.
WAVEFORM = Representation("waveform", ("audio",), shape, apply)
