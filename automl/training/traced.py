"""The models that a worker traced last, for trials of the same structure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras

from automl.training.fitting import Fitting
from automl.training.latency import predictor, predictor_latency
from automl.training.numbers import structure_of
from automl.training.samples import Samples
from automl.training.stepping import Stepping, can_step


@dataclass
class Traced:
    """A model with the functions that were traced of it.

    Attributes:
        predict: See `automl.training.latency.predictor`.
        trainer: Trains it, once it was accepted.
        latency: Median and 95th percentile, in milliseconds, once measured.
        configuration: What it was trained as last.
    """

    predict: Any
    trainer: Stepping | Fitting | None = None
    latency: tuple[float, float] | None = None
    configuration: str = ""


class TracedModels:
    """Traced models by structure, the least recently used given up first."""

    def __init__(self, most: int, *, most_numbers: int = 4_000_000) -> None:
        """Keep nothing yet.

        Args:
            most: Models to keep.
            most_numbers: Numbers in the weights of all of them together.
        """
        self._most = most
        self._most_numbers = most_numbers
        self._kept: OrderedDict[str, Traced] = OrderedDict()

    def find(self, structure: str | None) -> Traced | None:
        """Return the model of a structure, if it is kept."""
        return self._kept.get(structure or "")

    def structure_trained_as(self, configuration: str) -> str | None:
        """Return the structure of the model whose last training was of this name."""
        same = (k for k, t in self._kept.items() if t.configuration == configuration)
        return next(same, None)

    def take(self, structure: str | None) -> Traced | None:
        """Return it, and keep it no longer: what trains it may fail halfway."""
        return self._kept.pop(structure or "", None)

    def keep(self, structure: str, traced: Traced) -> None:
        """Keep a model, which nobody uses now.

        When there are too many half of them go: to free what TensorFlow made of them
        costs as much for one, and it is made again of those that stay.
        """
        self._kept[structure] = traced
        if self._fits(self._most, self._most_numbers):
            return
        while not self._fits(self._most // 2, self._most_numbers // 2):
            self._kept.popitem(last=False)
        keras.backend.clear_session()

    def _fits(self, most: int, most_numbers: int) -> bool:
        """Whether no more models are kept, of no more numbers."""
        sizes = [_numbers(traced) for traced in self._kept.values()]
        return len(sizes) <= most and sum(sizes) <= most_numbers


class Configuration(NamedTuple):
    """What a space is to build a model of.

    Attributes:
        build: Returns the model, compiled, not trained yet.
        name: That of equal configurations.
        place: What else than its structure the graph of a model depends on.
        goes_on: Whether a training is taken up, whose state replaces the initial one.
    """

    build: Callable[[], keras.Model]
    name: str
    place: str
    goes_on: bool


class Candidate:
    """A model to be trained, and the traced one that may train in its place.

    Attributes:
        model: As the space built it.
        predict: From samples to predictions of what is trained.
    """

    def __init__(
        self, configuration: Configuration, kept: TracedModels, samples: Samples
    ) -> None:
        """Build a model and look for a traced one of the same structure.

        Nothing is built where the traced one was trained as the very same, and the
        state of the training that goes on is all that is missing.

        Args:
            configuration: Of the model.
            kept: The models that were traced.
            samples: What it will be called on.
        """
        self._configuration = configuration
        self._kept = kept
        name = configuration.name
        again = kept.structure_trained_as(name) if configuration.goes_on else None
        known = kept.find(again)
        if known is not None and known.trainer is not None:
            self._structure, self.model = again, known.trainer.model
        else:
            self.model = configuration.build()
            self._structure = self._structure_if_known()
            known = kept.find(self._structure)
        shape, dtype = samples.inputs.shape[1:], samples.inputs.dtype
        self._traced = known or Traced(predictor(self.model, shape, dtype))
        self.predict = self._traced.predict

    def latency(self) -> tuple[float, float]:
        """Return median and 95th percentile of a prediction, in milliseconds."""
        if self._traced.latency is None:
            self._traced.latency = predictor_latency(self.predict)
        return self._traced.latency

    def trainer(self) -> Stepping | Fitting:
        """Return what trains the model from its initial state."""
        known = self._kept.take(self._structure)
        self._traced.configuration = self._configuration.name
        if known is not None and isinstance(known.trainer, Stepping):
            if known.trainer.model is not self.model:
                known.trainer.begin_as(self.model)
            return known.trainer
        make = Stepping if self._structure else Fitting
        self._traced.trainer = make(self.model)
        return self._traced.trainer

    def keep(self) -> None:
        """Offer what was traced to later trials; the training is over."""
        if self._structure:
            self._kept.keep(self._structure, self._traced)

    def _structure_if_known(self) -> str | None:
        """Return a name of what is traced, where we know all that a step does."""
        if not can_step(self.model):
            return None
        return f"{structure_of(self.model)} {self._configuration.place}"


def _numbers(traced: Traced) -> int:
    """Return how many numbers the weights of a model are."""
    return 0 if traced.trainer is None else int(traced.trainer.model.count_params())
