"""Texts that are safe and short enough for one line of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from automl_reports.figures import count, is_number, score
from automl_reports.rows import TrialRow

BLOCKS = "▁▂▃▄▅▆▇█"


def one_line(text: str) -> str:
    r"""Return `text` without line ends and control codes; spaces stay as they are.

    Example:
        >>> one_line("a\nb  c \x1b[31mred\x07")
        'a b  c ?[31mred?'
    """
    flat = (" " if sign.isspace() else sign for sign in text)
    return "".join(sign if sign.isprintable() else "?" for sign in flat)


def sparkline(values: Sequence[float], width: int = 16) -> str:
    """Return the last `width` values as a row of blocks.

    Example:
        >>> sparkline([0.1, 0.5, 0.9]), sparkline([1.0, 1.0]), sparkline([])
        ('▁▅█', '▅▅', '')
    """
    shown = values[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if high == low:
        return BLOCKS[4] * len(shown)
    return "".join(
        BLOCKS[round((value - low) / (high - low) * 7 + 0.01)] for value in shown
    )


def size(row: TrialRow) -> str:
    """Return the size of a model, for example `20.4 k params`."""
    return one_line(f"{count(row.params)} params")


def outcome(row: TrialRow) -> str:
    """Return how a trial ended, on one line.

    Example:
        >>> outcome(TrialRow("0007", "failed", "plain gap", "random", "out of memory"))
        '#0007 failed: out of memory'
    """
    text = f"#{row.trial} {row.status}"
    if row.status == "completed" or (row.status == "stopped" and not row.reason):
        parts = [f"val {score(row.val_score)}", f"{row.epochs} epochs"]
        if is_number(row.params):
            parts.append(size(row))
        parts.append(row.architecture)
        return one_line(f"{text}: {', '.join(parts)}")
    if row.status == "stopped":
        return one_line(f"{text}: val {score(row.val_score)}, {row.reason}")
    return one_line(f"{text}: {row.reason}" if row.reason else text)
