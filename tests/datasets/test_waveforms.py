"""Recordings in files: every depth and coding, and what is broken."""

from __future__ import annotations

import csv
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from automl_datasets.errors import DataError
from automl_datasets.media import audio
from automl_datasets.media.waveforms import SECONDS_READ, record
from tests.datasets.sounds import header_of, layout_of, tone, write


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_each_depth_gives_the_same_waveform(tmp_path: Path, dtype: str) -> None:
    values = tone(0.1, 8000)
    if dtype == "uint8":
        stored = np.rint(values * 128 + 128).astype(dtype)
    elif dtype.startswith("int"):
        stored = np.rint(values * np.iinfo(dtype).max).astype(dtype)
    else:
        stored = values.astype(dtype)
    recording = record(write(tmp_path / "a.wav", stored))
    assert recording.values.dtype == np.float32
    assert recording.remarks == ()
    assert np.abs(recording.values - values).max() < (
        0.005 if dtype == "uint8" else 1e-4
    )


def test_full_scale_of_16_bit_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.array([-32768, 0, 16384], np.int16))
    assert record(path).values.tolist() == [-1.0, 0.0, 0.5]


def test_channels_are_mixed_by_their_mean(tmp_path: Path) -> None:
    stereo = np.array([[0.5, 0.1], [-0.5, 0.5]], np.float32)
    recording = record(write(tmp_path / "a.wav", stereo))
    assert recording.values == pytest.approx([0.3, 0.0])
    assert recording.remarks == ("2 channels mixed down to one",)


def test_silence_is_a_sound(tmp_path: Path) -> None:
    recording = record(write(tmp_path / "a.wav", np.zeros(9, np.int16)))
    assert recording.remarks == ("silent throughout",)


