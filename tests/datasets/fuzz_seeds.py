"""Small good files of every family that is read, for tests that spoil them."""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.datasets.deep_pngs import deep_noise, deep_png
from tests.datasets.forms import noise
from tests.datasets.fuzz_seed import Pack, Seed, written
from tests.datasets.fuzz_tables import (
    array_seeds,
    manifest_seeds,
    series_seeds,
    text_seeds,
)


def _with_checksums(content: bytes) -> bytes:
    """Put the right checksum behind each chunk of a PNG file."""
    whole, place = bytearray(content), 8
    while place + 12 <= len(whole):
        (size,) = struct.unpack(">I", whole[place : place + 4])
        end = place + 8 + size
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = struct.pack(">I", zlib.crc32(whole[place + 4 : end]))
        place = end + 4
    return bytes(whole)


def image_seeds() -> list[Seed]:
    """Return pictures in every format that Pillow writes."""
    colours = Image.fromarray(noise(1, 9, 8, 3))
    seeds = []
    for ending, form in (
        *(("bmp", "BMP"), ("dds", "DDS"), ("gif", "GIF")),
        *(("ico", "ICO"), ("jp2", "JPEG2000"), ("jpg", "JPEG")),
        *(("pcx", "PCX"), ("ppm", "PPM"), ("sgi", "SGI"), ("tga", "TGA")),
        *(("tif", "TIFF"), ("webp", "WEBP")),
    ):
        content = written(lambda file, form=form: colours.save(file, form))  # type: ignore[misc]
        seeds.append(Seed(f"a.{ending}", content, "image"))
    for mode in ("1", "L", "P", "LA", "RGBA", "I;16"):
        picture = Image.new(mode, (9, 8)) if mode == "I;16" else colours.convert(mode)
        content = written(lambda file, picture=picture: picture.save(file, "PNG"))  # type: ignore[misc]
        seeds.append(Seed("a.png", content, "image", _with_checksums))
    for channels in (2, 3, 4):
        content = deep_png(deep_noise(1, 9, 8, channels))
        seeds.append(Seed("deep.png", content, "image", _with_checksums))
    deep = Image.fromarray(noise(1, 9, 8).astype(np.float32))
    seeds.append(Seed("f.tif", written(lambda file: deep.save(file, "TIFF")), "image"))
    return seeds


def _wav(width: int, channels: int) -> bytes:
    def write(file: io.BytesIO) -> None:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(channels)
            sound.setsampwidth(width)
            sound.setframerate(8000)
            sound.writeframes(noise(1, 240 * width * channels).tobytes())

    return written(write)


def wav_seeds() -> list[Seed]:
    """Return wav files of several depths, plain and extensible."""
    seeds = [
        Seed("a.wav", _wav(width, channels), "audio")
        for width, channels in ((1, 1), (2, 1), (2, 2), (3, 1), (4, 2))
    ]
    described = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 32000, 4, 32, 22, 32, 4)
    described += struct.pack("<I", 3) + bytes(12)
    body = noise(1, 100).astype("<f4").tobytes()
    chunks = b"WAVEfmt " + struct.pack("<I", len(described)) + described
    chunks += b"data" + struct.pack("<I", len(body)) + body
    riff = b"RIFF" + struct.pack("<I", len(chunks)) + chunks
    return [*seeds, Seed("float.wav", riff, "audio")]


def audio_seeds() -> list[Seed]:
    """Return sounds in every format that libsndfile writes well."""
    soundfile: Any = import_module("soundfile")

    values = noise(1, 400).astype(np.float32) / 256 - 0.5
    seeds = []
    for ending, form in (
        *(("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3"), ("aiff", "AIFF")),
        *(("au", "AU"), ("caf", "CAF"), ("w64", "W64")),
    ):

        def write(file: io.BytesIO, form: str = form) -> None:
            soundfile.write(file, values, 8000, format=form)

        seeds.append(Seed(f"a.{ending}", written(write), "audio"))
    return seeds


def nifti_seeds() -> list[Seed]:
    """Return scans that nibabel writes."""
    nibabel: Any = import_module("nibabel")
    voxels, turn = noise(1, 5, 6, 7), np.diag([1.0, 1.0, 2.5, 1.0])
    plain = nibabel.Nifti1Image(voxels, turn).to_bytes()
    scaled = nibabel.Nifti1Image(voxels.astype(np.int16), turn)
    scaled.header.set_slope_inter(0.5, -3)
    second = nibabel.Nifti2Image(voxels.astype(np.float64), turn).to_bytes()
    mgh = nibabel.MGHImage(voxels.astype(np.float32), turn).to_bytes()
    return [
        Seed("a.nii", plain, "volume"),
        Seed("scaled.nii", scaled.to_bytes(), "volume"),
        Seed("second.nii", second, "volume"),
        Seed("a.nii.gz", plain, "volume", gzip.compress),
        Seed("raw.nii.gz", gzip.compress(plain), "volume"),
        Seed("a.mgh", mgh, "volume"),
        Seed("a.mgz", mgh, "volume", gzip.compress),
    ]


