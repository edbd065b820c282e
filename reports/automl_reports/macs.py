"""Multiply-accumulates for people: a lower bound where some layers are not counted."""

from __future__ import annotations

from collections.abc import Iterable

from automl_reports.figures import DASH, GAP, count, shorten
from automl_reports.rows import TrialRow

AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"
_MOST_NAMES = 5
_LETTERS = 40  # of a name


def macs_words(row: TrialRow) -> str:
    """Return the multiply-accumulates of one sample, `≥` before a lower bound.

    Where no layer is counted there is nothing to tell, and not 0.

    Example:
        >>> row = TrialRow("0", "completed", "", "", macs=832, unknown_layers=("a",))
        >>> macs_words(row).replace(GAP, " ")
        '≥ 832'
    """
    if not row.unknown_layers:
        return count(row.macs)
    return f"{AT_LEAST}{GAP}{count(row.macs)}" if row.macs else DASH


def unknown_words(rows: Iterable[TrialRow]) -> str:
    """Return which layers nobody can count; nothing where all are counted.

    Example:
        >>> unknown_words([TrialRow("0", "completed", "", "", unknown_layers=("a",))])
        'Layers whose MACs are not known, and are left out: a.'
    """
    names = list(dict.fromkeys(name for row in rows for name in row.unknown_layers))
    if not names:
        return ""
    told = ", ".join(shorten(name, _LETTERS) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else ""
    return f"Layers whose MACs are not known, and are left out: {told}{more}."
