"""Decoding one image, whatever its mode, format or damage."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from automl_datasets import opened_images
from automl_datasets.decoding import Header, decode, peek
from automl_datasets.errors import DataError
from automl_datasets.resizing import resize_array
from tests.datasets.deep_pngs import deep_noise, deep_png, png
from tests.datasets.forms import noise


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"turned.{suffix}"
    Image.fromarray(noise(0, 16, 24, 3)).save(path, exif=_exif(orientation))
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    decoded = decode(path, channels=3, dtype="uint8")
    assert np.array_equal(decoded.pixels, expected)
    assert decoded.header.size == ((24, 16) if orientation > 4 else (16, 24))
    if suffix != "png":  # in a PNG it may come after the pixels
        assert peek(path).size == decoded.header.size


def test_broken_exif_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    garbage = b"Exif\0\0II*\0\xff\xff\xff\xff garbage"
    Image.fromarray(noise(0, 8, 8, 3)).save(path, exif=garbage)
    assert decode(path, channels=3, dtype="uint8").pixels.shape == (8, 8, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    colour = (10, 20, 30, 0) if mode == "RGBA" else (10, 0)
    image = Image.new(mode, (4, 2), colour)
    image.putpixel((0, 0), (*colour[:-1], 255))
    image.save(path)
    decoded = decode(path, channels=3 if mode == "RGBA" else 1, dtype="uint8")
    assert tuple(decoded.pixels[0, 0]) == colour[:-1]
    assert (decoded.pixels[1] == 255).all()
    assert decoded.header.grey == (mode == "LA")
    assert "transparency laid over white" in decoded.remarks


def test_transparent_palette_is_laid_over_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.new("P", (2, 1), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    image.save(path, transparency=0)
    pixels = decode(path, channels=3, dtype="uint8").pixels
    assert pixels.tolist() == [[[255, 255, 255], [0, 0, 255]]]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.new("CMYK", (3, 3), (0, 255, 255, 0)).save(path)
    decoded = decode(path, channels=3, dtype="uint8")
    assert (decoded.pixels == (255, 0, 0)).all()
    assert "CMYK colours converted" in decoded.remarks


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("uint8", 128), ("uint16", 32896), ("float32", 32896 / 65535)],
)
def test_sixteen_bits(tmp_path: Path, dtype: str, expected: float) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((3, 4), 32896, np.uint16)).save(path)
    decoded = decode(path, channels=1, dtype=dtype)
    assert decoded.header == Header((3, 4), True, "16")
    assert decoded.pixels.dtype == dtype
    assert decoded.pixels == pytest.approx(np.full((3, 4, 1), expected))


def _over_white(deep: NDArray[np.uint16]) -> NDArray[np.uint16]:
    opacity = deep[:, :, 3:] / 65535
    laid = np.rint(deep[:, :, :3] * opacity + 65535 * (1 - opacity))
    return laid.astype(np.uint16)


def test_colours_of_sixteen_bits_keep_them(tmp_path: Path) -> None:
    deep = deep_noise(0, 9, 8, 3)
    (tmp_path / "a.png").write_bytes(deep_png(deep))
    orders: tuple[Literal["<", ">"], ...] = ("<", ">")
    for i, order in enumerate(orders):
        for packed in (None, "zlib"):
            tifffile.imwrite(
                tmp_path / f"{i} {packed}.tif",
                deep,
                photometric="rgb",
                byteorder=order,
                compression=packed,
            )
    for path in sorted(tmp_path.iterdir()):
        assert peek(path) == Header((9, 8), False, "16")
        decoded = decode(path, channels=3, dtype="uint16")
        assert decoded.header == peek(path)
        assert np.array_equal(decoded.pixels, deep)
        assert decoded.remarks == ()
        reduced = decode(path, channels=3, dtype="uint8")
        assert np.array_equal(reduced.pixels, np.rint(deep / 257))
        assert reduced.remarks == ("16-bit pixels reduced to 8 bit by 257",)


@pytest.mark.parametrize("opacity", ["unassalpha", "assocalpha"])
def test_transparency_of_sixteen_bits_is_laid_over_white(
    tmp_path: Path, opacity: str
) -> None:
    deep = deep_noise(1, 9, 8, 4)
    written = deep.copy()
    if opacity == "assocalpha":  # colours are multiplied by it
        written[:, :, :3] = np.rint(deep[:, :, :3] * (deep[:, :, 3:] / 65535))
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, written, photometric="rgb", extrasamples=[opacity])
    decoded = decode(path, channels=3, dtype="uint16")
    assert np.array_equal(decoded.pixels, _over_white(deep))
    assert decoded.remarks == ("transparency laid over white",)


def test_transparent_png_of_sixteen_bits(tmp_path: Path) -> None:
    deep = deep_noise(2, 9, 8, 4)
    (tmp_path / "a.png").write_bytes(deep_png(deep))
    pixels = decode(tmp_path / "a.png", channels=3, dtype="uint16").pixels
    assert np.array_equal(pixels, _over_white(deep))
    clear = struct.pack(">HHH", *deep[0, 0, :3].tolist())
    (tmp_path / "b.png").write_bytes(deep_png(deep[:, :, :3], clear=clear))
    pixels = decode(tmp_path / "b.png", channels=3, dtype="uint16").pixels
    assert (pixels[0, 0] == 65535).all()
    assert np.array_equal(pixels[1:], deep[1:, :, :3])


def test_transparent_grey_of_sixteen_bits_is_reduced(tmp_path: Path) -> None:
    deep = deep_noise(3, 9, 8, 2)
    deep[:, :, 1] = 65535
    (tmp_path / "a.png").write_bytes(deep_png(deep))
    decoded = decode(tmp_path / "a.png", channels=1, dtype="uint8")
    assert np.array_equal(decoded.pixels[:, :, 0], deep[:, :, 0] >> 8)
    assert "16-bit grey with transparency reduced to 8 bit" in decoded.remarks


def test_colours_of_sixteen_bits_become_grey(tmp_path: Path) -> None:
    deep = deep_noise(4, 9, 8, 3)
    (tmp_path / "a.png").write_bytes(deep_png(deep))
    grey = decode(tmp_path / "a.png", channels=1, dtype="uint16").pixels
    luma = deep @ np.array([0.299, 0.587, 0.114])
    assert np.abs(grey[:, :, 0] - luma).max() < 1


@pytest.mark.parametrize("orientation", [3, 6])
def test_colours_of_sixteen_bits_are_turned_upright(
    tmp_path: Path, orientation: int
) -> None:
    deep = deep_noise(5, 9, 8, 3)
    path = tmp_path / "a.tif"
    turned = [(0x0112, "H", 1, orientation, True)]
    tifffile.imwrite(path, deep, photometric="rgb", extratags=turned)
    decoded = decode(path, channels=3, dtype="uint16")
    assert np.array_equal(decoded.pixels, np.rot90(deep, {3: 2, 6: -1}[orientation]))
    assert peek(path).size == decoded.header.size


def test_planes_of_sixteen_bits_are_refused_among_others(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    planes = deep_noise(6, 3, 9, 8)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate")
    assert peek(path) == Header((9, 8), False, "16", 3)
    with pytest.raises(DataError, match="a plane for each colour"):
        decode(path, channels=3, dtype="uint8")


def test_eight_bits_among_sixteen(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (2, 2), 255).save(path)
    assert (decode(path, channels=1, dtype="uint16").pixels == 65535).all()


def test_floats_are_stretched_or_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    values = np.array([[-1.0, 0.0, 3.0]], np.float32)
    Image.fromarray(values).save(path)
    bytes_ = decode(path, channels=1, dtype="uint8").pixels
    assert bytes_.ravel().tolist() == [0, 64, 255]
    kept = decode(path, channels=1, dtype="float32").pixels
    assert kept.ravel().tolist() == values.ravel().tolist()


def test_infinite_floats_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(np.array([[np.inf, 1.0]], np.float32)).save(path)
    with pytest.raises(DataError, match="NaN or infinite"):
        decode(path, channels=1, dtype="uint8")


def test_grey_into_three_channels_and_back(tmp_path: Path) -> None:
    grey, red = tmp_path / "grey.png", tmp_path / "red.png"
    Image.new("L", (2, 2), 7).save(grey)
    Image.new("RGB", (2, 2), "red").save(red)
    assert (decode(grey, channels=3, dtype="uint8").pixels == 7).all()
    assert (decode(red, channels=1, dtype="uint8").pixels == 76).all()  # .299 * 255


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp", "png"])
def test_first_of_several_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    decoded = decode(path, channels=3, dtype="uint8")
    assert (decoded.pixels[0, 0] == (255, 0, 0)).all()
    assert "several frames, only the first is used" in decoded.remarks


def test_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    Image.fromarray(noise(0, 5, 6, 3)).save(path, format="PNG")
    pixels = decode(path, channels=3, dtype="uint8").pixels
    assert np.array_equal(pixels, noise(0, 5, 6, 3))


def _png_claiming(width: int, height: int) -> bytes:
    return png(struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"\0")


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_their_header(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png_claiming(*size))
    for read in (peek, lambda p: decode(p, channels=3, dtype="uint8")):
        with pytest.raises(DataError, match=r"claims [\d,]+ pixels, more than"):
            read(path)


def test_limit_does_not_depend_on_global_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png_claiming(50_000, 50_000))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(DataError, match="2,500,000,000 pixels"):
        decode(path, channels=3, dtype="uint8")


def test_large_images_that_pillow_only_warns_of_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    Image.new("L", (30, 30)).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 800)
    decoded = decode(path, channels=1, dtype="uint8")
    assert any("Pillow warned" in remark for remark in decoded.remarks)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "tif", "webp"])
def test_truncated_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise(1, 64, 64, 3)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError) as caught:
        decode(path, channels=3, dtype="uint8")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"just words", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
    ],
)
def test_what_is_no_image_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        decode(path, channels=3, dtype="uint8")


def test_damage_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    """Flip bytes at random: every outcome but pixels or a `DataError` is a fault."""
    rng = np.random.default_rng(0)
    refused = 0
    for suffix in ("png", "jpg", "gif", "tif", "bmp", "webp"):
        path = tmp_path / f"a.{suffix}"
        Image.fromarray(noise(2, 20, 20, 3)).save(path)
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(25):
            damaged = whole.copy()
            damaged[rng.integers(0, min(200, len(whole)), 6)] = rng.integers(0, 256, 6)
            path.write_bytes(damaged.tobytes())
            try:
                pixels = decode(path, channels=3, dtype="uint8").pixels
            except DataError:
                refused += 1
            else:
                assert pixels.ndim == 3
    assert refused > 20


def test_missing_and_forbidden_files_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        decode(tmp_path / "none.png", channels=3, dtype="uint8")
    if os.geteuid() != 0:
        path = tmp_path / "a.png"
        Image.new("L", (2, 2)).save(path)
        path.chmod(0)
        with pytest.raises(DataError, match="Permission denied"):
            decode(path, channels=3, dtype="uint8")


def test_tiff_orientation_is_applied_once(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tags = ImageFileDirectory_v2()
    tags[0x0112] = 6
    Image.fromarray(noise(0, 10, 20, 3)).save(path, tiffinfo=tags)
    decoded = decode(path, channels=3, dtype="uint8")
    assert np.array_equal(decoded.pixels, np.rot90(noise(0, 10, 20, 3), -1))
    assert peek(path).size == (20, 10)


def test_what_is_refused_is_not_logged_as_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.tif"
    Image.new("RGB", (8, 8)).save(path)
    samples_per_pixel = struct.pack("<HHIH", 277, 3, 1, 3)
    content = path.read_bytes()
    assert samples_per_pixel in content
    too_many = struct.pack("<HHIH", 277, 3, 1, 65_535)
    path.write_bytes(content.replace(samples_per_pixel, too_many))
    with pytest.raises(DataError, match="not an image"):
        peek(path)
    assert not caplog.records


def test_outside_programs_are_never_asked() -> None:
    assert {"PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"} < set(opened_images.formats())
    assert not {"EPS", "WMF"} & set(opened_images.formats())
    assert ".eps" not in opened_images.suffixes()


def test_sixteen_bits_become_the_nearest_of_eight(tmp_path: Path) -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(every).save(tmp_path / "deep.png")
    pixels = decode(tmp_path / "deep.png", channels=1, dtype="uint8").pixels
    assert (pixels[:, :, 0] == np.rint(every / 257)).all()


def test_a_large_image_of_sixteen_bits_takes_little_memory(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((3000, 3000), np.uint16)).save(tmp_path / "large.png")
    tracemalloc.start()
    decode(tmp_path / "large.png", channels=1, dtype="uint16", size=(8, 8))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 9 * 3000 * 3000  # bytes a pixel


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_resizing_keeps_constants_and_dtype(dtype: str, channels: int) -> None:
    array = np.full((20, 31, channels), 200, dtype)
    for size in ((7, 5), (40, 33), (20, 31)):
        resized = resize_array(array, size)
        assert resized.shape == (*size, channels)
        assert resized.dtype == dtype
        assert (resized == 200).all()


def test_resizing_is_antialiased() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))[:, :, None]
    assert np.ptp(resize_array(stripes, (8, 8)).astype(int)[:, 1:-1]) <= 1