def dicom_seeds() -> list[Seed]:
    """Return DICOM files: plain, of several frames, deflated and compressed."""
    from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

    from tests.datasets.dicom_files import AXIAL, dataset_of, pixels

    def saved(dataset: Any) -> bytes:
        return written(lambda file: dataset.save_as(file, enforce_file_format=True))

    plain = dataset_of(
        pixels(6, 5),
        ImagePositionPatient=[0, 0, 1],
        ImageOrientationPatient=AXIAL,
        PixelSpacing=[0.5, 0.75],
        RescaleSlope=2,
        RescaleIntercept=-1024,
    )
    deflated = dataset_of(pixels(6, 5))
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    packed = dataset_of(pixels(4, 6, 5))
    packed.compress(RLELossless)
    contents = (plain, dataset_of(pixels(4, 6, 5)), deflated, packed)
    return [Seed("a.dcm", saved(dataset), "volume") for dataset in contents]


def tiff_seeds() -> list[Seed]:
    """Return TIFF files of many pages, and of more channels than colours have."""
    import tifffile

    stack, bands = noise(1, 5, 9, 8), noise(1, 9, 8, 6)
    deep = deep_noise(1, 9, 8, 3)

    def saved(array: NDArray[Any], **options: Any) -> bytes:
        return written(lambda file: tifffile.imwrite(file, array, **options))

    return [
        Seed("a.tif", saved(stack, photometric="minisblack"), "volume"),
        Seed(
            "imagej.tif", saved(stack, imagej=True, metadata={"axes": "ZYX"}), "volume"
        ),
        Seed("big.tif", saved(stack, bigtiff=True), "volume"),
        Seed("deflated.tif", saved(stack, compression="zlib"), "volume"),
        Seed("bands.tif", saved(bands, photometric="minisblack"), "image"),
        Seed("planes.tif", saved(bands.T, planarconfig="separate"), "image"),
        Seed("deep.tif", saved(deep, photometric="rgb"), "image"),
        Seed("packed.tif", saved(deep, photometric="rgb", compression="zlib"), "image"),
        Seed(
            "deep_planes.tif",
            saved(deep.T, photometric="rgb", planarconfig="separate"),
            "image",
        ),
    ]


def video_seeds() -> list[Seed]:
    """Return moving pictures that Pillow writes."""
    first, *rest = [Image.fromarray(frame) for frame in noise(1, 4, 9, 8)]
    seeds = []
    for ending, form in (("gif", "GIF"), ("png", "PNG"), ("webp", "WEBP")):

        def write(file: io.BytesIO, form: str = form) -> None:
            first.save(file, form, save_all=True, append_images=rest)

        pack: Pack = _with_checksums if form == "PNG" else bytes
        seeds.append(Seed(f"a.{ending}", written(write), "video", pack))
    return seeds


def film_seeds() -> list[Seed]:
    """Return films that FFmpeg writes."""
    av: Any = import_module("av")
    seeds = []
    for ending, form, codec in (
        ("mp4", "mp4", "mpeg4"),
        ("mkv", "matroska", "mpeg4"),
        ("avi", "avi", "mjpeg"),
    ):

        def write(file: io.BytesIO, form: str = form, codec: str = codec) -> None:
            with av.open(file, "w", format=form) as container:
                stream = container.add_stream(codec, rate=5)
                stream.width, stream.height = 32, 16
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                for pixels in noise(1, 5, 16, 32, 3):
                    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                    container.mux(stream.encode(frame))
                container.mux(stream.encode())

        seeds.append(Seed(f"a.{ending}", written(write), "video"))
    return seeds


#: By family, what makes its seeds, and the packages that takes.
FAMILIES: dict[str, tuple[Callable[[], list[Seed]], tuple[str, ...]]] = {
    "image": (image_seeds, ()),
    "wav": (wav_seeds, ()),
    "audio": (audio_seeds, ("soundfile",)),
    "series": (series_seeds, ()),
    "array": (array_seeds, ()),
    "text": (text_seeds, ()),
    "nifti": (nifti_seeds, ("nibabel",)),
    "dicom": (dicom_seeds, ("pydicom",)),
    "tiff": (tiff_seeds, ("tifffile",)),
    "video": (video_seeds, ()),
    "film": (film_seeds, ("av",)),
    "manifest": (manifest_seeds, ()),
}
