"""What the columns of a table are for: told from their names and the first rows."""

from __future__ import annotations

from collections.abc import Sequence

from automl_datasets.errors import DataError
from automl_datasets.media.registry import MEDIA
from automl_datasets.naming import listed, quoted
from automl_datasets.options import DataOptions
from automl_datasets.raw_labels import are_flags
from automl_datasets.sources._csv_form import CsvForm, Rows
from automl_datasets.sources._csv_long import NUMBERED_TARGET
from automl_datasets.sources._csv_roles import ROW_NAMES, Column, Roles, column_called
from automl_datasets.sources._csv_values import find_values
from automl_datasets.sources._groups import group_notes, like_groups
from automl_datasets.sources._pixel_cells import CELLS
from automl_datasets.sources._split_columns import split_column, split_notes
from automl_datasets.target_columns import (
    by_last_word,
    instead_of_codes,
    named_column,
    target_columns,
    usual_targets,
)
from automl_datasets.usual_names import GROUP_NAMES, SPLIT_NAMES

# Endings of two letters, such as .au, are those of web addresses as well.
_ENDINGS = tuple(e for medium in MEDIA for e in medium.SUFFIXES if len(e) > 3)


class UnknownFormError(DataError):
    """A table of no known form, though there may be files that it is about."""


def decide_roles(
    form: CsvForm, head: Rows, options: DataOptions, *, source: str
) -> Roles:
    """Decide what each column is for.

    Args:
        form: How the table is written.
        head: Its first rows.
        options: Kind, target and group that the user asks for.
        source: Where it comes from, for messages.

    Raises:
        DataError: If the table is of no known form, holds no label, or lacks a column
            that was asked for.
    """
    columns = [
        Column(name, tuple(row[place] for row in head), form.decimal)
        for place, name in enumerate(form.names)
    ]
    names = list(form.names)
    asked = []
    if options.target is not None:
        asked = target_columns(names, options, source=source)
    group = options.group and named_column(options.group, names, source=source)
    split = split_column({c.name: c.present for c in columns}, options.target)
    free = [c for c in columns if c.name not in {*asked, group, split}]
    found = _values(free, options, form=form, source=source)
    used = {name for channel in found.values for name in channel}
    used |= {found.series or "", found.time or ""}
    left = [c for c in free if c.name not in used]
    targets = asked
    why: list[str] = []
    if not asked:
        targets, why = _find_targets(columns, left, options, form=form, source=source)
    if overlap := [name for name in targets if name in used]:
        found = _without(found, overlap, source)
    notes = _notes(found, targets, columns, {*used, split, group}, options)
    return found._replace(
        targets=tuple(targets),
        split=split,
        group=group or None,
        notes=(*notes, *why),
    )


def _values(
    free: Sequence[Column], options: DataOptions, *, form: CsvForm, source: str
) -> Roles:
    """Return the form of the table and its columns of values.

    Raises:
        DataError: If it is of no known form, or names files or other things instead.
    """
    found = find_values(free, options, headed=form.header)
    if found is None:
        if absent := _missing(free, source):
            raise DataError(absent)
        raise UnknownFormError(
            _numbers_in_cells(free, source) or _unknown(form.names, options, source)
        )
    texts = [c for c in free if found.form == "text" and c.name in found.values[0]]
    if options.kind != "text":
        _refuse_names(texts, source)
    return found


def _find_targets(
    columns: Sequence[Column],
    left: Sequence[Column],
    options: DataOptions,
    *,
    form: CsvForm,
    source: str,
) -> tuple[list[str], list[str]]:
    """Return the columns of the labels where the user names none, and why those.

    Raises:
        DataError: If it is not clear which they are.
    """
    guessed = _guess_targets(columns, left, headed=form.header)
    cells = {column.name: column.cells for column in left}
    targets, why = instead_of_codes(guessed, cells, options)
    if not targets:
        raise DataError(
            f"It is not clear which column of {source} holds the label; name one of "
            f"{listed(form.names)} as the target."
        )
    return targets, why


