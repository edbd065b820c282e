"""The search space: from a data set to hyperparameters to compiled Keras models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import keras
import keras_tuner

from automl_datasets.spec import TASKS, DataSpec
from automl_search_spaces.bounds import Bounds
from automl_search_spaces.dimensions.architecture import Ranges, declare_architecture
from automl_search_spaces.dimensions.catalog import Values, declare
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.landmarks.catalog import LANDMARKS
from automl_search_spaces.landmarks.design import Design
from automl_search_spaces.landmarks.points import nearest_values
from automl_search_spaces.limits import NO_LIMITS
from automl_search_spaces.narrowing import unbounded
from automl_search_spaces.network import build_network
from automl_search_spaces.notation import notation
from automl_search_spaces.outline import without_weights
from automl_search_spaces.ranges import ESTIMATE_FACTOR, estimate_network, ranges_of
from automl_search_spaces.representations.catalog import representations_of
from automl_search_spaces.trial_space import SpaceOptions, TrialSpace


@dataclass(frozen=True)
class Landmark:
    """A point of a space that is worth trying before any other.

    Attributes:
        name: Name of the network.
        values: Value of every active hyperparameter.
    """

    name: str
    values: dict[str, Any]


class SearchSpace(TrialSpace):
    """Convolutional networks for one data set, and how they are trained.

    Example:
        >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
        ...                 ("a", "b"), 80, 10, 10, (10.0,), (3.0,))
        >>> space = SearchSpace(spec, max_epochs=5)
        >>> space.build(keras_tuner.HyperParameters()).output_shape
        (None, 2)
    """

    def __init__(self, spec: DataSpec, **options: Unpack[SpaceOptions]) -> None:
        """Bound the space by the data and the budget.

        With `max_macs` ranges are narrowed so that most draws keep to it, but single
        ones may exceed it, see `fits`.

        Args:
            spec: The data.
            **options: See `SpaceOptions`.

        Raises:
            SpaceError: If a limit is below 1, if the task or the rank of the data is
                not supported, or if the narrowing leaves nothing of a dimension.
        """
        _check(spec)
        super().__init__("auto", spec, **options)
        self.ranges: Ranges = ranges_of(spec, self.max_macs, self.narrowing)

    def architecture(self) -> keras_tuner.HyperParameters:
        """Return the dimensions of the network alone, without its training."""
        hp = keras_tuner.HyperParameters()
        declaration = Declaration(hp, unbounded(self.narrowing))
        declare_architecture(declaration, self.spec, self.ranges)
        return hp

    def network(self, hp_values: Mapping[str, Any]) -> keras.Model:
        """Return the network of a trial, not compiled and without weights."""
        values = self.complete(hp_values)
        with without_weights():
            return self._network(values)

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return the landmarks that suit the data and the space and keep to the limits.

        A landmark that is too dear is made narrower first.
        """
        meant = (design for design in LANDMARKS if self.spec.kind in design.kinds)
        found = (self._fitted(design) for design in meant)
        return tuple(landmark for landmark in found if landmark is not None)

    def fits(self, hp_values: Mapping[str, Any]) -> bool:
        """Whether the network of a trial keeps to every limit.

        Multiply-accumulates are estimated first; only where that does not tell is the
        network built, without weights, for figures that are exact or predicted.
        """
        if self.limits == NO_LIMITS and self.max_macs is None:
            return True
        values = self.complete(hp_values)
        batch_size = int(values["batch_size"])
        estimate = estimate_network(self.spec, self._bounds(values), values)
        if estimate > (self.max_macs or math.inf) * ESTIMATE_FACTOR:
            return False
        if self.limits.surely_kept(estimate * ESTIMATE_FACTOR, batch_size):
            return True
        return super().fits(hp_values)

    def notation(self, hp_values: Mapping[str, Any]) -> str:
        """Return the network of a trial in a short line for people."""
        return notation(self.complete(hp_values))

    def _declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Declare every dimension and return the value of each."""
        return declare(
            hp,
            self.spec,
            self.ranges,
            balanced=self.balanced,
            narrowing=unbounded(self.narrowing),
        )

    def _network(self, values: Values) -> keras.Model:
        return build_network(self.spec, self._bounds(values), values)

    def _bounds(self, values: Mapping[str, Any]) -> Bounds:
        """Return the ranges of the representation and resolution of some values."""
        bounds = self.ranges[values["representation"]]
        return bounds.at(values.get("resolution", "full"))

    def _fitted(self, design: Design) -> Landmark | None:
        """Return the design at the greatest width that fits, if there is one."""
        wanted = {**design.architecture, **design.training}
        wanted.setdefault("representation", next(iter(self.ranges)))
        if wanted["representation"] not in self.ranges or not self._holds(design):
            return None
        bounds = self._bounds(wanted)
        if wanted["block"] not in bounds.blocks:
            return None
        widths = [w for w in bounds.widths if w <= wanted["filters"]]
        widths = widths or [bounds.widths[0]]
        for filters in reversed(widths):
            values = self._within({**wanted, "filters": filters})
            if self.fits(values):
                return Landmark(design.name, values)
        return None

    def _holds(self, design: Design) -> bool:
        """Whether the narrowing leaves every choice that is not a number."""
        for name, value in design.architecture.items():
            left = self.narrowing.get(name)
            if isinstance(value, str) and isinstance(left, tuple) and value not in left:
                return False
        return True

    def _within(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return complete active values, as near to the wanted as ranges allow."""
        suffix = wanted["representation"]
        named = {f"{name}_{suffix}": value for name, value in wanted.items()}
        return nearest_values(self._declare, {**wanted, **named})


def _check(spec: DataSpec) -> None:
    if not representations_of(spec) or spec.rank not in (1, 2, 3):
        raise SpaceError(
            "The search space holds networks for samples with 1, 2 or 3 spatial "
            f"dimensions, but got kind {spec.kind!r} and shape {spec.shape}."
        )
    if spec.task not in TASKS:
        raise SpaceError(
            f"The task must be one of {', '.join(TASKS)}, but got {spec.task!r}."
        )
