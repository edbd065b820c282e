"""Images in folders: each class a folder, perhaps below `train/ val/ test/`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_datasets.decoding import Header, decode, peek, suffixes
from automl_datasets.errors import DataError
from automl_datasets.listing import entries, files_below, folders, relative
from automl_datasets.naming import counted, natural_key, shown, suffix_of
from automl_datasets.sources._base import (
    SPLITS,
    Layout,
    Plan,
    PlanDeviation,
    Reading,
    Sample,
    Scan,
    shape_median,
)

NAME = "image folder"
FORM = "a folder with one folder of images per class (or train/ and test/ of these)"
PARALLEL = True

# Images of one size up to this are used as they are; larger or mixed ones become
# their median size, its longer side at most `_LONGEST_SIDE`.
_KEPT_SIDE = 256
_LONGEST_SIDE = 128
_SPLIT_OF = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
_NO_IMAGES = frozenset(
    """
    .arff .avi .bin .c .cfg .conf .csv .dcm .db .doc .docx .flac .gz .h5 .hdf5 .htm
    .html .ini .ipynb .js .json .jsonl .log .lst .m4a .mat .md .mkv .mov .mp3 .mp4 .nii
    .npy .npz .odt .ogg .parquet .pdf .pickle .pkl .pt .pth .py .rar .rst .sh .sqlite
    .tar .tex .tfrecord .toml .ts .tsv .txt .wav .xls .xlsx .xml .yaml .yml .zip
    """.split()  # noqa: SIM905 - words read better than 60 literals
)
_PROBES = 64  # headers that stand for all, when they agree
_SNIFFED = 20  # files without a telling suffix that are opened to know a folder


def recognise(path: Path) -> str | None:
    """Return why a folder is taken for images, or `None`."""
    if not path.is_dir():
        return None
    unsure = []
    for entry in files_below(path):
        suffix = suffix_of(entry.name)
        if suffix in suffixes():
            return f"a folder that holds images such as {shown(entry.name)}"
        if suffix not in _NO_IMAGES:
            unsure.append(Path(entry.path))
    for file in unsure[:_SNIFFED]:
        if accepts(file, "image"):
            return f"a folder that holds images such as {shown(file.name)}"
    return None


def scan(path: Path) -> Scan:
    """List the images of each class, and the splits that the folders declare.

    Raises:
        DataError: If there are no class folders.
    """
    path = path.absolute()
    splits, notes = _split_folders(path)
    listing = _Listing(path)
    for split, folder in splits:
        listing.add_classes(folder, split)
    names = sorted(listing.found, key=natural_key)
    if not any(listing.found.values()):
        raise DataError(
            f"{path} holds {'no images in its' if names else 'no'} class folders; put "
            "the images of each class into a folder of their own, like "
            f"{path.name}/cat/1.jpg."
        )
    filled = tuple(name for name in names if listing.found[name])
    if empty := [repr(name) for name in names if not listing.found[name]]:
        notes.append(f"Left out {', '.join(empty)}: no images in the class folder.")
    target_of = {name: target for target, name in enumerate(filled)}
    samples = tuple(
        Sample(name, target_of[label], split, location)
        for label in filled
        for name, split, location in listing.found[label]
    )
    return Scan("image", filled, samples, tuple(listing.skipped), tuple(notes))


class _Listing:
    """Collects what the class folders hold."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, list[tuple[str, str | None, str]]] = {}
        self.skipped: list[tuple[str, str]] = []

    def add_classes(self, folder: Path, split: str | None) -> None:
        for entry in entries(folder):
            if entry.is_dir():
                self._add_files(entry, split)
            else:
                self._skip(entry, "outside the class folders")

    def _add_files(self, folder: os.DirEntry[str], split: str | None) -> None:
        found = self.found.setdefault(shown(folder.name), [])
        for entry in files_below(folder.path):
            if not entry.is_file():
                missing = entry.is_symlink() and not Path(entry.path).exists()
                self._skip(entry, "a dead link" if missing else "not a regular file")
            elif suffix_of(entry.name) in _NO_IMAGES:
                self._skip(entry, "not an image")
            else:
                found.append((self._name(entry), split, entry.path))

    def _skip(self, entry: os.DirEntry[str], reason: str) -> None:
        self.skipped.append((self._name(entry), reason))

    def _name(self, entry: os.DirEntry[str]) -> str:
        return shown(relative(entry, self.root))


