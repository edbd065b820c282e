"""A search space from a Python file: KerasTuner's `build(hp)`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import keras_tuner

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.space import Landmark

_DEFAULT_BATCH_SIZE = 64
_MAX_NOTATION_VALUES = 6


def is_space_file(name: str) -> bool:
    """Return whether a space's name is a path of a Python file."""
    return name.endswith(".py")


class UserSpace:
    """The models that a user's `build(hp)` returns.

    The model must be compiled, take the numbers as the data set holds them, and give
    probabilities. A hyperparameter called `batch_size` sets the batch size.
    """

    def __init__(self, name: str, build: Callable[..., keras.Model]) -> None:
        """Wrap a build function.

        Args:
            name: What architectures are called.
            build: Takes `keras_tuner.HyperParameters`, returns a compiled model.
        """
        self.name = name
        self._build = build

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model for the values in `hp`."""
        return self._build(hp)

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declare every dimension that is active, by building a model."""
        self._build(hp)

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return nothing: a user's space has no published networks."""
        return ()

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Return that it does: only a build tells what a network of a user's costs."""
        return True

    def batch_size(self, values: Mapping[str, Any]) -> int:
        """Return the samples a batch."""
        return int(values.get("batch_size", _DEFAULT_BATCH_SIZE))

    def notation(self, values: Mapping[str, Any]) -> str:
        """Return the file's name and the first values."""
        shown = list(values.items())[:_MAX_NOTATION_VALUES]
        return " ".join([self.name, *(f"{name}={value}" for name, value in shown)])


def load_space_file(name: str) -> UserSpace:
    """Return the space in a Python file, which is run for that.

    Raises:
        SpaceError: If there is no such file, it fails, or it has no `build`.
    """
    path = Path(name)
    if not path.is_file():
        raise SpaceError(f"There is no search space file {name}; check the path.")
    specification = importlib.util.spec_from_file_location("user_search_space", path)
    if specification is None or specification.loader is None:
        raise SpaceError(f"{name} can't be imported; it must be a Python file.")
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        raise SpaceError(f"{name} fails: {type(error).__name__}: {error}.") from error
    build = getattr(module, "build", None)
    if not callable(build):
        raise SpaceError(f"{name} defines no function `build(hp)`; add one.")
    return UserSpace(path.stem, build)
