"""A search space from a Python file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import keras_tuner

from automl.training.user_space import UserSpace, failure
from automl.user_file import run_file
from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.space import SearchSpace


def find_space(path: Path) -> Any:
    """Return what a Python file defines, which is run for that.

    Returns:
        A function `build(hp)`, or an instance or class of `keras_tuner.HyperModel`.

    Raises:
        SpaceError: If there is no such file, it fails, or it defines none of them.
    """
    module = _run(path)
    build = getattr(module, "build", None)
    if callable(build):
        return build
    models = {n: v for n, v in vars(module).items() if _is_own_model(v, module)}
    instances = {n: v for n, v in models.items() if not isinstance(v, type)}
    found = instances or models
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise SpaceError(
            f"{path} defines several spaces: {', '.join(found)}; keep one of them."
        )
    raise SpaceError(
        f"{path} defines no function `build(hp)`, keras_tuner.HyperModel or "
        "SearchSpace; add one."
    )


def make_space(path: Path, spec: DataSpec, options: Mapping[str, Any]) -> Any:
    """Return the space in a Python file for the data.

    Args:
        path: The file.
        spec: The data.
        options: What `SearchSpace` takes.

    Raises:
        SpaceError: If the file or the making of the space fails.
    """
    found = find_space(path)
    try:
        if isinstance(found, type):
            own = issubclass(found, SearchSpace)
            found = found(spec, **options) if own else found()
    except SpaceError:
        raise
    except Exception as error:
        raise failure(path, error) from error
    if isinstance(found, SearchSpace):
        return found
    if not isinstance(found, keras_tuner.HyperModel):
        return UserSpace(path, found, spec)
    if type(found).fit is not keras_tuner.HyperModel.fit:
        raise SpaceError(
            f"{path}: {type(found).__name__}.fit would never be called, as the search "
            "trains by itself; remove it, and search the batch size as a "
            "hyperparameter called batch_size."
        )
    return UserSpace(path, found.build, spec)


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise SpaceError(f"There is no search space file {path}; check the path.")
    try:
        return run_file(path, "user_search_space")
    except Exception as error:
        raise failure(path, error) from error


def _is_own_model(value: Any, module: ModuleType) -> bool:
    """Whether a value is a hypermodel, or a class of one that the file defines."""
    if isinstance(value, type):
        own = value.__module__ == module.__name__
        return own and issubclass(value, keras_tuner.HyperModel)
    return isinstance(value, keras_tuner.HyperModel)
