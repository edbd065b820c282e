"""What every search space of ours does alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Required, TypedDict, Unpack

import keras
import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.dimensions.declaration import Narrowing
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.imbalance import BALANCED_OBJECTIVES
from automl_search_spaces.limits import NO_LIMITS, Limits, excess, predict
from automl_search_spaces.training_setup import compile_network


class SpaceOptions(TypedDict, total=False):
    """What every space is made with, besides the data.

    Attributes:
        max_epochs: Epochs of a full training, over which schedules run.
        max_macs: Multiply-accumulates of one forward pass of one sample that the
            budget allows, see `fits`.
        max_params: Weights that a network may have, see `fits`.
        objective: What is searched for, such as `val_f1`; class weights are usual
            where it counts rare classes as much as frequent ones.
        narrowing: What is left of which dimension; all of it where none is named.
        limits: Further limits of a network and its training, see `fits`.
        num_samples: Samples of an epoch, where a training has others than the data
            have for it: a fold, or all. Only schedules depend on it: dimensions are
            those of the data, so that values mean the same in every training.
    """

    max_epochs: Required[int]
    max_macs: int | None
    max_params: int | None
    objective: str | None
    narrowing: Narrowing | None
    limits: Limits
    num_samples: int | None


class _Uncopied(keras_tuner.HyperParameters):
    """Hyperparameters that are declared for their values and never written down.

    KerasTuner would have each make a round trip through JSON values, which takes longer
    than all the rest; strategies ask for thousands of draws whether they fit.
    """

    def _register(self, hyperparameter: Any, overwrite: bool = False) -> Any:
        hyperparameter.conditions = list(hyperparameter.conditions)
        self._hps[hyperparameter.name].append(hyperparameter)
        self._space.append(hyperparameter)
        if not self.is_active(hyperparameter):
            return None
        if overwrite:
            self.values[hyperparameter.name] = hyperparameter.default
        return self.values.setdefault(hyperparameter.name, hyperparameter.default)


class TrialSpace(keras_tuner.HyperModel):
    """From hyperparameters to compiled models for one data set.

    A subclass says which dimensions it declares, which network their values describe,
    and what that network is called.
    """

    def __init__(
        self, name: str, spec: DataSpec, **options: Unpack[SpaceOptions]
    ) -> None:
        """Remember what the trials are for.

        Args:
            name: What the space is called.
            spec: The data.
            **options: See `SpaceOptions`.

        Raises:
            SpaceError: If a limit is below 1.
        """
        _refuse_below_one(options)
        super().__init__(name=name, tunable=True)
        self.spec = spec
        self.max_epochs = int(options["max_epochs"])
        self.max_macs = options.get("max_macs")
        self.max_params = options.get("max_params")
        self.narrowing: Narrowing = options.get("narrowing") or {}
        self.limits = options.get("limits", NO_LIMITS).within(
            max_params=self.max_params, max_macs=self.max_macs
        )
        self.num_samples = options.get("num_samples") or spec.num_train
        self.balanced = options.get("objective") in BALANCED_OBJECTIVES

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Declare every dimension, without building a model."""
        self._declare(hp)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model of `hp`.

        Its input is raw samples `(batch, *spec.shape)`, int32 for text and else
        float32. Its output is float32: probabilities `(batch, classes)` for class
        indices `(batch,)`, probabilities `(batch, labels)` for 0 and 1 of that shape,
        or targets `(batch, targets)` in raw units.
        """
        values = self._declare(hp)
        model = self._network(values)
        compile_network(
            model,
            self.spec,
            values,
            max_epochs=self.max_epochs,
            num_samples=self.num_samples,
        )
        return model

    def network(self, hp_values: Mapping[str, Any]) -> keras.Model:
        """Return the network of a trial, not compiled and without weights."""
        raise NotImplementedError

    def fits(self, hp_values: Mapping[str, Any]) -> bool:
        """Whether the network of a trial keeps to every limit."""
        if self.limits == NO_LIMITS:
            return True
        batch_size = self.batch_size(hp_values)
        figures = predict(self.network(hp_values), batch_size, self.limits)
        return not excess(figures, self.limits)

    def batch_size(self, hp_values: Mapping[str, Any]) -> int:
        """Return the batch size of a trial."""
        return int(self.complete(hp_values)["batch_size"])

    def complete(self, hp_values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every dimension of a trial, declared or not."""
        hp = _Uncopied()
        hp.values = dict(hp_values)
        return self._declare(hp)

    def _declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Declare every dimension and return the value of each."""
        raise NotImplementedError

    def _network(self, values: Values) -> keras.Model:
        """Return the network of `values`, not compiled."""
        raise NotImplementedError


def _refuse_below_one(options: SpaceOptions) -> None:
    for name in ("max_epochs", "max_macs", "max_params"):
        value = options.get(name)
        if isinstance(value, int) and value < 1:
            raise SpaceError(f"`{name}` must be at least 1, but got {value}; raise it.")
