"""What an array of samples is, judged by its shape."""

from __future__ import annotations

from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import plural

_MOST_COLOUR_CHANNELS = 4
_MOST_SERIES_CHANNELS = 16
_SERIES_ELONGATION = 4
_FEWEST_PIXELS = 8  # of a side of an image whose channels may come first
_RANKS = {"series": 1, "image": 2, "volume": 3, "video": 3}


class Form(NamedTuple):
    """Kind and shape of a sample, channels last, and why.

    Attributes:
        kind: `image`, `series`, `volume` or `video`.
        shape: Shape of one sample, with its channel axis.
        why: One sentence, or two where the channels may come first.
    """

    kind: str
    shape: tuple[int, ...]
    why: str


def form_of(shape: tuple[int, ...], *, source: str, kind: str = "auto") -> Form:
    """Tell what an array holds.

    | array | holds |
    |---|---|
    | `(n, length)` | series of one channel |
    | `(n, length, c)`, c <= 16 and length >= 4 c | series of c channels |
    | any other `(n, h, w)` | grey images |
    | `(n, h, w, c)`, c <= 4 | images of c channels |
    | any other `(n, d, h, w)` | volumes of one channel |
    | `(n, d, h, w, c)` | volumes of c channels |

    Channels that come first are neither guessed nor moved: `(n, 3, h, w)` may as well
    be volumes, and is refused unless that is the kind asked for.

    Args:
        shape: Shape of the array, samples first.
        source: Where it comes from, for the message.
        kind: One of `spec.KINDS` that the samples are to be taken for, or `auto`.

    Raises:
        DataError: If the array has another number of axes, or an empty one; cannot be
            of the kind that is asked for; or looks like images with channels first.

    Example:
        >>> form_of((100, 28, 28), source="a.npz").shape
        (28, 28, 1)
        >>> form_of((100, 500, 6), source="a.npz").kind
        'series'
    """
    if not 2 <= len(shape) <= 5 or 0 in shape[1:]:
        raise DataError(
            f"An array of shape {shape} in {source} is no set of series, images or "
            "volumes; give it 2 to 5 axes, samples first and none of length 0."
        )
    sample = shape[1:]
    if kind in ("auto", "image"):
        _refuse_channels_first(sample, kind, source)
    if kind == "auto":
        kind, channels_given = _kind(sample)
    else:
        channels_given = _channels_given(sample, kind, source)
    full = sample if channels_given else (*sample, 1)
    why = f"Arrays of shape {_shown(sample)} are taken for {plural(kind)}"
    why = f"{why} with {full[-1]} channel{'s' * (full[-1] > 1)}."
    if len(sample) == 2 and _elongated(sample[1], sample[0]):
        why += (
            " If these are series with channels first, save np.moveaxis(x, 1, -1) "
            "instead."
        )
    return Form(kind, full, why)


def _refuse_channels_first(sample: tuple[int, ...], kind: str, source: str) -> None:
    if (
        len(sample) == 3
        and sample[0] in (1, 3, 4)
        and min(sample[1:]) >= _FEWEST_PIXELS
    ):
        other = ", or name the kind volume" if kind == "auto" else ""
        raise DataError(
            f"Arrays of shape {_shown(sample)} in {source} look like images with "
            f"channels first; save np.moveaxis(x, 1, -1){other}."
        )


def _elongated(length: int, channels: int) -> bool:
    """Return whether an axis is as much longer than another as series are."""
    few = channels <= _MOST_SERIES_CHANNELS
    return few and length >= _SERIES_ELONGATION * channels


def _shown(sample: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, ('n', *sample)))})"


def _channels_given(sample: tuple[int, ...], kind: str, source: str) -> bool:
    rank = _RANKS.get(kind)
    if rank is None or len(sample) not in (rank, rank + 1):
        raise DataError(
            f"Arrays of shape {_shown(sample)} in {source} cannot be taken for samples "
            f"of kind {kind!r}; choose another kind, or save them in another shape."
        )
    return len(sample) > rank


def _kind(sample: tuple[int, ...]) -> tuple[str, bool]:
    last = sample[-1]
    if len(sample) == 1:
        return "series", False
    if len(sample) == 2:
        return ("series", True) if _elongated(sample[0], last) else ("image", False)
    if len(sample) == 3:
        coloured = last <= _MOST_COLOUR_CHANNELS
        return ("image", True) if coloured else ("volume", False)
    return "volume", True
