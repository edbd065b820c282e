"""PNG files of 16 bits a channel, which Pillow reads and does not write."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_COLOUR_TYPES = {2: 4, 3: 2, 4: 6}  # by the number of channels


def deep_noise(seed: int, *shape: int) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 2**16, shape, dtype=np.uint16)


def deep_png(pixels: NDArray[np.uint16], *, clear: bytes = b"") -> bytes:
    """Return a PNG file of pixels `(height, width, 2 to 4)`; `clear` is its tRNS."""
    height, width, channels = pixels.shape
    header = struct.pack(
        ">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0
    )
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(header, rows, clear=clear)


def png(header: bytes, rows: bytes, *, clear: bytes = b"") -> bytes:
    """Return a PNG file of a header and filtered rows."""
    begin = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    begin += _chunk(b"tRNS", clear) if clear else b""
    return begin + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check
