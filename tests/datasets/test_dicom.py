"""DICOM files: rescaling, colours, frames, compression, what is refused."""

from __future__ import annotations

import traceback
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
)

from automl_datasets.errors import DataError
from automl_datasets.media.volume_formats import dicom
from tests.datasets.dicom_files import (
    AXIAL,
    dataset_of,
    pixels,
    read,
    refusal,
    write,
)


class TestFile:
    def test_one_slice_is_a_volume_of_depth_one(self, tmp_path: Path) -> None:
        array = pixels(4, 6)
        found = read(write(tmp_path / "a.dcm", array))
        assert found.header == ((1, 4, 6), 1, "uint16", None)
        np.testing.assert_array_equal(found.array[0, :, :, 0], array)

    def test_slope_and_intercept_are_applied(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "a", pixels(4, 6), RescaleSlope="2", RescaleIntercept="-1024"
        )
        found = read(path)
        assert found.header.dtype == "float32"
        assert found.array.ravel()[:3].tolist() == [-1024, -1022, -1020]

    def test_white_that_was_0_becomes_bright(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "a",
            pixels(4, 6),
            PhotometricInterpretation="MONOCHROME1",
            BitsStored=12,
            HighBit=11,
        )
        found = read(path)
        assert found.array.ravel()[:2].tolist() == [4095, 4094]
        assert "inverted" in found.remarks[0]

    def test_colours_are_channels(self, tmp_path: Path) -> None:
        array = pixels(4, 6, 3, dtype="uint8")
        path = write(
            tmp_path / "a",
            array.reshape(4, 18),
            Columns=6,
            SamplesPerPixel=3,
            PlanarConfiguration=0,
            PhotometricInterpretation="RGB",
        )
        np.testing.assert_array_equal(read(path).array, array[None])

    def test_palettes_are_applied(self, tmp_path: Path) -> None:
        palette = {
            f"{colour}PaletteColorLookupTable{part}": value
            for place, colour in enumerate(("Red", "Green", "Blue"))
            for part, value in (
                ("Descriptor", [256, 0, 16]),
                ("Data", (np.arange(256, dtype="<u2") * 256 >> place).tobytes()),
            )
        }
        path = write(
            tmp_path / "a",
            pixels(4, 6, dtype="uint8"),
            PhotometricInterpretation="PALETTE COLOR",
            **palette,
        )
        found = read(path)
        assert found.array.dtype == np.uint8
        assert found.array[0, 2, 4].tolist() == [16, 8, 4]
        assert found.remarks == ("palette applied",)

    def test_frames_are_slices(self, tmp_path: Path) -> None:
        array = pixels(3, 4, 6)
        path = write(tmp_path / "a", array, PixelSpacing=[2, 3], SliceThickness=4)
        found = read(path)
        np.testing.assert_array_equal(found.array[..., 0], array)
        assert found.header.spacing == (4.0, 2.0, 3.0)

    def test_enhanced_frames_state_position_and_slope(self, tmp_path: Path) -> None:
        shared, frames = Dataset(), []
        shared.PixelMeasuresSequence = Sequence([Dataset()])
        shared.PixelMeasuresSequence[0].PixelSpacing = [2, 3]
        shared.PlaneOrientationSequence = Sequence([Dataset()])
        shared.PlaneOrientationSequence[0].ImageOrientationPatient = AXIAL
        for place in range(3):
            frame = Dataset()
            frame.PlanePositionSequence = Sequence([Dataset()])
            frame.PlanePositionSequence[0].ImagePositionPatient = [0, 0, -5 * place]
            frame.PixelValueTransformationSequence = Sequence([Dataset()])
            line = frame.PixelValueTransformationSequence[0]
            line.RescaleSlope, line.RescaleIntercept = 10**place, 0
            frames.append(frame)
        path = write(
            tmp_path / "a",
            np.ones((3, 4, 6), np.uint16),
            SharedFunctionalGroupsSequence=Sequence([shared]),
            PerFrameFunctionalGroupsSequence=Sequence(frames),
        )
        found = read(path)
        assert found.header.spacing == (5.0, 2.0, 3.0)
        assert found.array[:, 0, 0, 0].tolist() == [100, 10, 1]

    def test_files_without_preamble_or_ending(self, tmp_path: Path) -> None:
        dataset = dataset_of(pixels(4, 6), SpecificCharacterSet="ISO_IR 100")
        del dataset.file_meta
        dataset.save_as(tmp_path / "bare", implicit_vr=True, little_endian=True)
        assert dicom.accepts(tmp_path / "bare")
        assert read(tmp_path / "bare").header.size == (1, 4, 6)
        (tmp_path / "text").write_text("no pictures here" * 20)
        assert not dicom.accepts(tmp_path / "text")
        assert "not a DICOM file" in refusal(tmp_path / "text")

    def test_what_has_no_pixels_is_refused(self, tmp_path: Path) -> None:
        dataset = dataset_of(pixels(4, 6))
        del dataset.Rows, dataset.PixelData
        dataset.save_as(tmp_path / "a.dcm", enforce_file_format=True)
        assert "holds no pixels" in refusal(tmp_path / "a.dcm")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
    def test_truncated_files_are_refused(self, tmp_path: Path, share: float) -> None:
        path = write(tmp_path / "a.dcm", pixels(64, 64))
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        assert refusal(path)

    def test_bombs_are_refused_unopened(self, tmp_path: Path) -> None:
        size = {"Rows": 60_000, "Columns": 60_000, "NumberOfFrames": 1000}
        assert "limit" in refusal(write(tmp_path / "a", pixels(4, 6), **size))
        size = {"Rows": 10_000, "Columns": 10_000}
        assert "can hold" in refusal(write(tmp_path / "b", pixels(4, 6), **size))

    def test_deflated_files_are_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dataset = dataset_of(pixels(64, 64))
        dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        dataset.save_as(tmp_path / "a", enforce_file_format=True)
        assert read(tmp_path / "a").array.max() == 64 * 64 - 1
        monkeypatch.setattr(dicom, "_MOST_INFLATED", 5000)
        assert "inflates to more than 5,000" in refusal(tmp_path / "a")

    def test_nothing_of_the_patient_gets_out(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        path = write(tmp_path / "a.dcm", pixels(4, 6))
        content = path.read_bytes()
        numbers = content.replace(b"1.2.3\x00", b"Privat")  # a UID that is none
        spacing = write(tmp_path / "b.dcm", pixels(4, 6), NumberOfFrames=1)
        broken = spacing.read_bytes().replace(b"IS\x02\x001 ", b"IS\x02\x00Pr")
        for place, bad in enumerate((numbers, broken, content.replace(b"OW", b"Pr"))):
            assert bad not in (content, spacing.read_bytes())
            (tmp_path / f"{place}.dcm").write_bytes(bad)
            try:
                found = dicom.read(tmp_path / f"{place}.dcm")
            except DataError as error:
                text = "".join(traceback.format_exception(error))
                assert "Privat" not in text
                assert "Pr'" not in text
            else:
                assert "Privat" not in repr(found.header) + repr(found.remarks)
        assert capfd.readouterr() == ("", "")


class TestCompression:
    def test_jpeg_lossless_is_read(self, tmp_path: Path) -> None:
        gdcm = pytest.importorskip("gdcm")
        array = np.random.default_rng(0).integers(0, 4096, (8, 8)).astype(np.uint16)
        plain = write(tmp_path / "plain.dcm", array)
        reader = gdcm.ImageReader()
        reader.SetFileName(str(plain))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(
            gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1)
        )
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(tmp_path / "packed.dcm"))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        np.testing.assert_array_equal(
            read(tmp_path / "packed.dcm").array[0, :, :, 0], array
        )

    @pytest.mark.parametrize("syntax", ["RLE", "jp2klossless", "jpeg_ls_lossless"])
    def test_each_gives_the_same_pixels(self, test_data: Path, syntax: str) -> None:
        folder = test_data / "robustness" / "dicom"
        expected = read(folder / "MR_small.dcm")
        np.testing.assert_array_equal(
            read(folder / f"MR_small_{syntax}.dcm").array, expected.array
        )

    def test_broken_ones_are_refused_in_silence(
        self, test_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        folder = test_data / "robustness" / "dicom"
        for name in (
            "MR_small_jp2klossless",
            "MR_small_jpeg_ls_lossless",
            "emri_small_RLE",
        ):
            content = bytearray((folder / f"{name}.dcm").read_bytes())
            middle = len(content) - 1000
            content[middle : middle + 400] = b"\xff\x00" * 200
            (tmp_path / name).write_bytes(content[:-200])
            with pytest.raises(DataError):
                dicom.read(tmp_path / name)
        assert capfd.readouterr() == ("", "")
