"""The registry of media: one module a kind of file, one line each in `MEDIA`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from automl_datasets.media import audio, image, series_file, text, video, volume
from automl_datasets.media._base import Medium, name_of
from automl_datasets.naming import suffix_of
from automl_datasets.opened_images import has_frames

# The first that accepts a file reads it, and wins a tie of the most common: put the
# particular before the general. The cast, since each takes its own headers alone.
MEDIA = cast("tuple[Medium, ...]", (audio, video, volume, image, series_file, text))

# Endings of what no medium reads, unless it claims them.
FOREIGN = frozenset(
    """
    .arff .avi .bin .c .cfg .conf .csv .dcm .db .doc .docx .flac .gz .h5 .hdf5 .htm
    .html .ini .ipynb .js .json .jsonl .log .lst .m4a .mat .md .mkv .mov .mp3 .mp4 .nii
    .npy .npz .odt .ogg .parquet .pdf .pickle .pkl .pt .pth .py .rar .rst .sh .sqlite
    .tar .tex .tfrecord .toml .ts .tsv .txt .wav .xls .xlsx .xml .yaml .yml .zip
    """.split()  # noqa: SIM905 - words read better than 60 literals
)
_SNIFFED = 32  # files of an ending that are opened to know what most are


def medium_of(path: Path, kind: str = "auto") -> Medium | None:
    """Return the medium that reads one file or folder; `None` if none does.

    Args:
        path: A file, or a folder that may be one sample.
        kind: One of `spec.KINDS` that it must be of, or `auto`.
    """
    claiming = [
        medium
        for medium in MEDIA
        if kind in ("auto", medium.KIND) and medium.accepts(path)
    ]
    if len(claiming) > 1 and has_frames(path):
        # A GIF or TIFF file of several frames, which is more than an image.
        claiming = [medium for medium in claiming if medium.KIND != image.KIND]
    return claiming[0] if claiming else None


def most_common(paths: Iterable[str], kind: str = "auto") -> Medium | None:
    """Return the medium that reads most of some files.

    Files are told apart by their endings; some of each ending are looked into.

    Args:
        paths: The files, and folders that may be one sample each.
        kind: One of `spec.KINDS` that it must be of, or `auto`.
    """
    by_suffix: dict[str, list[str]] = {}
    for path in paths:
        by_suffix.setdefault(suffix_of(path), []).append(path)
    votes: Counter[str] = Counter()
    claimed = frozenset().union(*(endings_of(medium) for medium in MEDIA))
    for suffix, alike in by_suffix.items():
        if suffix in FOREIGN - claimed:
            continue
        step = max(1, len(alike) // _SNIFFED)
        looked_into = alike[::step][:_SNIFFED]
        found = Counter(
            name_of(medium)
            for path in looked_into
            if (medium := medium_of(Path(path), kind)) is not None
        )
        for name, count in found.items():
            votes[name] += -(-count * len(alike) // len(looked_into))
    ranked = sorted(MEDIA, key=lambda medium: -votes[name_of(medium)])
    return ranked[0] if votes else None


def endings_of(medium: Medium) -> frozenset[str]:
    """Return the last parts of a medium's endings, such as `.gz` of `.nii.gz`."""
    return frozenset(suffix_of("x" + ending) for ending in medium.SUFFIXES)
