"""The search space: from a data set to hyperparameters to compiled Keras models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import keras_tuner

from automl_datasets.spec import TASKS, DataSpec
from automl_search_spaces.bounds import Bounds
from automl_search_spaces.cost import count_macs
from automl_search_spaces.dimensions.architecture import Ranges
from automl_search_spaces.dimensions.catalog import declare
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.imbalance import BALANCED_OBJECTIVES
from automl_search_spaces.landmarks.catalog import LANDMARKS
from automl_search_spaces.landmarks.design import Design
from automl_search_spaces.network import build_network
from automl_search_spaces.notation import notation
from automl_search_spaces.ranges import ESTIMATE_FACTOR, estimate_network, ranges_of
from automl_search_spaces.representations.catalog import representations_of
from automl_search_spaces.training_setup import compile_network, peak_learning_rate


@dataclass(frozen=True)
class Landmark:
    """A point of a space that is worth trying before any other.

    Attributes:
        name: Name of the network.
        values: Value of every active hyperparameter.
    """

    name: str
    values: dict[str, Any]


class SearchSpace(keras_tuner.HyperModel):
    """Convolutional networks for one data set, and how they are trained.

    Example:
        >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
        ...                 ("a", "b"), 80, 10, 10, (10.0,), (3.0,))
        >>> space = SearchSpace(spec, max_epochs=5)
        >>> space.build(keras_tuner.HyperParameters()).output_shape
        (None, 2)
    """

    def __init__(
        self,
        spec: DataSpec,
        *,
        max_epochs: int,
        max_macs: int | None = None,
        objective: str | None = None,
    ) -> None:
        """Bound the space by the data and the budget.

        Args:
            spec: The data.
            max_epochs: Epochs of a full training, over which schedules run.
            max_macs: Multiply-accumulates of one forward pass of one sample that
                the budget allows; ranges are narrowed so that most draws keep to
                it, but single ones may exceed it, see `fits`.
            objective: What is searched for, such as `val_f1`; class weights are
                usual where it counts rare classes as much as frequent ones.

        Raises:
            SpaceError: If `max_epochs` or `max_macs` is below 1, or if the task or
                the rank of the data is not supported.
        """
        super().__init__(name="auto", tunable=True)
        _check(spec, max_epochs, max_macs)
        self.spec = spec
        self.max_epochs = int(max_epochs)
        self.max_macs = max_macs
        self.balanced = objective in BALANCED_OBJECTIVES
        self.ranges: Ranges = ranges_of(spec, max_macs)

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declare every dimension, without building a model."""
        declare(hp, self.spec, self.ranges, balanced=self.balanced)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model of `hp`.

        Its input is raw samples `(batch, *spec.shape)`, int32 for text and else
        float32. Its output is float32: probabilities `(batch, classes)` for class
        indices `(batch,)`, probabilities `(batch, labels)` for 0 and 1 of that shape,
        or targets `(batch, targets)` in raw units.
        """
        values = declare(hp, self.spec, self.ranges, balanced=self.balanced)
        model = build_network(self.spec, self._bounds(values), values)
        compile_network(model, self.spec, values, max_epochs=self.max_epochs)
        return model

    def landmarks(self) -> tuple[Landmark, ...]:
        """Return the landmarks that suit the data and keep to `max_macs`.

        A landmark that is too dear is made narrower first.
        """
        meant = (design for design in LANDMARKS if self.spec.kind in design.kinds)
        found = (self._fitted(design) for design in meant)
        return tuple(landmark for landmark in found if landmark is not None)

    def fits(self, hp_values: Mapping[str, Any]) -> bool:
        """Whether the network of a trial keeps to `max_macs`, exactly.

        The cost is estimated first; only where the estimate is close to the limit
        is the network built, without weights.
        """
        if self.max_macs is None:
            return True
        values = self._complete(hp_values)
        estimate = estimate_network(self.spec, self._bounds(values), values)
        if estimate > self.max_macs * ESTIMATE_FACTOR:
            return False
        if estimate < self.max_macs / ESTIMATE_FACTOR:
            return True
        with keras.StatelessScope():
            network = build_network(self.spec, self._bounds(values), values)
        return count_macs(network).total <= self.max_macs

    def batch_size(self, hp_values: Mapping[str, Any]) -> int:
        """Return the batch size of a trial."""
        return int(self._complete(hp_values)["batch_size"])

    def learning_rate(self, hp_values: Mapping[str, Any]) -> float:
        """Return the peak learning rate of a trial, whatever its optimizer."""
        return peak_learning_rate(self._complete(hp_values))

    def notation(self, hp_values: Mapping[str, Any]) -> str:
        """Return the network of a trial in a short line for people."""
        return notation(self._complete(hp_values))

    def _complete(self, hp_values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every dimension, declared or not."""
        hp = keras_tuner.HyperParameters()
        hp.values = dict(hp_values)
        return declare(hp, self.spec, self.ranges, balanced=self.balanced)

    def _bounds(self, values: Mapping[str, Any]) -> Bounds:
        """Return the ranges of the representation that values name."""
        return self.ranges[values["representation"]]

    def _fitted(self, design: Design) -> Landmark | None:
        """Return the design at the greatest width that fits, if there is one."""
        wanted = {**design.architecture, **design.training}
        wanted.setdefault("representation", next(iter(self.ranges)))
        bounds = self._bounds(wanted)
        if wanted["block"] not in bounds.blocks:
            return None
        widths = [w for w in bounds.widths if w <= wanted["filters"]]
        for filters in reversed(widths):
            values = self._within({**wanted, "filters": filters})
            if self.fits(values):
                return Landmark(design.name, values)
        return None

    def _within(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return complete active values, as near to the wanted as ranges allow."""
        suffix = wanted["representation"]
        hp = keras_tuner.HyperParameters()
        hp.values = {**wanted, **{f"{k}_{suffix}": v for k, v in wanted.items()}}
        declare(hp, self.spec, self.ranges, balanced=self.balanced)
        # Conditions hang on values, which must be of their ranges first.
        hp.values.update(
            {
                h.name: _nearest(h, hp.values[h.name])
                for h in hp.space
                if h.name in hp.values
            }
        )
        active = [h for h in hp.space if hp.is_active(h)]
        return {h.name: hp.values[h.name] for h in active}


def _nearest(hyperparameter: Any, value: Any) -> Any:
    """Return the value of a hyperparameter's range that is nearest to `value`."""
    if hasattr(hyperparameter, "min_value"):
        return min(max(value, hyperparameter.min_value), hyperparameter.max_value)
    if value in hyperparameter.values:
        return value
    if isinstance(value, str):
        return hyperparameter.default
    return min(hyperparameter.values, key=lambda option: abs(option - value))


def _check(spec: DataSpec, max_epochs: int, max_macs: int | None) -> None:
    if not representations_of(spec) or spec.rank not in (1, 2, 3):
        raise SpaceError(
            "The search space holds networks for samples with 1, 2 or 3 spatial "
            f"dimensions, but got kind {spec.kind!r} and shape {spec.shape}."
        )
    if spec.task not in TASKS:
        raise SpaceError(
            f"The task must be one of {', '.join(TASKS)}, but got {spec.task!r}."
        )
    for name, value in (("max_epochs", max_epochs), ("max_macs", max_macs)):
        if value is not None and value < 1:
            raise SpaceError(f"`{name}` must be at least 1, but got {value}; raise it.")
