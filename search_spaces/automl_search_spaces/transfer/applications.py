"""Networks of `keras.applications` whose weights are on this machine."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl_search_spaces.errors import SpaceError

_FULL_SCALE = 255.0


def application_names() -> tuple[str, ...]:
    """Return the names of all networks of `keras.applications`.

    Example:
        >>> "ResNet50" in application_names()
        True
    """
    members = vars(keras.applications)
    return tuple(n for n in members if n[0].isupper() and callable(members[n]))


def is_application(name: str) -> bool:
    """Whether there is a network of that name, however it is spelt."""
    return _plain(name) in map(_plain, application_names())


def load_application(name: str, weights: Path | None = None) -> keras.Model:
    """Return a network without its head, from images in [0, 255] to features.

    Nothing is ever downloaded.

    Args:
        name: Such as `ResNet50` or `mobilenet_v2`.
        weights: File of its weights; by default the one in Keras's own folder.

    Returns:
        A functional model of inputs `(batch, height, width, 3)`, whose size is open.

    Raises:
        SpaceError: If the weights are not there, or are not the network's.
    """
    known = next(n for n in application_names() if _plain(n) == _plain(name))
    if weights is not None and not weights.is_file():
        raise SpaceError(f"There is no file {weights} with weights; check the path.")
    with _nothing_downloaded(known):
        network = _built(known, weights)
    inputs = keras.Input((None, None, 3))
    x = network(_prepared(inputs, _module(known).preprocess_input))
    return keras.Model(inputs, x, name=known.lower())


def _built(name: str, weights: Path | None) -> keras.Model:
    build = getattr(keras.applications, name)
    source = "imagenet" if weights is None else str(weights)
    try:
        with warnings.catch_warnings():
            # Some say that they take the weights for 224x224, which suit any size.
            warnings.simplefilter("ignore", UserWarning)
            return build(weights=source, include_top=False)
    except SpaceError:
        raise
    except Exception as error:
        raise SpaceError(
            f"The weights {weights or 'in the cache'} are not those of {name} without "
            f"its head ({type(error).__name__}); give its `notop` file."
        ) from error


@contextmanager
def _nothing_downloaded(name: str) -> Iterator[None]:
    """Have Keras find weights in its folder only, while the network is built."""
    files = _module(name).file_utils
    original = files.get_file

    def cached(fname: str, *_: Any, **__: Any) -> str:
        home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
        file = home / "models" / fname
        if not file.is_file():
            raise SpaceError(
                f"The weights of {name} are not on this machine, and nothing is "
                f"downloaded unasked; put them at {file}, or give "
                f"--pretrained {name}=WEIGHTS.h5."
            )
        return str(file)

    files.get_file = cached
    try:
        yield
    finally:
        files.get_file = original


def _prepared(x: Any, preprocess: Callable[..., Any]) -> Any:
    """Apply a network's own preprocessing as stock layers.

    All of them are linear in each colour, and some turn the order of the colours:
    what they do is read off their answers.
    """
    offset = preprocess(np.zeros((1, 1, 3)))[0, 0]
    full = preprocess(_FULL_SCALE * np.eye(3)[None])[0]
    matrix = (full - offset) / _FULL_SCALE
    if np.abs(np.diagonal(matrix)).min() < np.abs(matrix).max() / 2:
        x, matrix = keras.ops.flip(x, axis=-1), matrix[::-1]
    scale = np.diagonal(matrix)
    if np.allclose(scale, 1) and np.allclose(offset, 0):
        return x
    return keras.layers.Rescaling(scale.tolist(), offset.tolist())(x)


def _module(name: str) -> Any:
    return sys.modules[getattr(keras.applications, name).__module__]


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
