"""Search spaces as training sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import keras
import keras_tuner

from automl.training.assignment import SpaceRequest
from automl.training.user_space import is_space_file, load_space_file
from automl_datasets.spec import DataSpec
from automl_search_spaces.registry import get_space
from automl_search_spaces.space import Landmark


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


def load_space(request: SpaceRequest, spec: DataSpec) -> Space:
    """Return the space that a request names.

    Raises:
        SpaceError: If there is no such space.
    """
    if is_space_file(request.name):
        return load_space_file(request.name)
    space: Space = get_space(request.name)(
        spec,
        max_epochs=request.max_epochs,
        max_macs=request.max_macs,
        objective=request.objective,
    )
    return space


def check_space(name: str) -> None:
    """Refuse a space that can't be loaded.

    Raises:
        SpaceError: If there is no such space, or its file is of no use.
    """
    if is_space_file(name):
        load_space_file(name)
    else:
        get_space(name)


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
