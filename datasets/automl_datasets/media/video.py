"""Moving pictures, one sample each: some frames of one size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from automl_datasets.listing import is_regular
from automl_datasets.media._base import Decision
from automl_datasets.media.clips import peek, sample
from automl_datasets.media.films import is_film
from automl_datasets.media.frames import Header
from automl_datasets.media.pictures import SUFFIXES as PICTURES
from automl_datasets.media.pictures import is_animated, is_picture
from automl_datasets.naming import suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.resizing import common_size
from automl_datasets.samples import Layout, Reading

__all__ = [
    "KIND",
    "NOUN",
    "PARALLEL",
    "REQUIRES",
    "SUFFIXES",
    "Header",
    "accepts",
    "decide",
    "decode",
    "peek",
]

KIND = "video"
NOUN = "video"
SUFFIXES = frozenset(
    """
    .3gp .apng .asf .avi .flv .gif .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .webm .wmv
    """.split()  # noqa: SIM905 - words read better than 15 literals
)
PARALLEL = True
REQUIRES = ""  # GIF, APNG and WebP need nothing; films name `conv-automl[video]`

FIT = "N frames evenly spaced; resized"
_MOST_FRAMES = 16
_LONGEST_SIDE = 112


def accepts(path: Path) -> bool:
    """Return whether a file holds moving pictures, by ending or else by first bytes.

    A GIF, PNG or WebP file is accepted if it holds more than one frame.
    """
    if not is_regular(path):
        return False
    suffix = suffix_of(path.name)
    if suffix in SUFFIXES and suffix not in PICTURES:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return is_film(head) or (is_picture(head) and is_animated(path))


def decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    """Decide on frames, size and channels; at least one header is given."""
    counts = [header.size[0] for header in headers]
    frames = int(min(_MOST_FRAMES, max(2, np.median(counts))))
    size, why_size = common_size(
        [(height, width) for _, height, width in (header.size for header in headers)],
        options.image_size,
        noun="frame",
        kept_side=_LONGEST_SIDE,
        longest_side=_LONGEST_SIDE,
    )
    grey = all(header.grey for header in headers)
    notes = [_why_frames(counts, frames), why_size]
    if grey:
        notes.append("One channel: every video is grey.")
    layout = Layout(
        KIND,
        (frames, *size, 1 if grey else 3),
        "uint8",
        {"frames": frames, "fit": FIT},
    )
    return Decision(layout, tuple(notes))


def decode(location: str, layout: Layout, *, fitted: bool) -> tuple[Reading, Header]:
    """Read evenly spaced frames of a video.

    Args:
        location: Path of the file.
        layout: What `decide` returned.
        fitted: Whether to resize the frames to the layout; their number is always
            that of the layout.

    Returns:
        uint8 pixels, shape `(frames, height, width, channels)`, and the header.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    frames, height, width, channels = layout.shape
    size = (height, width) if fitted else None
    sampled = sample(location, frames, channels=channels, size=size)
    reading = Reading(sampled.pixels, sampled.header.size, sampled.remarks)
    return reading, sampled.header


def _why_frames(counts: Sequence[int], frames: int) -> str:
    held = f"{min(counts):,} to {max(counts):,}"
    if min(counts) == max(counts):
        held = f"{counts[0]:,}"
    if set(counts) == {frames}:
        return f"All videos hold {frames} frames."
    return (
        f"Videos hold {held} frames; {frames} of each are used, evenly spaced from the "
        f"first to the last (the median number, at most {_MOST_FRAMES})."
    )


def fitting(layout: Layout) -> None:
    """Return `None`: nothing is learned from the training split."""
