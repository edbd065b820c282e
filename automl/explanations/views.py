"""Samples as a person can look at them, one function a kind of data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import keras
import numpy as np

from automl.explanations.pictures import MOST_PIXELS, encoded, grey, heat
from automl_datasets.spec import DataSpec
from automl_reports.explanation import Panel, SampleView
from automl_search_spaces.representations.mel import frames_of
from automl_search_spaces.representations.text import shape as text_shape

MOST_CHANNELS = 3
MOST_STEPS = 128
MOST_WORDS = 60
_FRAMES = 4
_BANDS = 64
_LOUDNESS_DB = 80.0
_RESERVED_WORDS = ("", "\N{HORIZONTAL ELLIPSIS}")
_AXES = ("depth", "height", "width")
_HEAT_STEPS = 48


def view(
    sample: np.ndarray,
    spec: DataSpec,
    name: str,
    cam: np.ndarray | None = None,
    *,
    pixels: int = MOST_PIXELS,
) -> SampleView:
    """Return one prepared sample as a person can look at it.

    Args:
        sample: Shape `spec.shape`, in the data's own dtype.
        spec: The data set.
        name: Its name; folders are left out.
        cam: Where a model looked, in [0, 1], along the axes of the sample (sounds:
            along time, or time and frequency); `None` for nowhere in particular.
        pixels: Of the longer side of a picture; parts of a sample get fewer.
    """
    if cam is not None and cam.ndim not in _CAM_RANKS.get(spec.kind, (spec.rank,)):
        cam = None
    return replace(_VIEWS[spec.kind](sample, spec, cam, pixels), name=own_name(name))


def own_name(name: str) -> str:
    r"""Return a sample's name without its folders.

    Example:
        >>> own_name("ward 7/patient 3/scan.nii"), own_name("x_test[12]")
        ('scan.nii', 'x_test[12]')
    """
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _image(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    return SampleView("", panels=(_panel(_pixels(sample), cam, most=pixels),))


def _volume(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    """Return the middle slice across each axis, all with the same grey values."""
    window = spec.preprocessing.get("window")
    first = sample[..., 0].astype(float)
    voxels = grey(first, (float(window[0]), float(window[1])) if window else None)
    panels = (
        _panel(
            _middle(voxels, axis),
            None if cam is None else _middle(cam, axis),
            most=2 * pixels // 3,
            label=f"middle of the {name}",
        )
        for axis, name in enumerate(_AXES)
    )
    return SampleView("", panels=tuple(panels))


def _video(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    count = min(_FRAMES, len(sample))
    shares = np.linspace(0, 1, count)
    panels = []
    for share in shares:
        place = round(share * (len(sample) - 1))
        strengths = None if cam is None else cam[round(share * (len(cam) - 1))]
        panels.append(
            _panel(
                _pixels(sample[place]),
                strengths,
                most=2 * pixels // 3,
                label=f"frame {place + 1} of {len(sample)}",
            )
        )
    return SampleView("", panels=tuple(panels))


def _audio(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    """Return the spectrogram, low tones at the bottom."""
    decibels = spectrogram(sample, spec)
    top = float(decibels.max())
    strengths = None
    if cam is not None:
        strengths = cam[None, :] if cam.ndim == 1 else cam.T[::-1]
    image = grey(decibels[::-1], (top - _LOUDNESS_DB, top))
    label = "spectrogram, low tones at the bottom"
    return SampleView(
        "", panels=(_panel(image, strengths, most=4 * pixels // 3, label=label),)
    )


def spectrogram(sample: np.ndarray, spec: DataSpec) -> np.ndarray:
    """Return decibels of mel bands, float32 `(bands, frames)`, low tones first."""
    frames = frames_of(spec)
    rate = int(spec.preprocessing["sample_rate"])
    layer = keras.layers.MelSpectrogram(
        fft_length=frames.transform,
        sequence_stride=frames.hop,
        sequence_length=frames.window,
        sampling_rate=rate,
        num_mel_bins=min(_BANDS, frames.transform // 4),
        min_freq=20.0,
        max_freq=rate / 2,
        top_db=_LOUDNESS_DB,
    )
    sound = np.zeros((1, frames.length), np.float32)
    sound[0, : len(sample)] = sample[:, 0]
    return np.asarray(keras.ops.convert_to_numpy(layer(sound))[0])


def _series(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    """Return channels as lines; padding at the end of a short series is left out."""
    known = np.flatnonzero(np.isfinite(sample).any(axis=1))
    length = int(known[-1]) + 1 if known.size else len(sample)
    steps = np.unique(np.linspace(0, length - 1, min(MOST_STEPS, length)).astype(int))
    lines = tuple(
        tuple(_number(value) for value in sample[steps, channel])
        for channel in range(min(MOST_CHANNELS, sample.shape[1]))
    )
    return SampleView("", lines=lines, heat=_along(cam, length, len(sample)))


def _along(cam: np.ndarray | None, length: int, whole: int) -> tuple[float, ...]:
    """Return strengths at even steps of the first `length` of `whole` positions."""
    if cam is None:
        return ()
    count = max(1, min(_HEAT_STEPS, math.ceil(len(cam) * length / whole)))
    places = (np.arange(count) + 0.5) / count * length / whole
    return tuple(round(float(v), 2) for v in cam[(places * len(cam)).astype(int)])


def _text(
    sample: np.ndarray, spec: DataSpec, cam: np.ndarray | None, pixels: int
) -> SampleView:
    vocabulary = (*_RESERVED_WORDS, *spec.preprocessing["vocabulary"])
    tokens = [int(token) for token in sample[:, 0] if token][:MOST_WORDS]
    strengths: Iterator[float] = iter(())
    if cam is not None:
        # A marker precedes the words, and padding follows them.
        padded = text_shape(spec, {})[0]
        places = [(t + 1) * len(cam) // padded for t in range(len(tokens))]
        strengths = (round(float(cam[place]), 2) for place in places)
    words = tuple(vocabulary[token] for token in tokens)
    return SampleView("", words=words, heat=tuple(strengths))


def _panel(
    pixels: np.ndarray,
    cam: np.ndarray | None,
    *,
    most: int,
    label: str = "",
) -> Panel:
    picture, width, height = encoded(pixels, most=most)
    laid_over = "" if cam is None else heat(cam)
    return Panel(picture, width, height, laid_over, label)


def _pixels(image: np.ndarray) -> np.ndarray:
    """Return an image of any numbers and channels as uint8, grey or in colours."""
    channels = image.shape[-1]
    shown = image[..., :3] if channels >= 3 else image[..., 0]
    return np.asarray(shown if shown.dtype == np.uint8 else grey(shown))


def _middle(array: np.ndarray, axis: int) -> np.ndarray:
    return np.asarray(np.take(array, array.shape[axis] // 2, axis=axis))


def _number(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


_VIEWS: Mapping[str, Callable[..., SampleView]] = {
    "image": _image,
    "series": _series,
    "audio": _audio,
    "text": _text,
    "volume": _volume,
    "video": _video,
}
_CAM_RANKS: Mapping[str, tuple[int, ...]] = {"audio": (1, 2)}
