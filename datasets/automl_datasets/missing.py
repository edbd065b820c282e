"""What stands in a cell, or between commas, for a number or a label that is missing."""

from __future__ import annotations

_MISSING = frozenset({"", "?", "na", "nan", "n/a", "null"})

SPELLINGS = tuple(
    sorted(
        {spelt for word in _MISSING for spelt in (word, word.upper(), word.title())}
        | {"NaN"}
    )
)  # the usual ones, for readers that tell upper case from lower


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for a missing number or label.

    Example:
        >>> is_missing(" N/A"), is_missing("Null"), is_missing("none")
        (True, True, False)
    """
    return cell.strip().casefold() in _MISSING
