"""Series in WEKA's `.arff` files: a column a step, or relational dimensions."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.samples import Array
from automl_datasets.series import numbers, side_by_side, without_padding
from automl_datasets.sources._series_lines import (
    Line,
    LineSource,
    Listed,
    lines_of,
)
from automl_datasets.target_columns import target_columns
from automl_datasets.usual_names import TARGET_NAMES
from automl_datasets.vocabulary import decoded

_FEWEST_STEPS = 8
_NUMERIC = ("numeric", "real", "integer")
_KINDS = ("numeric", "relational", "string")
_FEWEST_NUMBERED = 0.5  # share of the names of steps that end in a number
_ATTRIBUTE = re.compile(
    r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.*)""", re.IGNORECASE
)


@dataclass(frozen=True)
class _Attribute:
    name: str
    kind: str  # `numeric`, `nominal`, `relational`, `string` or `other`
    values: tuple[str, ...] = ()


def parse(line: bytes, member: str) -> Array:
    r"""Return the series of a line.

    Args:
        line: Values and the class between commas; or dimensions, divided by a written
            `\n`, inside quotes.
        member: JSON: `columns`, the places of the values, and whether `relational`.

    Returns:
        Shape `(length, channels)`; missing values at the end are padding, left out.

    Raises:
        DataError: If a value is no number.

    Example:
        >>> parse(b"1,2,?,up", '{"columns": [0, 1, 2], "relational": false}').tolist()
        [[1.0], [2.0]]
        >>> member = '{"columns": [0], "relational": true}'
        >>> parse(rb"'1,2\n3,4',up", member).tolist()
        [[1.0, 3.0], [2.0, 4.0]]
    """
    form = json.loads(member)
    fields = _fields(line)
    try:
        chosen = [fields[place] for place in form["columns"]]
    except IndexError:
        raise DataError(f"has only {counted(len(fields), 'column')}") from None
    parts = [chosen]
    if form["relational"]:
        parts = [part.split(",") for text in chosen for part in text.split("\\n")]
    if not parts:
        raise DataError("has no channel")
    channels = [numbers([value.encode() for value in part]) for part in parts]
    return without_padding(side_by_side(channels))


def _fields(line: bytes) -> list[str]:
    text = decoded(line)[0]
    if "'" not in text and '"' not in text:
        return text.split(",")
    quote = min((q for q in "'\"" if q in text), key=text.index)
    fields, start = [], 0
    while start <= len(text):
        field, start = _field(text, start, quote)
        fields.append(field)
    return fields


def _field(text: str, start: int, quote: str) -> tuple[str, int]:
    """Return the field that starts at a place, and where the next one starts.

    Python's own parser of CSV takes no field over 131,072 characters, which a series
    in quotes may well have.
    """
    opening = start
    while text.startswith(" ", opening):
        opening += 1
    quoted = text.startswith(quote, opening)
    closing = text.find(quote, opening + 1) if quoted else -1
    comma = text.find(",", max(start, closing))
    end = comma if comma >= 0 else len(text)
    if closing < 0:
        return text[start:end], end + 1
    return text[opening + 1 : closing] + text[closing + 1 : end], end + 1


def _attributes(path: Path) -> list[_Attribute]:
    """Return what the header declares; what is inside a relation is left out."""
    found: list[_Attribute] = []
    inside = False
    for _, line in lines_of(path):
        text = decoded(line)[0].strip()
        lowered = text.lower()
        if lowered.startswith("@data"):
            break
        if lowered.startswith("@end"):
            inside = False
        elif not inside and (match := _ATTRIBUTE.match(text)):
            found.append(_attribute(_bare(match[1]), match[2].strip()))
            inside = found[-1].kind == "relational"
    return found


def _attribute(name: str, declared: str) -> _Attribute:
    if declared.startswith("{"):
        inner = declared[1:].rpartition("}")[0]
        return _Attribute(name, "nominal", tuple(map(_bare, _fields(inner.encode()))))
    word = declared.split()[0].lower() if declared else ""
    kind = "numeric" if word in _NUMERIC else word
    return _Attribute(name, kind if kind in _KINDS else "other")


