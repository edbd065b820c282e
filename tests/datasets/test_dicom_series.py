"""DICOM series: order, orientation, choice of slices, privacy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from automl_datasets.media import volume
from automl_datasets.media.volume_formats import dicom_series
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.dicom_files import (
    SAGITTAL,
    dataset_of,
    pixels,
    read,
    refusal,
    write,
    write_series,
)


class TestSeries:
    def test_slices_are_sorted_by_position(self, tmp_path: Path) -> None:
        array = pixels(5, 4, 6)
        found = read(write_series(tmp_path / "s", array))
        np.testing.assert_array_equal(found.array[..., 0], array)
        assert found.header.spacing == (2.5, 0.5, 0.75)
        assert found.remarks == ()

    def test_sagittal_slices_are_turned(self, tmp_path: Path) -> None:
        array = pixels(5, 4, 6)  # left, downwards, back
        found = read(write_series(tmp_path / "s", array, orientation=SAGITTAL))
        assert found.header.size == (4, 6, 5)
        assert found.header.spacing == (0.5, 0.75, 2.5)
        expected = array[::-1].transpose(1, 2, 0)[::-1]
        np.testing.assert_array_equal(found.array[..., 0], expected)

    def test_without_positions_numbers_decide(self, tmp_path: Path) -> None:
        for place, number in enumerate((2, 10, 1)):
            value = np.full((4, 6), number, np.uint8)
            write(tmp_path / f"{place}", value, InstanceNumber=number)
        found = read(tmp_path)
        assert found.array[:, 0, 0, 0].tolist() == [1, 2, 10]
        assert "by number" in found.remarks[0]

    def test_gaps_and_repeats_are_said(self, tmp_path: Path) -> None:
        array = pixels(4, 4, 6)
        gap = read(write_series(tmp_path / "gap", array, places=[0, 1, 2, 4]))
        assert "unequal" in gap.remarks[0]
        assert gap.header.spacing == (1.0, 0.5, 0.75)
        again = read(write_series(tmp_path / "again", array, places=[0, 0, 1, 2]))
        assert "one position" in again.remarks[0]
        assert again.header.size == (3, 4, 6)

    def test_the_largest_series_and_the_common_size(self, tmp_path: Path) -> None:
        write_series(tmp_path, pixels(5, 4, 6))
        write(tmp_path / "other", pixels(4, 6), SeriesInstanceUID="1.2.4")
        write(tmp_path / "wide", pixels(4, 8))
        (tmp_path / "notes.txt").write_text("no slice")
        report = dataset_of(pixels(4, 6))
        del report.Rows, report.PixelData
        report.save_as(tmp_path / "report.dcm", enforce_file_format=True)
        found = read(tmp_path)
        assert found.header.size == (5, 4, 6)
        assert set(found.remarks) == {
            dicom_series.LARGEST,
            dicom_series.MAJORITY,
            dicom_series.LEFT_OUT,
        }

    def test_slices_with_slopes_of_their_own(self, tmp_path: Path) -> None:
        for place in range(3):
            write(
                tmp_path / f"{place}",
                np.ones((4, 6), np.uint16),
                InstanceNumber=place,
                RescaleSlope=str(1 + place),
                RescaleIntercept="0",
            )
        assert read(tmp_path).array[:, 0, 0, 0].tolist() == [1, 2, 3]

    def test_a_folder_is_a_sample_only_if_it_is_a_series(self, tmp_path: Path) -> None:
        series = write_series(tmp_path / "series", pixels(5, 4, 6))
        (tmp_path / "mixed").mkdir()
        for place in range(4):
            uid = {"SeriesInstanceUID": f"1.2.{place + 3}"}
            write(tmp_path / "mixed" / f"{place}.dcm", pixels(4, 6), **uid)
        (tmp_path / "empty").mkdir()
        (series / ".thumbnails").mkdir()
        assert dicom_series.accepts(series)
        for other in ("mixed", "empty", "missing", "."):
            assert not dicom_series.accepts(tmp_path / other)
        assert "without a readable DICOM slice" in refusal(tmp_path / "empty")

    def test_pairs_of_views_are_no_series(self, tmp_path: Path) -> None:
        for place in range(6):
            uids = {
                "SeriesInstanceUID": f"1.2.{place // 2}",
                "PatientID": f"{place // 2}",
            }
            write(tmp_path / f"{place}.dcm", pixels(4, 6), **uids)
        assert not dicom_series.accepts(tmp_path)

    def test_series_of_one_patient_are_one_volume(self, tmp_path: Path) -> None:
        for place in range(99):
            uid = {"SeriesInstanceUID": f"1.2.{place // 33}"}
            write(tmp_path / f"{place:03d}.dcm", pixels(4, 6), **uid)
        assert dicom_series.accepts(tmp_path)

    def test_series_of_many_patients_are_no_volume(self, tmp_path: Path) -> None:
        for folder, patients in (("one", 1), ("many", 3)):
            (tmp_path / folder).mkdir()
            for place in range(10):
                uids = {
                    "SeriesInstanceUID": f"1.2.{place % 3}",
                    "PatientID": f"secret-{place % patients}",
                }
                write(tmp_path / folder / f"{place}.dcm", pixels(4, 6), **uids)
        reason = refusal(tmp_path / "many")
        assert "3 DICOM series of 3 patients, the largest of which has only 4" in reason
        assert "secret" not in reason
        assert len(dicom_series.read(tmp_path / "one").array) == 4

    def test_a_broken_slice_costs_the_volume_or_is_left_out(
        self, tmp_path: Path
    ) -> None:
        write_series(tmp_path, pixels(5, 4, 6))
        content = (tmp_path / "001").read_bytes()
        (tmp_path / "001").write_bytes(content[:-20])
        found = read(tmp_path)
        assert found.header.size == (4, 4, 6)
        assert found.remarks == (dicom_series.LEFT_OUT,)

    def test_all_of_it_through_the_medium(self, tmp_path: Path) -> None:
        write_series(tmp_path / "s", pixels(5, 4, 6))
        assert volume.accepts(tmp_path / "s")
        assert volume.peek(str(tmp_path / "s")).size == (5, 4, 6)


class TestPreparation:
    def test_series_folders_are_samples_and_no_patient_is_named(
        self, tmp_path: Path
    ) -> None:
        random = np.random.default_rng(0)
        for label, level in (("low", 100), ("high", 3000)):
            (tmp_path / "scans" / label).mkdir(parents=True)
            for place in range(6):
                array = random.normal(level, 20, (5, 8, 8)).astype(np.uint16)
                write_series(tmp_path / "scans" / label / f"scan {place}", array)
        broken = tmp_path / "scans" / "low" / "broken.dcm"
        broken.write_bytes(write(broken, pixels(8, 8)).read_bytes()[:-60])
        out = tmp_path / "out"
        data = prepare(DataOptions(str(tmp_path / "scans")), out)
        assert data.spec.kind == "volume"
        assert data.spec.shape == (5, 8, 8, 1)
        assert data.spec.dtype == "uint16"
        low, high = data.spec.preprocessing["window"]
        assert 0 < low < 100 < 3000 < high < 4000
        assert [name for name, _ in data.profile.skipped] == ["low/broken.dcm"]
        assert "truncated" in data.profile.skipped[0][1]
        stored = [path for path in out.rglob("*") if path.is_file()]
        assert stored
        assert not any(b"Privatus" in path.read_bytes() for path in stored)
        assert "Privatus" not in repr(data.profile)
