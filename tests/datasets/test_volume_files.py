"""Volumes as arrays and TIFF stacks, and the awkward real files."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from automl_datasets.errors import DataError
from automl_datasets.media import volume
from automl_datasets.media.volume_formats._base import VolumeHeader
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout
from tests.datasets.memory import GIBIBYTE, peak_memory

MEASURED = (
    "from automl_datasets.media import volume",
    "volume.decode(path, volume.decide([volume.peek(path)], None).layout, fitted=True)",
)


def layout_of(*headers: VolumeHeader) -> Layout:
    return volume.decide(headers, DataOptions("volumes")).layout


def save(path: Path, array: NDArray[Any]) -> str:
    np.save(path, array)
    return str(path)


def refusal(location: str) -> str:
    with pytest.raises(DataError) as caught:
        volume.peek(location)
    return str(caught.value)


class TestArrays:
    def test_which_are_volumes(self, tmp_path: Path) -> None:
        shapes: dict[tuple[int, ...], bool] = {
            (8, 8, 8): True,
            (8, 8, 8, 3): True,
            (8, 8, 3): False,
            (8, 8): False,
            (8, 8, 8, 8): False,
        }
        for shape, expected in shapes.items():
            location = save(tmp_path / "a.npy", np.zeros(shape))
            assert volume.accepts(Path(location)) is expected

    def test_axes_stay(self, tmp_path: Path) -> None:
        array = np.arange(120, dtype=">u2").reshape(4, 5, 6, order="F")
        np.savez_compressed(tmp_path / "a.npz", any_name=array)
        location = str(tmp_path / "a.npz")
        reading, _ = volume.decode(
            location, layout_of(volume.peek(location)), fitted=True
        )
        assert reading.array.dtype == np.uint16
        np.testing.assert_array_equal(reading.array[..., 0], array)

    def test_what_is_refused(self, tmp_path: Path) -> None:
        pickled = str(tmp_path / "pickled.npy")
        np.save(pickled, np.full((5, 5, 5), None), allow_pickle=True)
        assert "never unpickled" in refusal(pickled)
        np.savez(tmp_path / "two.npz", a=np.zeros(3), b=np.zeros(3))
        assert "holds 2 arrays" in refusal(str(tmp_path / "two.npz"))
        assert "8x8" in refusal(save(tmp_path / "flat.npy", np.zeros((8, 8))))
        cut = Path(save(tmp_path / "cut.npy", np.zeros((8, 8, 8))))
        cut.write_bytes(cut.read_bytes()[:-8])
        assert "truncated" in refusal(str(cut))
        (tmp_path / "empty.npy").touch()
        assert "empty file" in refusal(str(tmp_path / "empty.npy"))
        assert "no such file" in refusal(str(tmp_path / "missing.nii"))

    @pytest.mark.parametrize("ending", [".npy", ".npz"])
    @pytest.mark.parametrize("side", [600, 100_000])
    def test_bombs_are_refused_unopened(
        self, tmp_path: Path, ending: str, side: int
    ) -> None:
        content = io.BytesIO()
        claim = {"descr": "<f8", "fortran_order": False, "shape": (side,) * 3}
        np.lib.format.write_array_header_1_0(content, claim)
        path = tmp_path / f"bomb{ending}"
        path.write_bytes(content.getvalue())
        if ending == ".npz":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.npy", content.getvalue())
        assert "claims" in refusal(str(path))


class TestStacks:
    def read(self, path: Path) -> tuple[NDArray[Any], VolumeHeader]:
        found = volume.peek(str(path))
        reading, again = volume.decode(str(path), layout_of(found), fitted=True)
        assert found == again
        return reading.array, found

    def test_pages_are_slices(self, tmp_path: Path) -> None:
        array = np.arange(5 * 6 * 7, dtype="uint16").reshape(5, 6, 7)
        path = tmp_path / "a.tif"
        tifffile.imwrite(path, array, photometric="minisblack")
        assert volume.accepts(path)
        np.testing.assert_array_equal(self.read(path)[0][..., 0], array)

    def test_imagej_states_spacing_and_channels(self, tmp_path: Path) -> None:
        array = np.arange(5 * 2 * 6 * 7, dtype="uint8").reshape(5, 2, 6, 7)
        path = tmp_path / "a.tif"
        tifffile.imwrite(
            path,
            array,
            imagej=True,
            resolution=(4.0, 2.0),
            metadata={"axes": "ZCYX", "spacing": 3.0, "unit": "um"},
        )
        found, stated = self.read(path)
        np.testing.assert_array_equal(found, np.moveaxis(array, 1, -1))
        assert stated.spacing == (0.003, 0.0005, 0.00025)

    @pytest.mark.parametrize("codec", ["tiff_lzw", "tiff_deflate", "packbits"])
    def test_packed_pages(self, tmp_path: Path, codec: str) -> None:
        array = np.arange(5 * 6 * 7, dtype="uint8").reshape(5, 6, 7)
        pages = [Image.fromarray(page) for page in array]
        path = tmp_path / "a.tiff"
        pages[0].save(path, save_all=True, append_images=pages[1:], compression=codec)
        np.testing.assert_array_equal(self.read(path)[0][..., 0], array)

    def test_what_is_no_stack(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tif"
        tifffile.imwrite(path, np.zeros((6, 7), "uint8"))
        assert not volume.accepts(path)
        with tifffile.TiffWriter(path) as writer:
            for side in (6, 7):
                writer.write(np.zeros((side, 7), "uint8"))
        assert not volume.accepts(path)
        assert "differ in size" in refusal(str(path))
        path.write_bytes(b"II*\x00" + b"x" * 50)
        assert not volume.accepts(path)
        assert refusal(str(path))


class TestRealFiles:
    def test_each_is_read_or_refused_as_expected(self, test_data: Path) -> None:
        folder = test_data / "robustness"
        table, wrong = [], []
        for name, expected in cases(folder).items():
            location = str(folder / name)
            try:
                layout = layout_of(volume.peek(location))
                reading, _ = volume.decode(location, layout, fitted=True)
            except DataError as error:
                outcome, read = f"refused: {error}", False
            else:
                outcome = " ".join([f"read {layout.shape}", *reading.remarks])
                read = True
            table.append(f"{name:38} {expected[:26]:26} {outcome}")
            if name not in EITHER and read != reads(name, expected):
                wrong.append(name)
        print("\n".join(table))  # noqa: T201 - the table is what this test is for
        assert len(table) == 55 + 20 + 9
        assert not wrong

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
    def test_memory_stays_bounded(self, test_data: Path) -> None:
        folder = test_data / "robustness"
        paths = [folder / name for name in cases(folder)]
        assert peak_memory(*MEASURED, paths) < GIBIBYTE


# Volumes over time, which a network could take for channels only if they were few;
# a count of frames that is no number; a file that lost more than its preamble.
REFUSED = {
    "nifti/functional.nii",
    "nifti/minc2_4d.mnc",
    "nifti/bold.nii.gz",
    "nifti/attributes.txt",
    "dicom/waveform_ecg.dcm",
    "dicom/badVR.dcm",
    "dicom/no_meta.dcm",
}
EITHER = {"dicom/JPEG-lossy.dcm"}  # 12 bit: no decoder with a free licence is known


def cases(folder: Path) -> dict[str, str]:
    """Return what is expected of each file, and of the folders that are series."""
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = {row["file"]: row["expected"] for row in csv.DictReader(file)}
    files = {
        name: expected
        for name, expected in rows.items()
        if name.startswith(("nifti/", "dicom/"))
    }
    series = sorted((folder / "dicom" / "series").glob("*/*"))
    return files | {str(path.relative_to(folder)): "series" for path in series}


def reads(name: str, expected: str) -> bool:
    return name not in REFUSED and not expected.startswith("error")


@pytest.mark.parametrize(
    ("library", "name"),
    [("nibabel", "a.nii"), ("pydicom", "a.dcm"), ("tifffile", "a.tif")],
)
def test_a_missing_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    (tmp_path / name).write_bytes(b"content")
    monkeypatch.setitem(sys.modules, library, None)
    assert 'pip install "conv-automl[medical]"' in refusal(str(tmp_path / name))
