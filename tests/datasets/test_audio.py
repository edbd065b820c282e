"""Sounds: one rate and one length for all, whatever theirs are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_datasets.errors import DataError
from automl_datasets.media import audio
from automl_datasets.options import DataOptions
from tests.datasets.memory import GIBIBYTE, peak_memory
from tests.datasets.sounds import header_of, layout_of, tone, write

OPTIONS = DataOptions("sounds")
MEASURED = (
    "from automl_datasets.media import audio; "
    "from automl_datasets.samples import Layout",
    'audio.decode(path, Layout("audio", (8000, 1), "float32", '
    '{"sample_rate": 8000, "samples": 8000}), fitted=True)',
)


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


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be opened: No such file"):
        audio.peek(str(tmp_path / "none.wav"))
    assert not audio.accepts(tmp_path / "none.wav")


def test_files_are_known_by_ending_or_content(tmp_path: Path) -> None:
    known = Path(write(tmp_path / "a.WAV", np.zeros(3, np.int16)))
    nameless = known.rename(tmp_path / "a")
    assert audio.accepts(nameless)
    (tmp_path / "b.txt").write_text("text")
    assert not audio.accepts(tmp_path / "b.txt")
    assert not audio.accepts(tmp_path)


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
