"""How raw inputs of each kind enter an exported graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from automl.export.fitting import (
    fit_audio,
    fit_images,
    fit_series,
    fit_videos,
    fit_volumes,
)
from automl.export.images import decode
from automl.export.sounds import decode_wav
from automl.export.texts import vectorizer
from automl_datasets.spec import DataSpec

_FITTERS: dict[str, Callable[[Any, DataSpec], Any]] = {
    "image": fit_images,
    "series": fit_series,
    "audio": fit_audio,
    "volume": fit_volumes,
    "video": fit_videos,
}


@dataclass(frozen=True)
class Intake:
    """What a graph does with raw inputs before the network.

    Attributes:
        signature: Shape and type of a batch of raw inputs.
        fit: From raw inputs to what the network takes, `(batch, *spec.shape)`.
        resources: What `fit` looks things up in; a SavedModel has to hold it.
    """

    signature: Any
    fit: Callable[[Any], Any]
    resources: Any = None


def intake(spec: DataSpec) -> Intake:
    """Return the intake of a kind of data.

    Samples may have any spatial size, and are brought to the size of `spec` by the
    rule that its preprocessing records; texts are strings.
    """
    if spec.kind == "text":
        layer = vectorizer(spec)
        signature = tf.TensorSpec((None,), tf.string, name="inputs")
        return Intake(signature, lambda texts: layer(texts)[..., None], layer)
    fit = _FITTERS[spec.kind]
    shape = (None,) * len(spec.shape) + (spec.channels,)
    signature = tf.TensorSpec(shape, spec.dtype, name="inputs")
    return Intake(signature, lambda inputs: fit(inputs, spec))


def decoder(spec: DataSpec) -> Callable[[Any], Any] | None:
    """Return what turns one encoded file into a sample of any size, if anything does.

    8-bit images of one or three channels, and sound, are decoded inside graphs.
    """
    if spec.kind == "image" and spec.dtype == "uint8" and spec.channels in (1, 3):
        return lambda encoded: decode(encoded, spec.channels)
    if spec.kind == "audio":
        rate = int(spec.preprocessing["sample_rate"])
        return lambda encoded: decode_wav(encoded, rate)
    return None
