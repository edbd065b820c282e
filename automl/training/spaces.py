"""Search spaces as training sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import keras_tuner

from automl.training.assignment import SpaceRequest
from automl.training.space_module import find_space, make_space
from automl_datasets.spec import DataSpec
from automl_search_spaces.deployability import deployable
from automl_search_spaces.dimensions.declaration import DimensionError, Narrowing
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.narrowing import combine
from automl_search_spaces.registry import SPACES, create_space
from automl_search_spaces.space import Landmark
from automl_search_spaces.space_file import SUFFIXES, read_space_file
from automl_search_spaces.transfer_space import TransferSpace

_PYTHON = ".py"


class Space(Protocol):
    """What the search needs of a space; `SearchSpace` is the shipped one."""

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return a compiled model for the values in `hp`."""

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declare every dimension that is active for the values in `hp`."""

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return the published networks that fit."""

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether a network keeps to the limits that are known before it is built."""

    def batch_size(self, values: Mapping[str, Any]) -> int:
        """Return the samples a batch for these values."""

    def notation(self, values: Mapping[str, Any]) -> str:
        """Return a short notation of the architecture."""


def load_space(
    request: SpaceRequest, spec: DataSpec, *, num_samples: int | None = None
) -> Space:
    """Return the space that a request names.

    Args:
        request: Its name, and what it is to keep to.
        spec: The data.
        num_samples: Samples of an epoch; `None` for the training samples of the data.

    Raises:
        SpaceError: If there is no such space.
    """
    options: dict[str, Any] = {
        "max_epochs": request.max_epochs,
        "max_macs": request.max_macs,
        "objective": request.objective,
        "limits": request.limits,
        "num_samples": num_samples,
    }
    left = deployable(spec, request.export, request.quantize)
    space: Space
    path = Path(request.name)
    if request.trunk is not None:
        space = TransferSpace(spec, trunk=request.trunk, narrowing=left, **options)
    elif path.suffix == _PYTHON:
        space = make_space(path, spec, options)
    elif path.suffix in SUFFIXES:
        space = _narrowed_space(path, spec, options, left)
    else:
        space = create_space(request.name, spec, narrowing=left, **options)
    return space


def _narrowed_space(
    path: Path, spec: DataSpec, options: Mapping[str, Any], left: Narrowing
) -> Space:
    """Return a shipped space as a file narrows it, within what is left of it."""
    file = read_space_file(path)
    try:
        space: Space = create_space(
            file.space, spec, narrowing=combine(left, file.narrowing), **options
        )
        space.declare_hyperparameters(keras_tuner.HyperParameters())
    except DimensionError as error:
        raise file.located(error) from error
    return space


def check_space(name: str) -> None:
    """Refuse a space that can't be loaded, as far as can be told without the data.

    Raises:
        SpaceError: If there is no such space, or its file is of no use.
    """
    path = Path(name)
    if path.suffix == _PYTHON:
        find_space(path)
    elif path.suffix in SUFFIXES:
        read_space_file(path)
    else:
        SPACES[name]


def settled_space(name: str) -> str:
    """Return the name of a space, or the path of its file from any folder."""
    path = Path(name)
    return str(path.absolute()) if path.suffix in (_PYTHON, *SUFFIXES) else name


def space_fingerprint(name: str) -> str | None:
    """Return a hash of what a space's file holds, `None` for a shipped space.

    A run that goes on with another file would mix the networks of two spaces.

    Raises:
        SpaceError: If the file can't be read.
    """
    path = Path(name)
    if path.suffix not in (_PYTHON, *SUFFIXES):
        return None
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SpaceError(
            f"The search space file {name} can't be read: {error.strerror}."
        ) from error


def build_model(space: Space, values: Mapping[str, Any]) -> keras.Model:
    """Return the compiled model of one set of values."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return space.build(hp)


def discover_hyperparameters(space: Space) -> keras_tuner.HyperParameters:
    """Return every hyperparameter of a space, conditional ones included.

    Declares with default values, then switches on one condition that was never
    active after another, until there is none.
    """
    known = keras_tuner.HyperParameters()
    never_active: list[Any] = []
    once_active: list[Any] = []
    trial = known.copy()
    while True:
        space.declare_hyperparameters(trial)
        known.merge(
            [hp for hp in trial.space if not known._exists(hp.name, hp.conditions)]
        )
        once_active += [c for c in trial.active_scopes if c not in once_active]
        seen = trial.inactive_scopes
        never_active += [c for c in seen if c not in never_active]
        never_active = [c for c in never_active if c not in once_active]
        if not never_active:
            return known
        trial = known.copy()
        for condition in never_active[0]:
            trial.values[condition.name] = condition.values[0]
        trial.ensure_active_values()
