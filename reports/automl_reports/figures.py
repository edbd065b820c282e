"""How numbers are written for people: 3 significant digits, a dash for nothing."""

from __future__ import annotations

import math
from typing import TypeGuard

DASH = "\N{EN DASH}"
GAP = "\N{NO-BREAK SPACE}"
_METRIC_NAMES = {
    "auc": "AUC",
    "f1": "macro F1",
    "mae": "MAE",
    "r2": "R\N{SUPERSCRIPT TWO}",
    "rmse": "RMSE",
}
_LABELS_NAMES = {"accuracy": "subset accuracy", "auc": "macro AUC"}


def is_number(value: object) -> TypeGuard[float]:
    """Return whether `value` is a finite number, booleans excluded.

    Example:
        >>> [is_number(value) for value in (0, 1.5, float("nan"), None, True, "1")]
        [True, True, False, False, False, False]
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def figure(value: float | None) -> str:
    """Return `value` at 3 significant digits.

    Example:
        >>> figure(0.94), figure(23.456), figure(12345.0), figure(1.5e-7), figure(0)
        ('0.940', '23.5', '12300', '1.5e-07', '0')
        >>> figure(None) == figure(float("nan")) == DASH
        True
    """
    if not is_number(value):
        return DASH
    size = abs(value)
    if value == int(value) and size < 1000:
        return str(int(value))
    if size < 1e-4:
        return f"{value:.3g}"
    if size < 999.5:
        return f"{value:#.3g}".rstrip(".")
    return f"{float(f'{value:.2e}'):.0f}" if size < 1e6 else f"{value:.3g}"


def score(value: float | None) -> str:
    """Return a score at 3 significant digits, zeros kept so that columns align.

    A score just below 1 is never rounded up to it.

    Example:
        >>> score(0.94), score(1.0), score(0.99962), score(0.0312), score(None) == DASH
        ('0.940', '1.00', '0.9996', '0.0312', True)
        >>> score(155.3), score(-0.25)
        ('155', '-0.250')
    """
    if not is_number(value):
        return DASH
    if value == 0 or abs(value) >= 1000:
        return figure(value)
    value = _whole(value)
    texts = (f"{value:#.{digits}g}".rstrip(".") for digits in range(3, 9))
    return next((t for t in texts if value >= 1 or float(t) < 1), repr(value))


def _whole(value: float) -> float:
    """Return 1 for what falls short of it, or above, by the last bits alone."""
    return 1.0 if math.isclose(value, 1.0, rel_tol=1e-9) else value


def percent(share: float | None, *, unit: bool = True) -> str:
    """Return a share of 1 as a percentage at 3 significant digits.

    Example:
        >>> percent(0.94).replace(GAP, " "), percent(0.99962, unit=False)
        ('94.0 %', '99.96')
        >>> percent(0.9999999999999999, unit=False)
        '100'
        >>> percent(1.0, unit=False), percent(0.0, unit=False)
        ('100', '0')
    """
    if not is_number(share):
        return DASH
    share = _whole(share)
    digits = 3
    while 0.5 < share < 1 and float(f"{100 * share:#.{digits}g}") >= 100 > digits:
        digits += 1
    text = "0" if share == 0 else f"{100 * share:#.{digits}g}".rstrip(".")
    return f"{text}{GAP}%" if unit else text


def count(number: float | None) -> str:
    """Return a count with a k, M, G or T.

    Example:
        >>> [count(n).replace(GAP, " ") for n in (0, 832, 20_412, 999_999, 2_080_000)]
        ['0', '832', '20.4 k', '1.00 M', '2.08 M']
    """
    if not is_number(number):
        return DASH
    if abs(number) < 1000:
        return figure(number)
    size = float(number)
    for prefix in ("", "k", "M", "G"):
        if abs(size) < 999.5:
            return f"{size:#.3g}".rstrip(".") + GAP + prefix
        size /= 1000
    return figure(size) + GAP + "T"


def duration(seconds: float | None) -> str:
    """Return a time in the unit that suits it.

    Example:
        >>> [duration(s).replace(GAP, " ") for s in (4.2, 75, 1632, 9000)]
        ['4.20 s', '75 s', '27.2 min', '2.50 h']
    """
    if not is_number(seconds):
        return DASH
    if seconds < 100:
        return f"{figure(seconds)}{GAP}s"
    if seconds < 6000:
        return f"{figure(seconds / 60)}{GAP}min"
    return f"{figure(seconds / 3600)}{GAP}h"


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any.

    Example:
        >>> clock(75), clock(3725)
        ('1:15', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def is_share(objective: str) -> bool:
    """Return whether an objective is a share of 1 that reads well in percent.

    Example:
        >>> is_share("val_accuracy"), is_share("val_loss")
        (True, False)
    """
    return objective.removeprefix("val_") in {"accuracy", "balanced_accuracy", "recall"}


def metric_name(objective: str, task: str = "classification") -> str:
    """Return the plain name of an objective, without its split.

    Example:
        >>> metric_name("val_balanced_accuracy"), metric_name("val_r2", "regression")
        ('balanced accuracy', 'R²')
        >>> metric_name("val_accuracy", "multilabel")
        'subset accuracy'
    """
    name = objective.removeprefix("val_")
    if task == "multilabel" and name in _LABELS_NAMES:
        return _LABELS_NAMES[name]
    return _METRIC_NAMES.get(name, name.replace("_", " "))


def sentence_case(text: str) -> str:
    """Return `text` with its first letter large and the others as they are.

    Example:
        >>> sentence_case("macro AUC")
        'Macro AUC'
    """
    return text[:1].upper() + text[1:]


def headline(value: float | None, objective: str) -> str:
    """Return a score as the headline shows it: in percent where that makes sense."""
    return percent(value) if is_share(objective) else score(value)


def interval(bounds: tuple[float, float] | None, objective: str) -> str:
    r"""Return an interval as the headline shows it.

    Example:
        >>> interval((0.924, 0.953), "val_accuracy").replace(DASH, " to ")
        '92.4 to 95.3\xa0%'
        >>> interval((1.2, 1.3), "val_loss").replace(DASH, " to ")
        '1.20 to 1.30'
    """
    if bounds is None:
        return DASH
    low, high = bounds
    if is_share(objective):
        return f"{percent(low, unit=False)}{DASH}{percent(high)}"
    return f"{score(low)}{DASH}{score(high)}"


def shorten(text: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters with an ellipsis.

    Example:
        >>> shorten("cat", 3), shorten("catamaran", 4)
        ('cat', 'cat…')
    """
    return text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"
