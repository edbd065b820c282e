"""Moving pictures that FFmpeg reads: MP4, Matroska, AVI and more, through PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.media.frames import (
    MAX_FRAMES,
    MAX_PIXELS,
    Header,
    Opened,
    Pixels,
    checked_size,
)
from automl_datasets.naming import suffix_of

# Formats that are one file; playlists would make FFmpeg open others.
_OPTIONS = {
    "format_whitelist": "mov,matroska,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg",
    "protocol_whitelist": "file",
}


def is_film(head: bytes) -> bool:
    """Return whether the first bytes are those of an AVI, Matroska or MP4 file."""
    avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    mp4 = head[4:8] == b"ftyp" and head[8:11] in (b"iso", b"mp4", b"avc", b"qt ")
    return avi or mp4 or head.startswith(b"\x1a\x45\xdf\xa3")


@contextmanager
def opened_film(file: BinaryIO) -> Iterator[Opened]:
    """Open a film; FFmpeg's errors pass."""
    av = _av(suffix_of(file.name))
    with av.open(file, options=_OPTIONS) as container:
        if not container.streams.video:
            raise DataError("holds no pictures")
        stream = container.streams.video[0]
        context = stream.codec_context
        if context is None:
            raise DataError("holds pictures of an unknown coding")
        context.thread_count = 1  # files are read in parallel, not frames
        context.options = {"max_pixels": str(MAX_PIXELS)}
        checked_size(2, context.height or 1, context.width or 1)
        whole = _whole(container.decode(stream))
        first = next(whole, None)
        if first is None:
            raise DataError("holds no whole frame")
        count = stream.frames or _estimated(container, stream) or _counted(av, file)
        size = checked_size(count, *_upright_size(first))
        frames = (partial(_upright, frame) for frame in chain([first], whole))
        yield Opened(Header(size, _is_grey_film(first)), bool(stream.frames), frames)


def _av(suffix: str) -> Any:
    try:
        return import_module("av")
    except ImportError as error:
        raise DataError(
            f"Reading this {suffix or 'video'} file needs the package av; install it "
            'with pip install "conv-automl[video]".'
        ) from error


def _whole(decoded: Iterator[Any]) -> Iterator[Any]:
    """Yield frames until one is broken."""
    try:
        yield from decoded
    except Exception:  # FFmpeg's; what came before is whole
        return


def _estimated(container: Any, stream: Any) -> int:
    """Return the frames of a film by its duration, 0 if that is not known."""
    if container.duration and stream.average_rate:
        seconds = int(container.duration) / 1e6
        return max(2, round(seconds * float(stream.average_rate)))
    return 0


def _counted(av: Any, file: BinaryIO) -> int:
    """Return the frames of a film such as browsers record, which says nothing."""
    with (
        Path(file.name).open("rb") as again,
        av.open(again, options=_OPTIONS) as container,
    ):
        packets = (packet for packet in container.demux(video=0) if packet.size)
        return sum(1 for _ in islice(packets, MAX_FRAMES + 1))


def _turns(frame: Any) -> int:
    return round(int(frame.rotation) / 90) % 4


def _upright_size(frame: Any) -> tuple[int, int]:
    size = (frame.height, frame.width)
    return size[::-1] if _turns(frame) % 2 else size


def _is_grey_film(frame: Any) -> bool:
    return bool(frame.format.name.startswith(("gray", "mono")))


def _upright(frame: Any) -> Pixels:
    layout = "gray" if _is_grey_film(frame) else "rgb24"
    pixels: Pixels = frame.to_ndarray(format=layout)
    whole = pixels.reshape(*pixels.shape[:2], -1)
    return np.ascontiguousarray(np.rot90(whole, _turns(frame)))
