"""IDX files, as MNIST is given: images in one file, their labels in another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_folder, is_regular
from automl_datasets.naming import quoted, shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import (
    SPLITS,
    Layout,
    Plan,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.shapes import form_of
from automl_datasets.sources._idx_file import (
    IdxFile,
    read_idx_header,
    read_idx_labels,
)
from automl_datasets.sources._many_samples import LastOpened
from automl_datasets.sources._many_samples import accepts as accepts
from automl_datasets.sources._many_samples import read_file as read_file
from automl_datasets.sources._pixels import pixel_layout, pixel_reading
from automl_datasets.sources._split_words import MEANT, split_word
from automl_datasets.targets import decide

NAME = "idx files"
FORM = "IDX files, as of MNIST"
PARALLEL = False

_TEST_OF_MNIST = "t10k"
_NAMED = re.compile(
    rf"(.*?)[-_.]?({MEANT}|{_TEST_OF_MNIST})[-_.](images|labels)"
    r"[-_.]idx\d[-_.]ubyte(\.gz)?",
    re.IGNORECASE | re.DOTALL,
)
_DEEPEST = 3  # folders of one folder each that are gone through


class _Named(NamedTuple):
    """What the name of an IDX file says."""

    path: Path
    data: str
    split: str
    holds: str


class _Pair(NamedTuple):
    """The files of one split."""

    split: str | None
    images: IdxFile
    labels: Path


def recognise(path: Path) -> str | None:
    """Return why a path is taken for IDX files, or `None`."""
    named = next(_named_in(_innermost(path)), None) if path.is_dir() else _named(path)
    if named is None or not named.path.is_file():
        return None
    return f"{'a folder that holds ' * path.is_dir()}IDX files of {named.holds}"


def _named(path: Path) -> _Named | None:
    match = _NAMED.fullmatch(path.name)
    if match is None:
        return None
    split = split_word(match[2]) or "test"
    return _Named(path, match[1].lower(), split, match[3].lower())


def _named_in(folder: Path) -> Iterator[_Named]:
    called = (entry for entry in entries(folder) if _NAMED.fullmatch(entry.name))
    found = (_named(Path(entry.path)) for entry in called if is_regular(entry))
    yield from filter(None, found)


def _innermost(folder: Path) -> Path:
    """Return a folder, or that in it where it holds nothing else, as `MNIST/raw`."""
    for _ in range(_DEEPEST):
        inside = entries(folder)
        if len(inside) != 1 or not is_folder(inside[0]):
            break
        folder = Path(inside[0].path)
    return folder


def scan(path: Path, options: DataOptions) -> Scan:
    """List the images of all splits, and read their labels.

    Raises:
        DataError: If a file lacks its other one, is broken, or claims more than it
            holds; or something is asked for that such files do not have.
    """
    path = path.absolute()
    _check_options(path, options)
    pairs = _pairs(path)
    samples: list[Sample] = []
    labels: list[int] = []
    for pair in pairs:
        labels += _labels_of(pair)  # first: no more images than there are labels
        samples += _samples(pair)
    if not samples:
        raise DataError(f"{path} holds no samples; add some.")
    if options.task == "auto":  # the labels of such files are classes, however many
        options = replace(options, task="classification")
    targets = decide({"label": labels}, options, source=str(path))
    notes = targets.notes
    if any(pair.split for pair in pairs):
        files = ", ".join(shown(pair.images.path.name) for pair in pairs)
        notes = (f"Splits kept as given by {files}.", *notes)
    return Scan(
        "image",
        targets.classes,
        with_targets(samples, targets.values),
        notes=notes,
        task=targets.task,
        targets=targets.names,
    )


def _check_options(path: Path, options: DataOptions) -> None:
    for name, value in {"group": options.group, "target": options.target}.items():
        if value is not None:
            raise DataError(
                f"IDX files have no columns, but the {name} {value!r} is asked for "
                f"{path}; leave it out."
            )
    if options.kind not in ("auto", "image"):
        raise DataError(
            f"{path} holds IDX files, which are read as images, but the kind "
            f"{options.kind!r} is asked for; leave it out."
        )


def _samples(pair: _Pair) -> Iterator[Sample]:
    images = pair.images
    name = shown(images.path.name)
    for place in range(images.shape[0]):
        yield Sample(f"{name}[{place}]", 0, pair.split, str(images.path), place=place)


def _labels_of(pair: _Pair) -> list[int]:
    images, labels = pair.images.shape, _header(pair.labels).shape
    if labels != images[:1]:
        raise DataError(
            f"{pair.images.path} and {pair.labels} must be equally long, but hold "
            f"arrays of shape {images} and {labels}; check that they belong together."
        )
    try:
        return [int(label) for label in read_idx_labels(pair.labels)]
    except DataError as error:
        raise _unreadable(pair.labels, error) from error


def _unreadable(path: Path, error: DataError) -> DataError:
    return DataError(f"{path} is not a readable IDX file: {error}; fetch it again.")


def _pairs(path: Path) -> list[_Pair]:
    """Return the splits of the data set that a path is, or is part of.

    Raises:
        DataError: If there are several data sets, or a file lacks its other one.
    """
    files = _files(path)
    splits = [split for split in SPLITS if split in {split for split, _ in files}]
    pairs = []
    for split in splits:
        for holds, other in (("images", "labels"), ("labels", "images")):
            if (split, holds) not in files:
                there = files[split, other]
                axes = "idx3" if holds == "images" else "idx1"
                lacking = re.sub(other, holds, shown(there.name), flags=re.IGNORECASE)
                lacking = re.sub(r"idx\d", axes, lacking, flags=re.IGNORECASE)
                raise DataError(f"{there} lacks its {holds}; put {lacking} beside it.")
        images = _images(files[split, "images"])
        declared = split if len(splits) > 1 else None
        pairs.append(_Pair(declared, images, files[split, "labels"]))
    return pairs


def _images(path: Path) -> IdxFile:
    images = _header(path)
    form_of(images.shape, source=str(path), kind="image")  # refuses axes of length 0
    try:
        images.check()
    except DataError as error:
        raise _unreadable(path, error) from error
    return images


def _files(path: Path) -> dict[tuple[str, str], Path]:
    """Return the files of a data set by split and by what they hold.

    One that is there both compressed and not is taken as it is not: it is read faster.
    """
    one = None if path.is_dir() else _named(path)
    found = list(_named_in(_innermost(path) if one is None else path.parent))
    names = {named.data for named in found} if one is None else {one.data}
    if len(names) > 1:
        listed = ", ".join(map(quoted, sorted(names)))
        raise DataError(
            f"{path} holds {len(names)} data sets of IDX files ({listed}); give the "
            "path of one's images for training."
        )
    chosen = [named for named in found if named.data in names]
    chosen.sort(key=lambda named: named.path.suffix.lower() != ".gz")  # the last stays
    return {(named.split, named.holds): named.path for named in chosen}


def beside(path: Path) -> list[Path]:
    """Return the files of labels and of the other splits; see `Source.beside`."""
    if path.is_dir():
        return []
    return [file for file in _files(path.absolute()).values() if file != path]


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on the shape from the headers of the files.

    Raises:
        DataError: If files differ in the shape of their images.
    """
    paths = [Path(p) for p in dict.fromkeys(s.location for s in scan.samples)]
    forms = [form_of(_header(p).shape, source=str(p), kind="image") for p in paths]
    shapes = {form.shape for form in forms}
    layout = pixel_layout(shapes, options, source=paths[0])
    sizes = tuple(shape[:-1] for shape in shapes)
    return Plan(layout, IdxReader(layout), (forms[0].why,), sizes=sizes)


def _header(path: Path) -> IdxFile:
    try:
        return read_idx_header(path)
    except DataError as error:
        raise _unreadable(path, error) from error


def reader(layout: Layout) -> IdxReader:
    """Return a reader into a layout that is given."""
    return IdxReader(layout)


@dataclass(frozen=True)
class IdxReader:
    """Reads images out of IDX files.

    Attributes:
        layout: The form to reach.
        last: The file in use.
    """

    layout: Layout
    last: LastOpened[IdxFile] = field(default_factory=LastOpened)

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read the image of a sample; see `Reader.read`."""
        path = Path(sample.location)
        images = self.last.get(path, lambda: read_idx_header(path))
        if sample.place >= images.shape[0]:
            raise DataError("is no longer in the file")
        image = images.row(sample.place)
        if image.ndim == 2:
            image = image[:, :, None]
        return pixel_reading(image, self.layout, fitted=fitted)
