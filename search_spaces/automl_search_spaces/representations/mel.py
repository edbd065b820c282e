"""Sounds as log-mel spectrograms, computed inside the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Changes
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.representations.representation import (
    Representation,
    Signal,
)

_BANDS = (40, 64)
_WINDOW_SECONDS, _HOP_SECONDS = 0.025, 0.010
_MAX_FRAMES = 128

#: Quieter than full scale by this factor of power is silence: 80 dB.
_SILENCE = 1e-8

#: Keras limits the range below the loudest sound of the whole batch, so that a
#: prediction would depend on its neighbours; no sound reaches this limit.
_NO_LIMIT_DB = 1e4


class Frames(NamedTuple):
    """How a sound is cut: all in samples but for the number of frames.

    Keras mirrors half a transform at either end, for which `length` must suffice.
    """

    window: int
    hop: int
    transform: int
    length: int
    number: int


def frames_of(spec: DataSpec) -> Frames:
    """Return windows of about 25 ms every 10 ms, coarser for long sounds.

    Example:
        >>> spec = DataSpec("audio", (8000, 1), "float32", "classification",
        ...                 ("a", "b"), 9, 9, 9, (0.0,), (0.1,),
        ...                 preprocessing={"sample_rate": 8000})
        >>> frames_of(spec)
        Frames(window=200, hop=80, transform=256, length=8000, number=101)
    """
    samples, rate = int(spec.shape[0]), _rate(spec)
    hop = max(1, round(_HOP_SECONDS * rate), math.ceil(samples / (_MAX_FRAMES - 1)))
    # Windows overlap by half at least, or sounds between them are missed.
    window = max(4, round(_WINDOW_SECONDS * rate), min(2 * hop, samples))
    transform = 2 ** math.ceil(math.log2(window))
    length = max(samples, transform // 2 + 1)
    return Frames(window, hop, transform, length, 1 + length // hop)


def shape(spec: DataSpec, values: Mapping[str, Any]) -> tuple[int, ...]:
    """Return `(frames, bands, 1)`."""
    return (frames_of(spec).number, values.get("mel_bands", _BANDS[0]), 1)


def apply(
    x: Any, spec: DataSpec, values: Mapping[str, Any], changes: Changes
) -> Signal:
    """Return decibels of each band, each band at zero mean and unit variance.

    Source: Davis & Mermelstein (1980) for the mel bands.
    """
    for layer in changes.raw:
        x = layer(x)
    frames, bands = frames_of(spec), values["mel_bands"]
    spectrogram = keras.layers.MelSpectrogram(
        fft_length=frames.transform,
        sequence_stride=frames.hop,
        sequence_length=frames.window,
        sampling_rate=_rate(spec),
        num_mel_bins=bands,
        min_freq=20.0,
        max_freq=_rate(spec) / 2,
        top_db=_NO_LIMIT_DB,
        min_power=_SILENCE * (frames.window / 4) ** 2,
        dtype="float32",
    )
    if frames.length > x.shape[1]:
        missing = frames.length - x.shape[1]
        x = keras.layers.ZeroPadding1D((0, missing), dtype="float32")(x)
    x = spectrogram(keras.layers.Reshape((frames.length,), dtype="float32")(x))
    x = keras.layers.Permute((2, 1))(x)
    x = keras.layers.Reshape((frames.number, bands, 1))(x)
    x = keras.layers.BatchNormalization(axis=2, momentum=0.9)(x)
    for layer in changes.standardized:
        x = layer(x)
    return Signal(x)


def declare(declaration: Declaration, spec: DataSpec) -> None:
    """Declare `mel_bands`."""
    declaration.choice("mel_bands", _BANDS, _BANDS[0])


def _rate(spec: DataSpec) -> int:
    """Return the samples a second."""
    return int(spec.preprocessing["sample_rate"])


REPRESENTATION = Representation("mel", ("audio",), shape, apply, declare)
