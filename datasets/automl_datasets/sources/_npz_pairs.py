"""Which arrays of `.npz` archives hold the samples and labels of which split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.array_files import ArrayHeader
from automl_datasets.errors import DataError
from automl_datasets.naming import few, quoted, shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import SPLITS
from automl_datasets.sources._npz_arrays import headers
from automl_datasets.sources._split_files import split_files
from automl_datasets.sources._split_words import divided, split_word
from automl_datasets.target_columns import named_column
from automl_datasets.usual_names import GROUP_NAMES

CLASSES = "classes"  # the array of their names
# How arrays of samples are called, and those of their labels; in lower case.
_FORMS = (("x_{}", "y_{}"), ("{}_images", "{}_labels"))
_NAMED = 8  # arrays that a note lists


class Pair(NamedTuple):
    """The samples of one split and their labels.

    Attributes:
        path: The archive.
        found: What it holds.
        declared: Split in the names of the arrays, if it is there.
        inputs: The array of samples.
        labels: The array of labels.
        split: Split of the samples; that of the file where arrays declare none.
    """

    path: Path
    found: Mapping[str, ArrayHeader]
    declared: str | None
    inputs: str
    labels: str
    split: str | None

    def partner(self, asked: str) -> str:
        """Return the array of that name for this split: `scan_test` for `scan_train`.

        Raises:
            DataError: If there is none; the message names the arrays there are.
        """
        return _partner(asked, self.declared, list(self.found), self.path)


def pairs_of(path: Path, options: DataOptions) -> tuple[list[Pair], list[str]]:
    """Return the splits of a data set of which an archive is known, and notes.

    They are in the archive itself, or `NAME_TRAIN.npz` and `NAME_TEST.npz` hold one
    each.

    Raises:
        DataError: If arrays are missing, or cannot be samples or labels.
    """
    pairs, notes = _pairs_of(path, options)
    return pairs, [*notes, *_unused(pairs, options)]


def _pairs_of(path: Path, options: DataOptions) -> tuple[list[Pair], list[str]]:
    own = _pairs_in(path, None, options)
    if any(pair.declared for pair in own):
        return own, []
    needed = {own[0].inputs, own[0].labels}
    files, notes = split_files(path)
    used = [(split, file) for split, file in files if needed <= headers(file).keys()]
    if len(used) < len(files):
        left = ", ".join(shown(f.name) for split, f in files if (split, f) not in used)
        notes = (f"Not used: {left}, since `{own[0].labels}` is not in it.",)
    if len(used) < 2:
        return own, list(notes)
    pairs = [pair for split, file in used for pair in _pairs_in(file, split, options)]
    return pairs, list(notes)


def _unused(pairs: Sequence[Pair], options: DataOptions) -> list[str]:
    """Return what to say of arrays that are neither samples, labels nor groups."""
    used = {name for pair in pairs for name in (pair.inputs, pair.labels)}
    # Where none is asked for, arrays of groups are told of on their own.
    groups = GROUP_NAMES if options.group is None else (stem(options.group),)
    there = dict.fromkeys(name for pair in pairs for name in pair.found)
    left = [
        shown(name)
        for name in there
        if name not in used and stem(name) not in (CLASSES, *groups)
    ]
    if not left:
        return []
    return [f"Arrays not used: {few([*map(quoted, left)], _NAMED)}."]


def _members(names: Iterable[str]) -> list[tuple[str | None, str, str]]:
    """Return the split of each array of samples, its name, and that of its labels.

    Example:
        >>> _members(["x_dev", "y_dev", "training_images", "x_new"])
        [('val', 'x_dev', 'y_dev'), ('train', 'training_images', 'training_labels')]
    """
    found: list[tuple[str | None, str, str]] = []
    for inputs, labels in _FORMS:
        called = re.compile(inputs.format("(.+)"))
        matches = [match for name in sorted(names) if (match := called.fullmatch(name))]
        told = [(split_word(match[1]), match) for match in matches]
        found += [
            (split, match[0], labels.format(match[1]))
            for split in SPLITS
            for its_split, match in told
            if its_split == split
        ]
    return [*found, *((None, name, "y") for name in names if name == "x")]


def _pairs_in(path: Path, split: str | None, options: DataOptions) -> list[Pair]:
    """Return the splits in an archive.

    Args:
        path: The archive.
        split: That which its own name declares, if any.
        options: Names the labels, perhaps.
    """
    found = headers(path)
    by_name = {name.lower(): name for name in found}
    pairs = []
    for declared, inputs, usual in _members(by_name):
        labels = usual
        if options.target is not None:
            labels = _partner(options.target, declared, list(found), path).lower()
        if labels not in by_name:
            raise DataError(
                f"{path} holds `{by_name[inputs]}` without labels; add `{labels}`."
            )
        names = by_name[inputs], by_name[labels]
        pairs.append(Pair(path, found, declared, *names, declared or split))
    if any(pair.declared for pair in pairs):
        pairs = [pair for pair in pairs if pair.declared]
    if not pairs:
        listed = ", ".join(shown(name) for name in found) or "nothing"
        raise DataError(
            f"{path} holds {listed}, but x_train, y_train, x_test, y_test (or x, y) "
            "are needed; rename the arrays."
        )
    for pair in pairs:
        _check(pair)
    return pairs


def _check(pair: Pair) -> None:
    for member in (pair.inputs, pair.labels):
        if pair.found[member].dtype.hasobject:
            raise DataError(
                f"`{member}` in {pair.path} holds Python objects, which may run code "
                "when loaded; save plain numbers or text instead."
            )
    inputs, labels = pair.found[pair.inputs], pair.found[pair.labels]
    if inputs.dtype.kind not in "biuf":
        raise DataError(
            f"`{pair.inputs}` in {pair.path} is of type {inputs.dtype}, but numbers "
            "are needed."
        )
    if inputs.shape[:1] != labels.shape[:1] or not labels.shape:
        raise DataError(
            f"`{pair.inputs}` and `{pair.labels}` in {pair.path} must be equally long, "
            f"but have shapes {inputs.shape} and {labels.shape}."
        )


def stem(name: str) -> str:
    """Return the name of an array without its split: `scan` of `scan_train`."""
    return "_".join(divided(name.lower().split("_")).others)


def _partner(asked: str, split: str | None, found: Sequence[str], path: Path) -> str:
    plain = stem(asked)
    if split is not None:
        alike = [name for name in found if stem(name) == plain]
        own = [name for name in alike if _splits_of(name) == [split]]
        wanted = own[0] if own else f"{plain}_{split}"
        return named_column(wanted, found, source=str(path), what="array")
    by_name = {name.lower(): name for name in found}
    wanted = by_name.get(asked.lower()) or by_name.get(plain) or asked
    return named_column(wanted, found, source=str(path), what="array")


def _splits_of(name: str) -> list[str]:
    return divided(name.lower().split("_")).splits
