"""NIfTI and its kin: orientation, scaling, channels, and what is refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.media.volume_formats import nifti

SPACING = (1.0, 2.0, 3.0)  # right, front, head


def voxels(dtype: str = "uint8", shape: tuple[int, ...] = (4, 5, 6)) -> NDArray[Any]:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def save(path: Path, array: NDArray[Any], *, affine: Any = None) -> Path:
    affine = np.diag([*SPACING, 1.0]) if affine is None else affine
    nib.save(nib.Nifti1Image(array, affine), path)  # type: ignore[no-untyped-call]
    return path


def refusal(path: Path) -> str:
    """Return the one reason for which a file is refused, by its header or voxels."""
    with pytest.raises(DataError) as caught:
        nifti.read(path)  # which peeks first
    return str(caught.value)


def test_axes_are_head_back_and_left(tmp_path: Path) -> None:
    array = voxels()
    volume = nifti.read(save(tmp_path / "a.nii.gz", array))
    assert volume.header == nifti.peek(tmp_path / "a.nii.gz")
    assert volume.header == ((6, 5, 4), 1, "uint8", (3.0, 2.0, 1.0))
    expected = array.transpose(2, 1, 0)[:, ::-1, ::-1, None]
    np.testing.assert_array_equal(volume.array, expected)


@pytest.mark.parametrize("axes", ["LPS", "SRA", "PIR", "ASL", "IAR"])
def test_equal_volumes_in_any_orientation(tmp_path: Path, axes: str) -> None:
    straight = nib.Nifti1Image(voxels(), np.diag([*SPACING, 1.0]))  # type: ignore[no-untyped-call]
    turn = nib.orientations.ornt_transform(  # type: ignore[no-untyped-call]
        nib.orientations.axcodes2ornt("RAS"),  # type: ignore[no-untyped-call]
        nib.orientations.axcodes2ornt(axes),  # type: ignore[no-untyped-call]
    )
    nib.save(straight, tmp_path / "straight.nii")
    nib.save(straight.as_reoriented(turn), tmp_path / "turned.nii")  # type: ignore[no-untyped-call]
    one, other = (nifti.read(tmp_path / f"{n}.nii") for n in ("straight", "turned"))
    assert one.header == other.header
    np.testing.assert_array_equal(one.array, other.array)


def test_without_directions_the_standard_decides(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", voxels())
    expected = nifti.read(path)
    content = bytearray(path.read_bytes())
    struct.pack_into("<hh", content, 252, 0, 0)  # neither qform nor sform is known
    path.write_bytes(content)
    assert nifti.read(path).header == expected.header


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ("uint8", "uint8"),
        ("uint16", "uint16"),
        ("int16", "float32"),
        ("float64", "float32"),
        ("uint32", "float32"),
    ],
)
def test_dtypes(tmp_path: Path, stored: str, kept: str) -> None:
    volume = nifti.read(save(tmp_path / "a.nii", voxels(stored)))
    assert volume.header.dtype == kept == volume.array.dtype
    assert sorted(volume.array.ravel()) == list(range(120))


def test_slope_and_intercept_are_applied(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", voxels())
    content = bytearray(path.read_bytes())
    struct.pack_into("<ff", content, 112, 2.0, -3.0)
    path.write_bytes(content)
    volume = nifti.read(path)
    assert volume.header.dtype == "float32" == nifti.peek(path).dtype
    assert sorted(volume.array.ravel())[:3] == [-3, -1, 1]


def test_units_become_millimetres(tmp_path: Path) -> None:
    image = nib.Nifti1Image(voxels(), np.diag([5.0, 5.0, 5.0, 1.0]))  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("micron")  # type: ignore[no-untyped-call]
    nib.save(image, tmp_path / "a.nii")
    assert nifti.peek(tmp_path / "a.nii").spacing == (0.005, 0.005, 0.005)


def test_a_few_volumes_are_channels_and_many_are_refused(tmp_path: Path) -> None:
    few = nifti.read(save(tmp_path / "few.nii", voxels("uint16", (4, 5, 6, 3))))
    assert few.header.channels == 3
    assert few.array.shape == (6, 5, 4, 3)
    reason = refusal(save(tmp_path / "many.nii", voxels("uint16", (4, 5, 6, 5))))
    assert "4x5x6x5" in reason
    assert "5 volumes" in reason


def test_colours_are_channels(tmp_path: Path) -> None:
    colours = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    array = voxels("uint8", (4, 5, 6, 3)).view(colours).reshape(4, 5, 6)
    volume = nifti.read(save(tmp_path / "a.nii", array))
    assert volume.header == nifti.peek(tmp_path / "a.nii")
    assert volume.array.shape == (6, 5, 4, 3)
    assert volume.array[0, -1, -1].tolist() == [0, 1, 2]


def test_flat_files_and_mgh(tmp_path: Path) -> None:
    flat = nifti.read(save(tmp_path / "flat.nii", voxels("uint8", (4, 5))))
    assert flat.array.shape == (1, 5, 4, 1)
    image = nib.MGHImage(voxels("float32"), np.eye(4))  # type: ignore[no-untyped-call]
    nib.save(image, tmp_path / "a.mgz")
    assert nifti.read(tmp_path / "a.mgz").header.size == (6, 5, 4)


def test_pairs_count_once(tmp_path: Path) -> None:
    pair = nib.Nifti1Pair(voxels(), np.eye(4))  # type: ignore[no-untyped-call]
    nib.save(pair, tmp_path / "a.hdr")
    assert nifti.accepts(tmp_path / "a.hdr")
    assert not nifti.accepts(tmp_path / "a.img")
    assert nifti.read(tmp_path / "a.hdr").array.shape == (6, 5, 4, 1)
    (tmp_path / "a.img").unlink()
    assert "missing" in refusal(tmp_path / "a.hdr")
    (tmp_path / "photo.hdr").write_bytes(b"#?RADIANCE\n")
    assert not nifti.accepts(tmp_path / "photo.hdr")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_truncated_files_are_refused(tmp_path: Path, ending: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (9, 9, 9)).astype(np.uint8)
    path = save(tmp_path / f"a{ending}", noise)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert refusal(path)


def test_what_is_no_volume_is_refused(tmp_path: Path) -> None:
    for content, reason in ((b"", "empty file"), (b"x" * 999, "not a NIfTI file")):
        (tmp_path / "a.nii").write_bytes(content)
        assert reason in refusal(tmp_path / "a.nii")
    assert "no such file" in refusal(tmp_path / "missing.nii")
    complex_numbers = save(tmp_path / "complex.nii", voxels("complex64"))
    assert "complex64" in refusal(complex_numbers)


@pytest.mark.parametrize(
    ("side", "reason"), [(30_000, "more than the limit"), (600, "more than a file of")]
)
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_bombs_are_refused_unopened(
    tmp_path: Path, ending: str, side: int, reason: str
) -> None:
    content = bytearray(save(tmp_path / "a.nii", voxels()).read_bytes())
    struct.pack_into("<4h", content, 40, 3, side, side, side)
    path = tmp_path / f"bomb{ending}"
    path.write_bytes(content if ending == ".nii" else gzip.compress(content))
    assert reason in refusal(path)


def test_words_of_the_header_stay_in_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image = nib.Nifti1Image(voxels(), np.eye(4))  # type: ignore[no-untyped-call]
    image.header["descrip"] = b"Privatus"
    nib.save(image, tmp_path / "a.nii")
    content = bytearray((tmp_path / "a.nii").read_bytes())
    struct.pack_into("<h", content, 70, 77)  # a data type that there is not
    (tmp_path / "a.nii").write_bytes(content)
    assert "Privatus" not in refusal(tmp_path / "a.nii")
    assert capfd.readouterr() == ("", "")
