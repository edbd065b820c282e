"""Reading one sound file into a mono waveform, whatever its coding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.media.wav import Wav, is_wav, numbers_of, wav_header
from automl_datasets.naming import suffix_of

Waveform = NDArray[np.float32]

# Longer recordings are read around their middle, since samples are cropped there.
SECONDS_READ = 60
MAX_RATE = 1_000_000  # ultrasound is recorded at 500 kHz; more is a broken header
_BLOCK_VALUES = 2**21  # numbers held at a time while channels are mixed
_MOST_IN_A_BYTE = 8192  # samples, of silence in the tightest of codings
_CUT_SHORT = "cut short: holds fewer samples than its header says"
_OTHER_SOUNDS = (b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"caff", b"riff")
_MPEG_SYNCS = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")


class Recording(NamedTuple):
    """A sound as the file holds it, its channels mixed.

    Attributes:
        values: Waveform, shape `(n,)`, at `rate`.
        rate: Samples a second.
        frames: Samples of each channel that the file holds.
        remarks: What had to be done to it.
    """

    values: Waveform
    rate: int
    frames: int
    remarks: tuple[str, ...]


def is_sound(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a sound."""
    return is_wav(head) or head.startswith((*_OTHER_SOUNDS, *_MPEG_SYNCS))


def measure(location: str) -> tuple[int, int]:
    """Return the samples of each channel and the sample rate, from the header.

    Raises:
        DataError: If the file is no sound; the message is a plain reason.
    """
    with _opened(location) as file:
        wav = _wav(file)
        if wav is not None:
            return _checked(wav.frames, wav.rate)
    with _sound_file(location) as sound:
        return _measured(sound)


def record(location: str) -> Recording:
    """Read a sound and mix its channels by their mean.

    Never more than `SECONDS_READ` around the middle is held in memory, and nothing is
    allocated because a header says so.

    Args:
        location: The file; its content decides on the coding, not its suffix.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    with _opened(location) as file:
        wav = _wav(file)
        if wav is not None:
            return _record_wav(file, wav)
    with _sound_file(location) as sound:
        return _record_sound(sound)


def _checked(frames: int, rate: int) -> tuple[int, int]:
    if frames < 1:
        raise DataError("holds no samples")
    if not 1 <= rate <= MAX_RATE:
        raise DataError(
            f"claims a sample rate of {rate:,} Hz, outside of 1 to {MAX_RATE:,}"
        )
    return frames, rate


def _measured(sound: Any) -> tuple[int, int]:
    if sound.frames > _MOST_IN_A_BYTE * Path(sound.name).stat().st_size:
        raise DataError("its header does not say how long it is; write it once more")
    return _checked(int(sound.frames), int(sound.samplerate))


@contextmanager
def _opened(location: str) -> Iterator[BinaryIO]:
    try:
        with Path(location).open("rb") as file:
            yield file
    except OSError as error:
        raise DataError(f"cannot be opened: {error.strerror or error}") from error


def _wav(file: BinaryIO) -> Wav | None:
    """Return the header of a wav file, `None` if soundfile has to read it."""
    head = file.read(12)
    if not head:
        raise DataError("empty file")
    if is_wav(head):
        return wav_header(file, head)
    # A broken wav file must not be met with "install another reader".
    if suffix_of(file.name) in {".wav", ".wave"} and not is_sound(head):
        raise DataError("not a wav file, or its header is broken")
    return None


def _record_wav(file: BinaryIO, wav: Wav) -> Recording:
    frames, rate = _checked(wav.frames, wav.rate)
    remarks = [] if wav.whole else [_CUT_SHORT]
    first, count = _middle(frames, rate)
    block = wav.width * wav.channels
    file.seek(wav.start + first * block)
    values = np.empty(count, np.float32)
    for done, part in _parts(count, wav.channels):
        numbers = numbers_of(file.read(part * block), wav)
        values[done : done + part] = _mixed(numbers.reshape(-1, wav.channels))
    return _recorded(values, rate, frames, channels=wav.channels, remarks=remarks)


@contextmanager
def _sound_file(location: str) -> Iterator[Any]:
    soundfile = _soundfile(suffix_of(location))
    try:
        with soundfile.SoundFile(location) as sound:
            yield sound
    except (soundfile.SoundFileError, TypeError) as error:
        reason = str(getattr(error, "error_string", error)).strip(" .")
        raise DataError(f"not a sound, or broken ({reason})") from error


def _soundfile(suffix: str) -> Any:
    try:
        return import_module("soundfile")
    except (ImportError, OSError) as error:  # OSError: libsndfile is not there
        raise DataError(
            f"Reading this {suffix or 'sound'} file needs the package soundfile; "
            'install it with pip install "conv-automl[audio]".'
        ) from error


def _record_sound(sound: Any) -> Recording:
    frames, rate = _measured(sound)
    first, count = _middle(frames, rate)
    if first:
        sound.seek(first)
    mixed = []
    for _, part in _parts(count, sound.channels):
        numbers = sound.read(part, dtype="float32", always_2d=True)
        mixed.append(_mixed(numbers))
        if len(numbers) < part:
            break
    values = np.concatenate(mixed)
    if not len(values):
        raise DataError("truncated: not one sample can be read")
    remarks = [] if len(values) == count else [_CUT_SHORT]
    return _recorded(values, rate, frames, channels=sound.channels, remarks=remarks)


def _middle(frames: int, rate: int) -> tuple[int, int]:
    """Return the first of the frames that are read, and how many are."""
    count = min(frames, SECONDS_READ * rate)
    return (frames - count) // 2, count


def _parts(count: int, channels: int) -> Iterator[tuple[int, int]]:
    """Yield first frame and number of frames of each block that memory can hold."""
    step = max(1, _BLOCK_VALUES // channels)
    for done in range(0, count, step):
        yield done, min(step, count - done)


def _mixed(numbers: NDArray[Any]) -> Waveform:
    with np.errstate(all="ignore"):  # what overflows is refused afterwards
        mean: Waveform = numbers.mean(axis=1, dtype=np.float64).astype(np.float32)
    return mean


def _recorded(
    values: Waveform, rate: int, frames: int, *, channels: int, remarks: list[str]
) -> Recording:
    if not np.isfinite(values).all():
        raise DataError("holds NaN or infinite samples")
    if channels > 1:
        remarks.append(f"{channels} channels mixed down to one")
    if len(values) < frames and _CUT_SHORT not in remarks:
        remarks.append(f"longer than {SECONDS_READ} s, only its middle is read")
    peak = float(np.abs(values).max())
    if peak == 0:
        remarks.append("silent throughout")
    if peak > 1:
        values = values / np.float32(peak)
        remarks.append("louder than full scale, turned down to it")
    return Recording(values, rate, frames, tuple(remarks))