def _split_folders(path: Path) -> tuple[list[tuple[str | None, Path]], list[str]]:
    """Return the folders that hold class folders, each with its split.

    Classes may be called `train` or `test` themselves. So these names mean splits
    only where they hold folders, and where no other folder stands beside them or at
    least two of them, `train` among them, stand together.
    """
    inside = folders(path)
    declared = [
        (_SPLIT_OF[entry.name.lower()], Path(entry.path))
        for entry in inside
        if entry.name.lower() in _SPLIT_OF and folders(entry.path)
    ]
    names = {split for split, _ in declared}
    together = len(names) >= 2 and "train" in names
    if not declared or not (together or len(declared) == len(inside)):
        return [(None, path)], []
    kept = ", ".join(f"{shown(folder.name)}/" for _, folder in declared)
    notes = [f"Splits kept as given by the folders {kept}."]
    used = {folder.name for _, folder in declared}
    if beside := [repr(shown(e.name)) for e in inside if e.name not in used]:
        notes.append(f"Ignored {', '.join(beside)}: beside the split folders.")
    return sorted(declared, key=lambda pair: SPLITS.index(pair[0])), notes


def plan(scan: Scan, image_size: tuple[int, int] | None, *, thorough: bool) -> Plan:
    """Decide on size, channels and dtype from the headers of the images.

    Raises:
        DataError: If not one image has a readable header.
    """
    few = not thorough and len(scan.samples) > _PROBES
    step = max(1, len(scan.samples) // _PROBES) if few else 1
    headers, skipped = _headers(scan.samples[::step])
    agreed = few and len(set(headers)) == 1 and not skipped
    if few and not agreed:
        headers, skipped = _headers(scan.samples)
    if not headers:
        first = f"; the first, {skipped[0][0]}, is {skipped[0][1]}" if skipped else ""
        raise DataError(
            f"Not one of {counted(len(scan.samples), 'image file')} can be read"
            f"{first}; check that they are images."
        )
    layout, notes = _decide(headers, image_size)
    reader = ImageReader(layout, expected=headers[0] if agreed else None)
    sizes = tuple(header.size for header in headers)
    return Plan(layout, reader, tuple(notes), tuple(skipped), sizes)


def _headers(
    samples: Sequence[Sample],
) -> tuple[list[Header], list[tuple[str, str]]]:
    headers, skipped = [], []
    for sample in samples:
        try:
            headers.append(peek(sample.location))
        except DataError as error:
            skipped.append((sample.name, str(error)))
    return headers, skipped


def _decide(
    headers: Sequence[Header], image_size: tuple[int, int] | None
) -> tuple[Layout, list[str]]:
    size, why = _target_size([header.size for header in headers], image_size)
    grey = all(header.grey for header in headers)
    depths = [header.depth for header in headers]
    dtype = "uint8"
    for depth, name in (("16", "uint16"), ("float", "float32")):
        if 2 * depths.count(depth) > len(depths):
            dtype = name
    notes = [why]
    if grey:
        notes.append("One channel: every image is grey.")
    if dtype != "uint8":
        notes.append(f"Pixels are {dtype}: so are more than half of the images.")
    return Layout("image", (*size, 1 if grey else 3), dtype), notes


def _target_size(
    sizes: Sequence[tuple[int, int]], asked: tuple[int, int] | None
) -> tuple[tuple[int, int], str]:
    if asked is not None:
        return asked, f"Image size {asked[0]}x{asked[1]}, as asked for."
    height, width = shape_median(sizes)
    uniform = len(set(sizes)) == 1
    if uniform and max(height, width) <= _KEPT_SIDE:
        return (height, width), f"All images are {height}x{width} (height x width)."
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    cause = f"All images are {height}x{width}" if uniform else "Image sizes differ"
    return size, (
        f"{cause}; all are resized to {size[0]}x{size[1]} (height x width), the median "
        f"size with the longer side at most {_LONGEST_SIDE}."
    )


@dataclass(frozen=True)
class ImageReader:
    """Decodes image files into one layout.

    Attributes:
        layout: The form to reach.
        expected: Header that a few images agreed on and that stands for all.
    """

    layout: Layout
    expected: Header | None = None

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Decode the image of a sample; see `Reader.read`."""
        height, width, channels = self.layout.shape
        decoded = decode(
            sample.location,
            channels=channels,
            dtype=self.layout.dtype,
            size=(height, width) if fitted else None,
        )
        if self.expected is not None and decoded.header != self.expected:
            self._compare(decoded.header)
        return Reading(decoded.pixels, decoded.header.size, decoded.remarks)

    def _compare(self, header: Header) -> None:
        expected = self.expected or header
        recoloured = expected.grey and not header.grey
        if header.size != expected.size or header.depth != expected.depth or recoloured:
            raise PlanDeviation


def reader(layout: Layout) -> ImageReader:
    """Return a reader into a layout that is given."""
    return ImageReader(layout)


def accepts(path: Path, kind: str) -> bool:
    """Return whether a file is an image, by its suffix or else by its content."""
    suffix = suffix_of(path.name)
    if kind != "image" or suffix in _NO_IMAGES or not path.is_file():
        return False
    if suffix in suffixes():
        return True
    try:
        peek(path)
    except DataError:
        return False
    return True


def read_file(path: Path, layout: Layout) -> Reading:
    """Decode one image without resizing.

    Raises:
        DataError: If it cannot be read; the message is the reason.
    """
    return ImageReader(layout).read(Sample(path.name, 0, None, str(path)), fitted=False)
