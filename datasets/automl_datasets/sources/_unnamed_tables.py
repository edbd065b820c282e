"""Tables in files without an ending: fields between tabs, as `SMSSpamCollection`."""

from __future__ import annotations

from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_regular
from automl_datasets.media import text
from automl_datasets.sources._csv_form import read_form

_MOST_BESIDE = 8  # files of a folder that are looked into: more are samples


def is_unnamed_table(path: Path) -> bool:
    """Return whether a file without an ending reads as a table with tabs."""
    if not text.has_columns(text.unnamed_head(path)):
        return False
    try:
        return read_form(path)[0].delimiter == "\t"
    except DataError:
        return False


def unnamed_table_in(folder: Path) -> Path | None:
    """Return the only such table of a folder of few files and no folders."""
    inside = entries(folder)
    if len(inside) > _MOST_BESIDE or not all(map(is_regular, inside)):
        return None
    found = [path for entry in inside if is_unnamed_table(path := Path(entry.path))]
    return found[0] if len(found) == 1 else None
