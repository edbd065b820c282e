"""Sounds: every depth and coding, rates, lengths, and what is broken."""

from __future__ import annotations

import csv
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from automl_datasets.errors import DataError
from automl_datasets.media import audio
from automl_datasets.media.waveforms import SECONDS_READ, record
from automl_datasets.options import DataOptions
from automl_datasets.sources._base import Layout
from tests.datasets.memory import GIBIBYTE, peak_memory

OPTIONS = DataOptions("sounds")
MEASURED = (
    "from automl_datasets.media import audio; "
    "from automl_datasets.sources._base import Layout",
    'audio.decode(path, Layout("audio", (8000, 1), "float32", '
    '{"sample_rate": 8000, "samples": 8000}), fitted=True)',
)


def layout_of(rate: int, samples: int) -> Layout:
    preprocessing = {"sample_rate": rate, "samples": samples, "fit": audio.FIT}
    return Layout("audio", (samples, 1), "float32", preprocessing)


def write(path: Path, values: Any, rate: int = 8000) -> str:
    wavfile.write(path, rate, np.asarray(values))
    return str(path)


def tone(seconds: float, rate: int, pitch: float = 440.0) -> np.ndarray[Any, Any]:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def header_of(
    *, frames: int = 100, rate: int = 8000, block: int = 2, channels: int = 1
) -> bytes:
    """Return the header of a 16-bit wav file, whatever it claims."""
    described = struct.pack(
        "<HHIIHH", 1, channels, rate, rate * block % 2**32, block, 16
    )
    size = frames * block % 2**32
    chunks = b"fmt " + struct.pack("<I", 16) + described
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVE"
        + chunks
        + (b"data" + struct.pack("<I", size))
    )


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


def test_a_tone_keeps_its_pitch_when_resampled() -> None:
    for rate in (11_025, 22_050, 44_100, 48_000, 44_101):
        values = audio.resample(tone(1, rate).astype(np.float32), rate, 16_000)
        spectrum = np.abs(np.fft.rfft(values))
        assert abs(np.argmax(spectrum) * 16_000 / len(values) - 440) < 1
        assert np.abs(values[200:15_000] - tone(1, 16_000)[200:15_000]).max() < 0.02


@given(
    length=st.integers(1, 3000),
    rate=st.integers(1, 1_000_000),
    target=st.sampled_from([100, 1234, 8000, 16_000, 22_050]),
)
def test_resampled_length_is_known_beforehand(
    length: int, rate: int, target: int
) -> None:
    if max(rate, target) > 1000 * min(rate, target):
        with pytest.raises(DataError, match="too far"):
            audio.resampled_length(length, rate, target)
        return
    expected = audio.resampled_length(length, rate, target)
    assert expected == pytest.approx(length * target / rate, rel=1e-3, abs=1)
    if expected < 100_000:
        values = audio.resample(np.ones(length, np.float32), rate, target)
        assert len(values) == expected
        assert values.dtype == np.float32
        assert np.abs(values).max() <= 1


@given(length=st.integers(1, 50), samples=st.integers(1, 50))
def test_the_middle_is_kept_and_the_end_is_padded(length: int, samples: int) -> None:
    values = np.arange(1, length + 1, dtype=np.float32)
    fitted = audio.fit(values, samples)
    assert fitted.shape == (samples,)
    kept = fitted[fitted > 0]
    assert len(kept) == min(length, samples)
    assert (np.diff(kept) == 1).all()
    before, after = kept[0] - 1, length - kept[-1]
    assert after - before in (0, 1)
    assert not fitted[len(kept) :].any()
    assert audio.fit(fitted, samples).tolist() == fitted.tolist()


def test_decoding_fitted_is_decoding_and_fitting(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.7, 11_025).astype(np.float32), 11_025)
    for samples in (1000, 9000):
        layout = layout_of(8000, samples)
        fitted, header = audio.decode(path, layout, fitted=True)
        whole, again = audio.decode(path, layout, fitted=False)
        assert header == again == audio.peek(path)
        assert fitted.size == whole.size == (len(tone(0.7, 11_025)),)
        assert fitted.array.shape == (samples, 1)
        assert whole.array.shape == (
            audio.resampled_length(fitted.size[0], 11_025, 8000),
            1,
        )
        expected = audio.fit(whole.array[:, 0], samples)
        assert fitted.array[:, 0].tolist() == expected.tolist()


def decided(*sounds: tuple[float, int]) -> tuple[dict[str, Any], tuple[str, ...]]:
    headers = [audio.Header((int(s * rate),), rate) for s, rate in sounds]
    decision = audio.decide(headers, OPTIONS)
    preprocessing = dict(decision.layout.preprocessing)
    assert decision.layout.shape == (preprocessing["samples"], 1)
    assert decision.layout.dtype == "float32"
    assert set(preprocessing) == {"sample_rate", "samples", "fit"}
    return preprocessing, decision.notes


def test_the_most_common_rate_is_kept_up_to_22050_hz() -> None:
    assert decided((1, 8000), (1, 8000), (1, 48_000))[0]["sample_rate"] == 8000
    assert decided((1, 22_050))[0]["sample_rate"] == 22_050
    chosen, notes = decided((1, 44_100), (1, 44_100), (1, 16_000))
    assert chosen["sample_rate"] == 16_000
    assert "2 sounds resampled" in notes[0]
    assert "44,100" in notes[0]


def test_the_length_is_that_of_the_longest_unless_it_stands_out() -> None:
    chosen, notes = decided((1.0, 8000), (1.5, 8000), (2.0, 8000))
    assert chosen["samples"] == 16_000
    assert "0 cropped to their middle, 2 padded" in notes[1]
    chosen, notes = decided(*[(1.0, 8000)] * 99, (8.0, 8000))
    assert chosen["samples"] == 8000
    assert "1 cropped to their middle, 0 padded" in notes[1]
    assert decided((60.0, 100), (61.0, 100))[0]["samples"] == 1000


def test_one_odd_rate_does_not_stop_the_others() -> None:
    assert decided((1.0, 16_000), (1.0, 16_000), (20.0, 1))[0]["samples"] == 16_000


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


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be opened: No such file"):
        audio.peek(str(tmp_path / "none.wav"))
    assert not audio.accepts(tmp_path / "none.wav")


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


def test_files_are_known_by_ending_or_content(tmp_path: Path) -> None:
    known = Path(write(tmp_path / "a.WAV", np.zeros(3, np.int16)))
    nameless = known.rename(tmp_path / "a")
    assert audio.accepts(nameless)
    (tmp_path / "b.txt").write_text("text")
    assert not audio.accepts(tmp_path / "b.txt")
    assert not audio.accepts(tmp_path)


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


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_stays_bounded_whatever_headers_claim(tmp_path: Path) -> None:
    bombs = {
        "long.wav": header_of(frames=2**31 - 1),
        "wide.wav": header_of(frames=2**14, channels=2**14, block=2**15),
        "fast.wav": header_of(frames=2**30, rate=999_983),
    }
    for name, head in bombs.items():
        with (tmp_path / name).open("wb") as file:
            file.write(head + b"\x00\x40" * 500)
    with (tmp_path / "sparse.wav").open("wb") as file:
        file.write(header_of(frames=2**30 - 100, rate=192_000))
        file.truncate(2**31)
    paths = [str(tmp_path / name) for name in (*bombs, "sparse.wav")]
    assert peak_memory(*MEASURED, paths) < GIBIBYTE
