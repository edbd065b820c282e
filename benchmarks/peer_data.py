"""The arrays that the peers learn from: the same samples and splits as ours.

Used in the peers' own environments too: it imports numpy and Keras and nothing else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

_WINDOW_SECONDS = 0.032
_MEL_BINS = 40
_BATCH = 256


class Labelled(NamedTuple):
    """Samples `(n, ...)`, channels last, and class indices `(n,)`."""

    inputs: NDArray[Any]
    targets: NDArray[np.int64]


def read_spec(folder: Path) -> dict[str, Any]:
    """Return what is known of prepared data."""
    spec: dict[str, Any] = json.loads((folder / "prepared.json").read_text())["spec"]
    return spec


def read_split(folder: Path, name: str) -> Labelled:
    """Return a split of prepared data as it is."""
    inputs = np.load(folder / f"{name}_inputs.npy", mmap_mode="r")
    return Labelled(inputs, np.load(folder / f"{name}_targets.npy"))


def read_features(folder: Path, name: str) -> Labelled:
    """Return a split as its user would feed a network: sounds as log-mel pictures."""
    inputs, targets = read_split(folder, name)
    spec = read_spec(folder)
    if spec["kind"] == "audio":
        return Labelled(_log_mel(inputs, spec["preprocessing"]), targets)
    return Labelled(np.asarray(inputs, "float32"), targets)


def accuracy(probabilities: NDArray[Any], targets: NDArray[np.int64]) -> float:
    """Return the share of samples whose likeliest class is right."""
    return float(np.mean(probabilities.argmax(axis=-1) == targets))


def _log_mel(
    sounds: NDArray[Any], preprocessing: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Return `(n, frequencies, frames, 1)` of sounds `(n, samples, 1)`, in decibels."""
    rate = int(preprocessing["sample_rate"])
    window = 2 ** round(math.log2(_WINDOW_SECONDS * rate))
    layer = keras.layers.MelSpectrogram(
        fft_length=window,
        sequence_stride=window // 2,
        num_mel_bins=_MEL_BINS,
        sampling_rate=rate,
    )
    parts = [
        np.asarray(layer(np.asarray(sounds[first : first + _BATCH, :, 0])))
        for first in range(0, len(sounds), _BATCH)
    ]
    return np.concatenate(parts)[..., None].astype("float32")
