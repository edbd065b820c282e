"""Sound files, one sample each: a mono waveform of one rate and length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media._base import Decision
from automl_datasets.media.waveforms import Waveform, is_sound, measure, record
from automl_datasets.naming import counted, suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout, Reading

KIND = "audio"
NOUN = "sound"
SUFFIXES = frozenset(
    ".aif .aifc .aiff .au .caf .flac .mp3 .oga .ogg .opus .snd .w64 .wav .wave".split()  # noqa: SIM905
)
PARALLEL = True
REQUIRES = ""  # wav files need nothing; others say `conv-automl[audio]` themselves

FIT = "crop the middle, pad the end with silence"
# Speech keeps its meaning at 16 kHz; more costs time in every layer that follows.
_HIGHEST_RATE, _REDUCED_RATE = 22_050, 16_000
_LONGEST_SECONDS = 10
_FURTHEST = 1000  # rates further apart have nothing to do with each other


class Header(NamedTuple):
    """What a sound's header says.

    Attributes:
        size: `(samples,)` of each channel.
        rate: Samples a second.
    """

    size: tuple[int]
    rate: int


def accepts(path: Path) -> bool:
    """Return whether a file is a sound, by its ending or else by its first bytes."""
    if not is_regular(path):
        return False
    if suffix_of(path.name) in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return is_sound(file.read(12))
    except OSError:
        return False


def peek(location: str) -> Header:
    """Read the header of a sound.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    frames, rate = measure(location)
    return Header((frames,), rate)


def decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    """Decide on the common rate and length; at least one header is given."""
    rate, why_rate = _common_rate([header.rate for header in headers])
    lengths = np.array(
        [
            resampled_length(header.size[0], header.rate, rate)
            for header in headers
            if _comparable(header.rate, rate)  # others are refused when read
        ]
    )
    samples, why_length = _common_length(lengths, rate)
    preprocessing = {"sample_rate": rate, "samples": samples, "fit": FIT}
    layout = Layout(KIND, (samples, 1), "float32", preprocessing)
    return Decision(layout, (why_rate, why_length))


def decode(location: str, layout: Layout, *, fitted: bool) -> tuple[Reading, Header]:
    """Read a sound as float32 in `[-1, 1]`, at the rate of the layout.

    Args:
        location: Path of the file.
        layout: What `decide` returned.
        fitted: Whether to bring it to the length of the layout, by `fit`.

    Returns:
        The waveform, shape `(n, 1)`, and the header.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    recording = record(location)
    rate = int(layout.preprocessing["sample_rate"])
    values = resample(recording.values, recording.rate, rate)
    if fitted:
        values = fit(values, int(layout.preprocessing["samples"]))
    header = Header((recording.frames,), recording.rate)
    return Reading(values[:, None], header.size, recording.remarks), header


def fit(values: Waveform, samples: int) -> Waveform:
    """Crop the middle, or pad the end with silence.

    Args:
        values: Waveform, shape `(n,)`.
        samples: Length to reach. Of a longer waveform, `(n - samples) // 2` numbers
            are left out before it.

    Returns:
        Waveform, shape `(samples,)`.

    Example:
        >>> fit(np.arange(5, dtype=np.float32), 2).tolist()
        [1.0, 2.0]
        >>> fit(np.ones(2, np.float32), 3).tolist()
        [1.0, 1.0, 0.0]
    """
    first = max(0, (len(values) - samples) // 2)
    cropped = values[first : first + samples]
    return np.pad(cropped, (0, samples - len(cropped)))


def resample(values: Waveform, rate: int, target: int) -> Waveform:
    """Bring a waveform from one rate to another, by a polyphase filter.

    Args:
        values: Waveform in `[-1, 1]`, shape `(n,)`.
        rate: Samples a second that it has.
        target: Samples a second that it is to have.

    Returns:
        Waveform in `[-1, 1]`, of the length that `resampled_length` says.

    Raises:
        DataError: If the rates are further apart than a thousand times.
    """
    if rate == target:
        return values
    from scipy.signal import resample_poly

    ratio = _ratio(rate, target)
    resampled: NDArray[np.float32] = resample_poly(
        values, ratio.numerator, ratio.denominator
    )
    return np.clip(resampled, -1, 1).astype(np.float32)


def resampled_length(length: int, rate: int, target: int) -> int:
    """Return how many samples `resample` makes of `length`.

    Example:
        >>> resampled_length(44_100, 44_100, 16_000)
        16000
    """
    ratio = _ratio(rate, target)
    return -(-length * ratio.numerator // ratio.denominator)


@cache
def _ratio(rate: int, target: int) -> Fraction:
    """Return the change of rate as a fraction that a short filter can do.

    All usual pairs of rates are exact; the pitch of others is off by less than one
    hundredth of a semitone.
    """
    if not _comparable(rate, target):
        raise DataError(
            f"its sample rate of {rate:,} Hz is too far from {target:,} Hz, which the "
            "others have"
        )
    ratio = Fraction(target, rate)
    if ratio > 1:
        return 1 / (1 / ratio).limit_denominator(2 * _FURTHEST)
    return ratio.limit_denominator(2 * _FURTHEST)


def _comparable(rate: int, target: int) -> bool:
    return max(rate, target) <= _FURTHEST * min(rate, target)


def _common_rate(rates: Sequence[int]) -> tuple[int, str]:
    counts = Counter(rates)
    usual = max(counts, key=lambda rate: (counts[rate], rate))
    rate = usual if usual <= _HIGHEST_RATE else _REDUCED_RATE
    others = len(rates) - counts[rate]
    if not others:
        return rate, f"All sounds have {rate:,} samples a second."
    cause = (
        "the most common rate"
        if rate == usual
        else f"since the most common rate, {usual:,}, is more than is usually heard"
    )
    return rate, (
        f"Sounds have {rate:,} samples a second, {cause}; "
        f"{counted(others, 'sound')} resampled."
    )


def _common_length(lengths: NDArray[np.int64], rate: int) -> tuple[int, str]:
    longest, median = int(lengths.max()), float(np.median(lengths))
    samples, cause = longest, "as long as the longest"
    if longest > 2 * median:
        samples = int(np.ceil(np.percentile(lengths, 95)))
        cause = "the 95th percentile, as the longest is over twice the median"
    if samples > _LONGEST_SECONDS * rate:
        samples, cause = _LONGEST_SECONDS * rate, f"at most {_LONGEST_SECONDS} s"
    cropped, padded = int((lengths > samples).sum()), int((lengths < samples).sum())
    return samples, (
        f"Sounds last {lengths.min() / rate:.2f} to {longest / rate:.2f} s; all are "
        f"brought to {samples / rate:.2f} s ({samples:,} samples, {cause}): "
        f"{cropped:,} cropped to their middle, {padded:,} padded with silence."
    )


def fitting(layout: Layout) -> None:
    """Return `None`: nothing is learned from the training split."""
