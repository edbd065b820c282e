"""Volumes: common spacing and shape, resampling, the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.media import volume
from automl_datasets.media._base import Medium
from automl_datasets.media.volume_formats._base import VolumeHeader
from automl_datasets.media.volume_formats.geometry import coarsened, resampled
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout

OPTIONS = DataOptions("volumes")


def header(
    size: tuple[int, int, int] = (10, 20, 30),
    *,
    spacing: tuple[float, float, float] | None = (1.0, 1.0, 1.0),
    dtype: str = "uint8",
    channels: int = 1,
) -> VolumeHeader:
    return VolumeHeader(size, channels, dtype, spacing)


def layout_of(*headers: VolumeHeader) -> Layout:
    return volume.decide(headers, OPTIONS).layout


def save(path: Path, array: NDArray[Any]) -> str:
    np.save(path, array)
    return str(path)


def refusal(location: str, layout: Layout | None = None) -> str:
    with pytest.raises(DataError) as caught:
        volume.decode(location, layout or layout_of(header()), fitted=True)
    return str(caught.value)


def test_the_module_is_a_medium() -> None:
    medium: Medium = volume
    assert medium.KIND == "volume"
    assert {".nii", ".nii.gz", ".dcm"} <= medium.SUFFIXES


class TestDecision:
    def test_equal_volumes_stay_as_they_are(self) -> None:
        decision = volume.decide([header(), header()], OPTIONS)
        assert decision.layout.shape == (10, 20, 30, 1)
        assert decision.layout.dtype == "uint8"
        assert decision.layout.preprocessing == {
            "spacing": [1.0, 1.0, 1.0],
            "fit": volume.FIT,
            "window": None,
        }
        assert "10x20x30" in decision.notes[-1]

    def test_unknown_spacing_stays_unknown(self) -> None:
        layout = layout_of(header(spacing=None))
        assert layout.preprocessing["spacing"] is None
        assert layout.shape == (10, 20, 30, 1)

    def test_spacings_that_differ_are_brought_together(self) -> None:
        layout = layout_of(
            header(spacing=(2.0, 1.0, 1.0)),
            header(spacing=(4.0, 1.0, 1.0)),
            header(spacing=(4.0, 1.01, 1.0)),
        )
        assert layout.preprocessing["spacing"] == [4.0, 1.0, 1.0]
        assert layout.shape == (10, 20, 30, 1)

    def test_large_volumes_become_coarser(self) -> None:
        layout = layout_of(header((40, 512, 512), spacing=(5.0, 0.7, 0.7)))
        assert np.prod(layout.shape) == pytest.approx(volume.MOST_VOXELS, rel=0.05)
        assert layout.shape[0] == 40  # thick slices are kept
        assert layout.shape[1] == layout.shape[2]
        huge = layout_of(header((400, 400, 400), spacing=None))
        assert huge.shape == (64, 64, 64, 1)
        assert huge.preprocessing["spacing"] == [6.25, 6.25, 6.25]

    def test_thin_volumes_keep_one_slice(self) -> None:
        spacing = coarsened((1, 4096, 4096), (9.0, 1.0, 1.0), volume.MOST_VOXELS)
        assert spacing == (9.0, 8.0, 8.0)
        assert layout_of(header((3, 512, 512))).shape[0] == 3
        decision = volume.decide([header((1, 64, 64))], OPTIONS)
        assert "depth 1" in decision.notes[-1]

    @pytest.mark.parametrize(
        ("dtypes", "common"),
        [
            (["uint8", "uint8"], "uint8"),
            (["uint16", "uint16"], "uint16"),
            (["uint8", "uint16"], "float32"),
            (["uint8", "float32"], "float32"),
        ],
    )
    def test_dtype(self, dtypes: list[str], common: str) -> None:
        assert layout_of(*(header(dtype=d) for d in dtypes)).dtype == common

    def test_most_channels_win(self) -> None:
        assert layout_of(header(channels=3), header(channels=3), header()).shape[3] == 3


class TestDecoding:
    def test_cropped_and_padded_around_the_centre(self, tmp_path: Path) -> None:
        array = np.arange(7 * 8 * 9, dtype="uint8").reshape(7, 8, 9) | 1
        layout = Layout("volume", (5, 10, 9, 1), "uint8", {"spacing": None})
        location = save(tmp_path / "a.npy", array)
        reading, found = volume.decode(location, layout, fitted=True)
        expected = np.pad(array[1:6], ((0, 0), (1, 1), (0, 0)), constant_values=1)
        np.testing.assert_array_equal(reading.array[..., 0], expected)
        assert reading.size == found.size == (7, 8, 9)
        free, _ = volume.decode(location, layout, fitted=False)
        np.testing.assert_array_equal(free.array[..., 0], array)

    def test_resampled_to_the_spacing_of_the_layout(self, tmp_path: Path) -> None:
        array = np.repeat(np.arange(8, dtype="uint16"), 64).reshape(8, 8, 8)
        location = save(tmp_path / "a.npy", array)
        layout = Layout("volume", (4, 4, 4, 1), "uint16", {"spacing": [2, 1, 1]})
        reading, _ = volume.decode(location, layout, fitted=False)
        assert reading.array.shape == (4, 8, 8, 1)
        assert reading.array.dtype == np.uint16
        means = reading.array.astype(float).mean(axis=(1, 2, 3))
        np.testing.assert_allclose(means, [0.5, 2.5, 4.5, 6.5], atol=0.6)

    def test_numbers_that_are_none_become_the_smallest(self, tmp_path: Path) -> None:
        array = np.full((5, 5, 5), 3.0, "float32")
        array[0], array[1, 0, 0], array[2, 0, 0] = np.nan, np.inf, -7
        layout = layout_of(header((5, 5, 5), dtype="float32", spacing=None))
        location = save(tmp_path / "a.npy", array)
        reading, _ = volume.decode(location, layout, fitted=True)
        assert reading.array[0, 0, 0, 0] == -7 == reading.array[1, 0, 0, 0]
        assert "smallest" in reading.remarks[0]
        nothing = save(tmp_path / "b.npy", np.full((5, 5, 5), np.nan))
        assert "no finite number" in refusal(nothing, layout)

    def test_numbers_are_clipped_where_the_layout_is_narrower(
        self, tmp_path: Path
    ) -> None:
        location = save(tmp_path / "a.npy", np.full((5, 5, 5), 300.4))
        layout = layout_of(header((5, 5, 5), spacing=None))
        reading, _ = volume.decode(location, layout, fitted=True)
        assert reading.array.dtype == np.uint8
        assert reading.array.max() == 255
        assert "clipped" in reading.remarks[0]

    def test_other_channels_are_refused(self, tmp_path: Path) -> None:
        location = save(tmp_path / "a.npy", np.zeros((5, 5, 5, 2), "uint8"))
        assert "2 channels" in refusal(location)


class TestResampling:
    def test_what_is_flat_stays_flat(self) -> None:
        array = np.full((9, 10, 11, 2), 200, np.uint8)
        for size in ((3, 30, 11), (1, 1, 1), (18, 5, 7)):
            assert (resampled(array, size) == 200).all()
            assert resampled(array, size).shape == (*size, 2)

    def test_a_ramp_stays_a_ramp(self) -> None:
        ramp = np.linspace(0, 1, 60, dtype="float32").reshape(60, 1, 1, 1)
        coarse = resampled(ramp, (15, 1, 1)).ravel()
        centres = (np.arange(15) + 0.5) * 4 - 0.5
        np.testing.assert_allclose(coarse[1:-1], centres[1:-1] / 59, atol=1e-5)

    def test_nothing_aliases(self) -> None:
        board = np.indices((32, 32, 32)).sum(axis=0) % 2 * np.float32(1)
        coarse = resampled(board[..., None], (4, 4, 4))
        np.testing.assert_allclose(coarse[1:3, 1:3, 1:3], 0.5, atol=1e-3)


class TestWindow:
    def test_eight_bit_volumes_have_none(self) -> None:
        assert volume.fitting(layout_of(header())) is None

    def test_it_holds_99_percent_of_the_voxels(self) -> None:
        learn = volume.fitting(layout_of(header(dtype="float32")))
        assert learn is not None
        rows = np.random.default_rng(1).normal(size=(60, 8, 16, 16, 1)) * 10 + 100
        fitted = learn([rows[:50].astype("float32"), rows[50:].astype("float32")])
        low, high = fitted.preprocessing["window"]
        assert low == pytest.approx(100 - 25.76, abs=1.5)
        assert high == pytest.approx(100 + 25.76, abs=1.5)
        assert fitted.transform is None

    def test_the_sample_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(volume, "_MOST_SAMPLED", 5000)
        chunks = [np.full((4, 8, 16, 16, 1), i, "float32") for i in range(101)]
        window = volume.learn_window(chunks).preprocessing["window"]
        assert window == pytest.approx([0.5, 99.5], abs=1.5)

    def test_equal_voxels_have_none(self) -> None:
        rows = np.ones((2, 4, 4, 4, 1), "float32")
        assert volume.learn_window([rows]).preprocessing == {"window": None}
