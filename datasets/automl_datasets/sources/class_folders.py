"""Files in folders: each class a folder, perhaps below `train/ val/ test/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.media._base import Medium, name_of
from automl_datasets.naming import natural_key, plural, quoted
from automl_datasets.options import DataOptions
from automl_datasets.samples import SPLITS, Sample, Scan
from automl_datasets.sources._class_files import ClassFiles
from automl_datasets.sources._class_roots import ClassRoots, class_roots, common_medium
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
    refuse_what_only_tables_have,
)
from automl_datasets.sources._labelled_lists import (
    followed_note,
    labelled_list,
    left_out_note,
)
from automl_datasets.sources._listed_splits import listed_splits
from automl_datasets.sources._same_folders import (
    refuse_renditions,
    same_folders_notes,
)
from automl_datasets.sources._split_folders import refuse_like_splits
from automl_datasets.sources._split_lists import SplitLists
from automl_datasets.sources._unlikely_classes import (
    people_notes,
    refuse_parts,
    refuse_structure,
)

__all__ = [
    "FORM",
    "NAME",
    "PARALLEL",
    "accepts",
    "beside",
    "plan",
    "read_file",
    "reader",
    "recognise",
    "scan",
]

NAME = "class folders"
FORM = "a folder that holds a folder of files (images, sounds ...) for each class"


def recognise(path: Path) -> str | None:
    """Return why a folder is taken for class folders, or `None`.

    Tables come before class folders: `manifest` has looked for one.
    """
    if not path.is_dir():
        return None
    medium = common_medium(class_roots(path, "auto").top, "auto")
    return None if medium is None else f"a folder that holds {plural(medium.NOUN)}"


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files of each class, and the splits that folders or lists declare.

    Raises:
        DataError: If there are no class folders, they look like splits or parts, or
            something is asked for that folders do not tell.
    """
    path = path.absolute()
    refuse_what_only_tables_have(
        path, options, holders="Folders", classes="Class folders"
    )
    roots = class_roots(path, options.kind)
    medium = common_medium(roots.top, options.kind)
    if medium is None:
        kind = "file of a known kind" if options.kind == "auto" else options.kind
        raise DataError(f"{path} holds no {kind}; check the path, or the kind.")
    listing = ClassFiles(path, medium)
    for split, folder in roots.folders:
        listing.add_classes(folder, split)
    listing.leave_out_repeats()
    flat_notes = _add_flat(listing, roots)
    classes = _filled(listing, medium, path)
    _refuse_unlikely(classes, listing, roots, path)
    lists = _lists(listing, roots, classes, path)
    samples = tuple(_samples(listing, classes, lists, medium))
    skipped = listing.skipped
    if lists is not None:
        skipped = [(name, why) for name, why in skipped if not lists.concerns(name)]
    notes = (
        *roots.notes,
        *flat_notes,
        *(() if lists is None else lists.notes),
        *people_notes(classes),
        *_same_notes(classes, listing, roots),
        *_listing_notes(listing, medium, lists, {sample.split for sample in samples}),
    )
    return Scan(medium.KIND, classes, samples, tuple(skipped), notes)


def _add_flat(listing: ClassFiles, roots: ClassRoots) -> list[str]:
    """Add the splits whose labels a list tells; return what to say of them and others.

    The names of classes are those of the folders that the other splits have.
    """
    classes = [name for name, files in listing.found.items() if files]
    notes = []
    for split, folder in roots.flat:
        found = labelled_list(folder, classes)
        if found is None:
            notes.append(left_out_note(folder))
        else:
            listing.add_listed(folder, split, found.labels, found.file)
            notes.append(followed_note(found, folder))
    return notes


def _filled(listing: ClassFiles, medium: Medium, path: Path) -> tuple[str, ...]:
    """Return the class folders that hold samples.

    Raises:
        DataError: If none does.
    """
    filled = [name for name, files in listing.found.items() if files]
    if not filled:
        nouns = plural(medium.NOUN)
        raise DataError(
            f"{path} holds {f'no {nouns} in its' if listing.found else 'no'} class "
            f"folders; put the {nouns} of each class into a folder of their own, like "
            f"{path.name}/cat/."
        )
    return tuple(sorted(filled, key=natural_key))


def _refuse_unlikely(
    classes: Sequence[str], listing: ClassFiles, roots: ClassRoots, path: Path
) -> None:
    refuse_structure(classes, listing.found, path)
    refuse_parts(classes, [folder for _, folder in roots.folders], path)
    if not _declares_splits(roots):
        refuse_like_splits(classes, path)
        if listing.divided.keys() >= set(classes):
            refuse_renditions(classes, roots.top)


def _same_notes(
    classes: Sequence[str], listing: ClassFiles, roots: ClassRoots
) -> list[str]:
    """Return what to say of classes that may be divided into the real classes."""
    if _declares_splits(roots) or not listing.divided.keys() >= set(classes):
        return []
    return same_folders_notes(classes, roots.top)


def _lists(
    listing: ClassFiles, roots: ClassRoots, classes: Sequence[str], path: Path
) -> SplitLists | None:
    """Return the lists of splits; folders that declare splits come before them."""
    if _declares_splits(roots):
        return None
    names = [file.name for label in classes for file in listing.found[label]]
    return listed_splits(path, roots.top, names, frozenset(classes))


def _declares_splits(roots: ClassRoots) -> bool:
    return any(split is not None for split, _ in roots.folders)


def _samples(
    listing: ClassFiles,
    classes: Sequence[str],
    lists: SplitLists | None,
    medium: Medium,
) -> Iterator[Sample]:
    reads = name_of(medium)
    for target, label in enumerate(classes):
        for name, split, location in listing.found[label]:
            if lists is not None and lists.followed:
                split = lists.split_of(name)
                if split is None:
                    continue
            yield Sample(name, target, split, location, reads)


def _listing_notes(
    listing: ClassFiles,
    medium: Medium,
    lists: SplitLists | None,
    splits: set[str | None],
) -> Iterator[str]:
    """Yield what was left out, and what a split that is made here may tear apart."""
    nouns = plural(medium.NOUN)
    divided = [one for label, one in listing.divided.items() if label in listing.found]
    if divided and splits != set(SPLITS):
        yield (
            f"Class folders hold folders of several {nouns}, such as {divided[0]}/: "
            "where a split is made here, files of one of them may be on both sides of "
            "it; a table of paths with a column given as the group keeps them together."
        )
    yield from (f"Left out {name!r}: {why}." for name, why in listing.left_out.items())
    empty = sorted((n for n, f in listing.found.items() if not f), key=natural_key)
    if lists is not None:
        empty = [name for name in empty if not lists.concerns(name)]
    if empty:
        names = ", ".join(map(quoted, empty))
        yield f"Left out {names}: no {nouns} in the class folder."


def beside(path: Path) -> list[Path]:
    """Return nothing: all of the data is below the folder."""
    return []