def test_louder_than_full_scale_is_turned_down(tmp_path: Path) -> None:
    recording = record(write(tmp_path / "a.wav", np.array([0, 400, -800], np.float32)))
    assert recording.values.tolist() == [0.0, 0.5, -1.0]
    assert "turned down" in recording.remarks[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    path = write(tmp_path / "a.wav", np.array([0.0, value], np.float32))
    with pytest.raises(DataError, match="NaN or infinite"):
        record(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"RIFF", "not a wav file"),
        (b"hello, I am text", "not a wav file"),
        (header_of()[:20], "ends before its first sample"),
        (header_of(frames=0), "no samples"),
        (header_of(frames=100), "no samples"),
        (header_of(rate=0) + b"abcd", "sample rate of 0 Hz"),
        (header_of(rate=2**31) + b"abcd", "sample rate of 2,147,483,648 Hz"),
        (header_of(channels=0) + b"abcd", "0 channels"),
        (header_of(channels=7) + b"abcd", "7 channels of 16 bits in 2 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_broken_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for read in (audio.peek, record):
        with pytest.raises(DataError, match=reason):
            read(str(path))


def test_a_file_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(header_of(frames=2**30) + b"\x00\x40" * 7 + b"\x01")
    recording = record(str(path))
    assert recording.values.tolist() == [0.5] * 7
    assert "cut short" in recording.remarks[0]


def test_a_size_left_open_by_a_recorder_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(header_of()[:-4] + b"\xff\xff\xff\xff" + b"\x00\x40" * 7)
    assert record(str(path)).remarks == ()


def test_of_a_long_recording_the_middle_is_read(tmp_path: Path) -> None:
    rate = 100
    values = np.arange(rate * (SECONDS_READ + 2), dtype=np.int16)
    recording = record(write(tmp_path / "a.wav", values, rate))
    assert recording.frames == len(values)
    assert recording.values[0] * 32768 == rate
    assert len(recording.values) == rate * SECONDS_READ
    assert "only its middle" in recording.remarks[0]


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "aiff"])
def test_other_formats_are_read_by_soundfile(tmp_path: Path, suffix: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    values = tone(0.5, 16_000)
    path = str(tmp_path / f"a.{suffix}")
    soundfile.write(path, np.stack([values, values], 1), 16_000)
    assert audio.peek(path).rate == 16_000
    reading, header = audio.decode(path, layout_of(8000, 4000), fitted=True)
    assert header == audio.peek(path)
    assert reading.remarks == ("2 channels mixed down to one",)
    middle = slice(1000, 3000)
    lost = np.abs(reading.array[middle, 0] - tone(0.5, 8000)[middle]).max()
    assert lost < (0.1 if suffix in {"ogg", "mp3"} else 0.01)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3"])
def test_half_a_compressed_file_is_read_or_refused(tmp_path: Path, suffix: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000)
    soundfile.write(path, noise, 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        recording = record(str(path))
    except DataError as error:
        assert str(error)  # noqa: PT017 - either is fine, a crash is not
    else:
        assert 0 < len(recording.values) < 48_000


@pytest.mark.parametrize("claimed", [0, 2**36 - 1])
def test_a_compressed_file_of_unknown_length_is_refused(
    tmp_path: Path, claimed: int
) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(1, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    content[21] = content[21] & 0xF0 | claimed >> 32  # 36 bits of STREAMINFO
    content[22:26] = struct.pack(">I", claimed % 2**32)
    path.write_bytes(content)
    for read in (audio.peek, record):
        with pytest.raises(DataError, match="does not say how long it is"):
            read(str(path))


def test_a_wav_that_soundfile_has_to_read(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = str(tmp_path / "a.wav")
    soundfile.write(path, tone(0.1, 8000), 8000, subtype="ULAW")
    assert np.abs(record(path).values - tone(0.1, 8000)).max() < 0.02


def test_without_soundfile_wav_is_read_and_others_say_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert record(write(tmp_path / "a.wav", np.zeros(3, np.int16))).frames == 3
    flac = tmp_path / "a.flac"
    flac.write_bytes(b"fLaC and more")
    with pytest.raises(DataError) as caught:
        audio.peek(str(flac))
    assert str(caught.value) == (
        "Reading this .flac file needs the package soundfile; install it with "
        'pip install "conv-automl[audio]".'
    )


@pytest.fixture(scope="module")
def awkward(test_data: Path) -> dict[str, str]:
    """What is expected of each awkward sound, by file name."""
    with (test_data / "robustness" / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["file"]: row["expected"] for row in rows if row["file"][:5] == "audio"}


def test_each_awkward_file_is_read_or_refused_as_expected(
    awkward: dict[str, str], test_data: Path
) -> None:
    pytest.importorskip("soundfile")
    table, wrong = [], []
    for name, expected in awkward.items():
        path = str(test_data / "robustness" / name)
        try:
            recording = record(path)
        except DataError as error:
            outcome, fine = f"refused: {error}", expected == "error or partial"
        else:
            outcome = " ".join([str(audio.peek(path)), *recording.remarks])
            fine = "cut short" in outcome or expected != "error or partial"
        table.append(f"{name[6:]:48} {expected[:17]:17} {outcome}")
        if not fine:
            wrong.append(name)
    print("\n".join(table))  # noqa: T201 - the table is what this test is for
    assert len(table) == 23
    assert not wrong


@pytest.mark.filterwarnings("ignore::scipy.io.wavfile.WavFileWarning")
def test_wav_files_hold_what_scipy_reads(
    awkward: dict[str, str], test_data: Path
) -> None:
    compared = 0
    for name in awkward:
        path = test_data / "robustness" / name
        try:
            rate, values = wavfile.read(path)
        except ValueError:
            continue
        compared += 1
        scale = {"i": 2.0 ** (8 * values.itemsize - 1), "u": 128.0}
        numbers = values.reshape(len(values), -1).astype(np.float64)
        numbers = numbers / scale.get(values.dtype.kind, 1.0)
        expected = numbers.mean(1) - (values.dtype.kind == "u")
        recording = record(str(path))
        assert recording.rate == rate
        assert np.abs(recording.values - expected).max() < 1e-7
    assert compared == 19
