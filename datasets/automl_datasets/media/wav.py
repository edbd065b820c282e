"""Numbers of a wav file, of any depth, byte order and length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_ORDER = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<"}
_UNKNOWN_SIZES = (0xFFFFFFFF, 0x7FFFFFFF)  # written by recorders that stream


class Wav(NamedTuple):
    """Where a wav file holds its numbers, and in what form.

    Attributes:
        coding: 1 for integers, 3 for floats.
        order: Byte order, `<` or `>`.
        channels: Numbers in a frame.
        rate: Frames a second.
        width: Bytes of a number.
        bits: Bits of a number that are used.
        start: Where in the file the first number is.
        frames: Whole frames that the file holds, whatever its header claims.
        whole: Whether these are as many as the header claims.
    """

    coding: int
    order: str
    channels: int
    rate: int
    width: int
    bits: int
    start: int
    frames: int
    whole: bool


def is_wav(head: bytes) -> bool:
    """Return whether the first twelve bytes of a file are those of a wav file."""
    return head[:4] in _ORDER and head[8:12] == b"WAVE"


def wav_header(file: BinaryIO, head: bytes) -> Wav | None:
    """Return the header of a wav file, or `None` if its numbers are compressed.

    Source: Microsoft and IBM, Multimedia Programming Interface and Data Specifications
    1.0 (1991); EBU Tech 3306 for RF64.

    Args:
        file: The file, standing after its first twelve bytes.
        head: Those bytes.

    Raises:
        DataError: If the header is broken or cut short.
    """
    order = _ORDER[head[:4]]
    described, longer = b"", 0
    for name, size in _chunks(file, order):
        if name == b"ds64":
            longer = struct.unpack("<Q", file.read(24)[8:16].ljust(8, b"\0"))[0]
        elif name == b"fmt ":
            described = file.read(min(size, 40))
        elif name == b"data":
            return _described(file, described, order, longer or size)
    raise DataError("truncated: the file ends before its first sample")


def _chunks(file: BinaryIO, order: str) -> Iterator[tuple[bytes, int]]:
    """Yield name and size of each chunk, the file standing at its content."""
    while len(head := file.read(8)) == 8:
        size = struct.unpack(f"{order}I", head[4:])[0]
        following = file.tell() + size + size % 2
        yield head[:4], size
        file.seek(following)


def _described(
    file: BinaryIO, described: bytes, order: str, claimed: int
) -> Wav | None:
    if len(described) < 16:
        raise DataError("broken wav header: the format comes after the samples")
    coding, channels, rate, _, block, bits = struct.unpack(
        f"{order}HHIIHH", described[:16]
    )
    if coding == _EXTENSIBLE and len(described) >= 28:
        coding = struct.unpack(f"{order}I", described[24:28])[0]
    if coding not in (_PCM, _FLOAT):
        return None
    width = block // max(1, channels)
    if not channels or block % channels or not _possible(coding, bits, width):
        raise DataError(
            f"broken wav header: {channels} channels of {bits} bits in {block} bytes"
        )
    start = file.tell()
    held = file.seek(0, 2) - start
    frames = min(claimed, held) // block
    whole = claimed <= held or claimed in _UNKNOWN_SIZES
    return Wav(coding, order, channels, rate, width, bits, start, frames, whole)


def _possible(coding: int, bits: int, width: int) -> bool:
    if coding == _FLOAT:
        return width in (4, 8)
    return 1 <= bits <= 8 * width <= 64


def numbers_of(data: bytes, wav: Wav) -> NDArray[Any]:
    """Return the numbers in float, full scale being 1.

    Odd depths fill their bytes from the top, so that the bytes alone set the scale.
    """
    if wav.coding == _FLOAT:
        return np.frombuffer(data, f"{wav.order}f{wav.width}")
    if wav.bits <= 8 and wav.width == 1:
        return np.frombuffer(data, np.uint8) / np.float32(128) - np.float32(1)
    if wav.width in (1, 2, 4, 8):
        whole = np.frombuffer(data, f"{wav.order}i{wav.width}")
    else:
        whole = _widened(data, wav)
    return whole / np.float64(2.0 ** (8 * whole.dtype.itemsize - 1))


def _widened(data: bytes, wav: Wav) -> NDArray[Any]:
    """Return integers of 3, 5, 6 or 7 bytes as the next larger of numpy's."""
    held = 4 if wav.width == 3 else 8
    raw = np.frombuffer(data, np.uint8).reshape(-1, wav.width)
    wide = np.zeros((len(raw), held), np.uint8)
    if wav.order == ">":
        wide[:, : wav.width] = raw
    else:
        wide[:, held - wav.width :] = raw
    return wide.view(f"{wav.order}i{held}")[:, 0]
