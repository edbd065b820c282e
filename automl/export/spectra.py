"""Mel spectrograms by matrix products alone, for runtimes without complex numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

_POWER = 2.0


def mel_spectrogram(layer: Any, waves: Any) -> Any:
    """Return what a `MelSpectrogram` layer makes of waves `(batch, samples)`.

    `None` for settings that are not covered: a transform whose length is no power of
    two, a window other than Hann's, or magnitudes that are not squared.
    """
    length = int(layer.fft_length)
    usual = layer.window == "hann" and layer.mag_exp == _POWER and layer.power_to_db
    if not usual or length & (length - 1):
        return None
    return _MelSpectrogram(layer)(waves)


class _MelSpectrogram(keras.layers.Layer):
    """The layer that stands for a `MelSpectrogram` while a network is converted."""

    def __init__(self, original: Any) -> None:
        """Take the settings of the layer it stands for."""
        super().__init__(dtype="float32", name=f"{original.name}_by_products")
        self.original = original

    def call(self, waves: Any) -> Any:
        """Return decibels `(batch, bands, frames)`."""
        layer = self.original
        length = int(layer.fft_length)
        half = length // 2
        padded = keras.ops.pad(waves, ((0, 0), (half, half)), mode="reflect")
        starts = np.arange(0, padded.shape[1] - length + 1, layer.sequence_stride)
        places = (starts[:, None] + np.arange(length)).astype(np.int32)
        frames = keras.ops.take(padded, places, axis=1)
        frames = frames * _hann(int(layer.sequence_length), length)
        power = _power_spectrum(frames, len(starts), length)[..., : half + 1]
        return keras.ops.swapaxes(layer._dbscale(layer._melscale(power)), -1, -2)


def _hann(width: int, length: int) -> np.ndarray:
    """Return a periodic Hann window in the middle of `length` samples, float32."""
    window = np.zeros(length, np.float32)
    first = (length - width) // 2
    angles = 2 * np.pi * np.arange(width) / width
    window[first : first + width] = 0.5 - 0.5 * np.cos(angles)
    return window


def _power_spectrum(frames: Any, number: int, length: int) -> Any:
    """Return the squared Fourier transform of frames, `(batch, number, length)`.

    The transform of `rows * columns` samples is done as transforms of `rows`, a
    rotation, and transforms of `columns`, each a small matrix product.

    Source: Cooley & Tukey (1965), An algorithm for the machine calculation of complex
        Fourier series, Mathematics of Computation 19(90).
    """
    rows = 2 ** (int(np.log2(length)) // 2)
    columns = length // rows
    x = keras.ops.reshape(frames, (-1, number, rows, columns))
    x = keras.ops.swapaxes(x, 2, 3)
    first = _roots(np.outer(np.arange(rows), np.arange(rows)), rows)
    real, imaginary = (keras.ops.matmul(x, part) for part in first)
    turn = _roots(np.outer(np.arange(columns), np.arange(rows)), length)
    real, imaginary = (
        keras.ops.swapaxes(part, 2, 3)
        for part in (
            real * turn[0] - imaginary * turn[1],
            real * turn[1] + imaginary * turn[0],
        )
    )
    last = _roots(np.outer(np.arange(columns), np.arange(columns)), columns)
    product = keras.ops.matmul
    sums = product(real, last[0]) - product(imaginary, last[1])
    others = product(real, last[1]) + product(imaginary, last[0])
    power = keras.ops.swapaxes(sums * sums + others * others, 2, 3)
    return keras.ops.reshape(power, (-1, number, length))


def _roots(powers: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Return real and imaginary part of powers of a root of unity, float32."""
    root = np.exp(-2j * np.pi * (powers % order) / order)
    return root.real.astype(np.float32), root.imag.astype(np.float32)