def _bare(text: str) -> str:
    return text.strip().strip("'\"").strip()


def _listed(path: Path, options: DataOptions) -> Listed:
    attributes = _attributes(path)
    target = _target(path, attributes, options)
    relational = any(a.kind == "relational" for a in attributes)
    wanted = "relational" if relational else "numeric"
    columns = [
        place
        for place, attribute in enumerate(attributes)
        if place != target and attribute.kind == wanted
    ]
    member = json.dumps({"columns": columns, "relational": relational})
    lines = _data_lines(path, target, len(attributes))
    chosen = attributes[target]
    nominal = chosen.kind == "nominal"
    steps = [] if relational else [attributes[place].name for place in columns]
    left = len(attributes) - len(columns) - 1
    notes = [f"{counted(left, 'other attribute')} not used."] if left else []
    notes += _measures_notes(steps)
    return Listed(
        lines,
        member,
        task="classification" if nominal else "auto",
        order=chosen.values or None,
        target=chosen.name,
        notes=tuple(notes),
    )


def _measures_notes(names: Sequence[str]) -> list[str]:
    """Return what to say of attributes that may be no steps: few have a number."""
    numbered = sum(map(str.isdigit, (name[-1:] for name in names)))
    if numbered >= _FEWEST_NUMBERED * len(names):
        return []
    return [
        f"The {counted(len(names), 'attribute')} {names[0]!r} to {names[-1]!r} are "
        "taken for the steps of a series, in their order; a convolutional network "
        "gains nothing where they are measures without one."
    ]


def _target(path: Path, attributes: list[_Attribute], options: DataOptions) -> int:
    names = [attribute.name for attribute in attributes]
    if not names:
        raise DataError(f"{path} declares no attributes; give an .arff file of series.")
    if options.target is not None:
        return names.index(target_columns(names, options, source=str(path))[0])
    lowered = [name.lower() for name in names]
    for usual in TARGET_NAMES:
        if usual in lowered:
            return lowered.index(usual)
    return len(names) - 1


def _data_lines(path: Path, target: int, width: int) -> list[Line]:
    lines = []
    in_data = False
    for place, line in lines_of(path):
        if in_data and not line.startswith(b"%"):
            if line.lstrip().startswith(b"{"):
                raise DataError(
                    f"{path} is a sparse .arff file, which is not read; save it in "
                    "full."
                )
            fields = _fields(line)
            lines.append(
                Line(place, _bare(fields[target]) if len(fields) == width else "")
            )
        in_data = in_data or line.strip().lower().startswith(b"@data")
    return lines


def _recognise_file(path: Path) -> str | None:
    declared = _declares_series([attribute.kind for attribute in _attributes(path)])
    return "a file named .arff that declares series" if declared else None


def _declares_series(kinds: Sequence[str]) -> bool:
    return "relational" in kinds or kinds.count("numeric") >= _FEWEST_STEPS


def why_no_series(path: Path) -> str | None:
    """Return the sentence to refuse a file with that declares no series.

    It is `None` for one that does.
    """
    kinds = [attribute.kind for attribute in _attributes(path)]
    if _declares_series(kinds):
        return None
    if "string" in kinds:
        return (
            f"{path} declares texts, which are not read from .arff files; save it as a "
            "CSV table with a column of texts and one of labels."
        )
    found = counted(kinds.count("numeric"), "numeric attribute")
    return (
        f"{path} declares {found}, but a series has {_FEWEST_STEPS} steps or more; "
        "give an .arff file of series."
    )


SOURCE = LineSource(
    NAME="arff file",
    FORM="an .arff file of series",
    SUFFIXES=frozenset({".arff"}),
    recognise_file=_recognise_file,
    listing=_listed,
    parse=parse,
)