def _guess_targets(
    columns: Sequence[Column], left: Sequence[Column], *, headed: bool
) -> list[str]:
    for name in usual_targets([column.key for column in columns]):
        if (column := column_called(left, name)) is not None:
            return [column.name]
    numbered = [c.name for c in left if NUMBERED_TARGET.fullmatch(c.key)]
    if len(numbered) > 1:
        return numbered
    reserved = {*ROW_NAMES, *GROUP_NAMES, *SPLIT_NAMES, "id"}
    candidates = [c for c in left if c.key not in reserved and c.present]
    together = like_groups({c.name: c.cells for c in candidates})
    candidates = [c for c in candidates if c.name not in together] or candidates
    if len(candidates) <= 1:
        return [column.name for column in candidates]
    flags = [c for c in candidates if are_flags(c.present)]
    plain = len(flags) > 1 and are_flags(*(c.present for c in flags))
    # True and False are what many columns tell beside a label.
    if plain and (flags == candidates or all(c.numeric for c in flags)):
        return [column.name for column in flags]
    recurring = [c for c in candidates if 2 * c.distinct <= len(c.present)]
    if headed and len(recurring) > 1:  # any of them may be meant
        word = by_last_word([column.name for column in recurring])
        return [] if word is None else [word]
    ends = {columns[0].name, columns[-1].name}
    outer = [c.name for c in recurring if c.name in ends or len(recurring) == 1]
    return outer[-1:]


def _without(found: Roles, targets: Sequence[str], source: str) -> Roles:
    values = tuple(
        tuple(name for name in channel if name not in targets)
        for channel in found.values
    )
    if not any(values):
        raise DataError(
            f"The column {targets[0]!r} of {source} cannot be both target and input."
        )
    return found._replace(values=tuple(channel for channel in values if channel))


def _missing(columns: Sequence[Column], source: str) -> str:
    """Return what to say of a table that lists files, none of which is there."""
    for column in columns:
        if column.present and all(map(_is_file_name, column.present)):
            return (
                f"The column {column.name!r} of {source} lists files such as "
                f"{column.present[0]!r}, but they are not there; paths count from the "
                "folder of the table, and the kind text takes them as texts."
            )
    return ""


def _refuse_names(texts: Sequence[Column], source: str) -> None:
    """Refuse texts that are names of files, or of whatever has an id.

    Raises:
        DataError: If they are.
    """
    if absent := _missing(texts, source):
        raise DataError(absent)
    for column in texts:
        if column.is_id:
            raise UnknownFormError(
                f"The column {column.name!r} of {source} holds an id of its own in "
                f"each row, such as {column.present[0]!r}, rather than texts; give a "
                "table of the paths of the files that are meant, or choose the kind "
                "text."
            )


def _is_file_name(cell: str) -> bool:
    """Return whether a cell names a file that some medium reads; no web address."""
    web = "://" in cell or cell.lower().startswith("www.")
    return not web and cell.lower().endswith(_ENDINGS)


def _numbers_in_cells(columns: Sequence[Column], source: str) -> str | None:
    """Return what to say of a table whose cells hold several numbers each."""
    name = next((column.name for column in columns if column.lists), None)
    if name is None:
        return None
    return (
        f"Each cell of the column {name!r} of {source} holds several numbers, which "
        "are neither a sentence nor a square image of whole numbers of 0 to 255; give "
        "each number a column of its own, or choose the kind text."
    )


def _unknown(names: Sequence[str], options: DataOptions, source: str) -> str:
    named = listed(names)
    if options.kind == "text":
        return f"{source} has no column of text among {named}; check the kind."
    return (
        f"The columns {named} of {source} are neither sentences, nor paths of files "
        "that exist, nor the steps of series (8 or more whose names count up), nor id, "
        "time and values; name the kind, text or series, to say which."
    )


def _notes(
    found: Roles,
    targets: Sequence[str],
    columns: Sequence[Column],
    used: set[str | None],
    options: DataOptions,
) -> tuple[str, ...]:
    labels = ", ".join(map(quoted, targets))
    first = found.values[0]
    steps = f"{len(first)} columns, {first[0]!r} to {first[-1]!r}"
    if len(found.values) > 1:
        steps = f"{len(found.values)} channels of {len(first)} columns each"
    channels = listed([channel[0] for channel in found.values])
    order = f"ordered by {found.time!r}" if found.time else "in the order of the rows"
    told = {
        "text": f"Texts are in the column {first[0]!r}",
        CELLS: f"Each cell of the column {first[0]!r} is an image",
        "wide": f"Each row is a series of {steps}",
        "long": f"Each row is a step of the series that {found.series!r} tells, "
        f"{order}, with the values of {channels}",
    }[found.form]
    notes = [f"{told}; the label is in {labels}."]
    left = [c.name for c in columns if c.name not in {*used, *targets}]
    if left:
        notes.append(f"Columns not used: {listed(left)}.")
    unused = {c.name: c.cells for c in columns if c.name in left}
    if found.split is None:
        notes += split_notes(unused)
    if options.group is None:
        notes += group_notes(unused)
    return tuple(notes)
