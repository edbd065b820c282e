"""The numbers of a model that a traced training step can be told anew.

Tracing writes every Python number into the graph. Those listed here are inputs of the
step instead, so that networks which differ in nothing else share one graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from automl_search_spaces.blocks.stochastic_depth import StochasticDepth
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.losses import MixedCrossentropy, WeightedCrossentropy

#: By the exact class of a layer or loss. No code of theirs may branch on the number.
_NUMBERS: dict[type, str] = {
    keras.layers.Dropout: "rate",
    StochasticDepth: "rate",
    WeightedCrossentropy: "label_smoothing",
    MixedCrossentropy: "label_smoothing",
}
CLIP = "global_clipnorm"
_OF_OPTIMIZERS = ("weight_decay", CLIP)

#: What all numbers are taken for where only the structure counts.
_ANY = 0.5

_MISSING = object()


class Number(NamedTuple):
    """Where a model keeps a positive number.

    Attributes:
        owner: Layer, loss or optimizer.
        name: Attribute.
    """

    owner: Any
    name: str

    @property
    def value(self) -> float:
        """What the number is."""
        return float(getattr(self.owner, self.name))


class GivenRate(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that is told the rate of every step."""

    value = 0.0

    def __call__(self, step: Any) -> Any:
        """Return the rate of the step that is being traced."""
        return self.value

    def get_config(self) -> dict[str, Any]:
        """Return nothing: what rates it is told is not structure."""
        return {}


def numbers_of(model: keras.Model) -> list[Number]:
    """Return the numbers of a compiled model, in the same order for equal structures.

    Zero is structure: a layer that does nothing is left out of the graph.
    """
    owners = [*model._flatten_layers(include_self=False), model.loss]
    found = [Number(x, _NUMBERS[type(x)]) for x in owners if type(x) in _NUMBERS]
    found += [Number(model.optimizer, name) for name in _OF_OPTIMIZERS]
    return [number for number in found if _is_adjustable(number)]


def structure_of(model: keras.Model) -> str:
    """Return a hash that compiled models share if one graph serves to train them."""
    same = [(number.owner, number.name, _ANY) for number in numbers_of(model)]
    same.append((model.optimizer, "_learning_rate", GivenRate()))
    with replaced(same):
        return architecture_identity(model)


@contextmanager
def told(numbers: Sequence[Number], values: Sequence[Any]) -> Iterator[None]:
    """Have a model read tensors in place of its numbers while it is traced."""
    pairs = zip(numbers, values, strict=True)
    with replaced([_replacement(number, value) for number, value in pairs]):
        yield


def _is_adjustable(number: Number) -> bool:
    if getattr(number.owner, "noise_shape", None) is not None:
        return False
    value = getattr(number.owner, number.name)
    return isinstance(value, float) and value > 0


def _replacement(number: Number, value: Any) -> tuple[Any, str, Any]:
    """Return which attribute to replace by what.

    Keras branches on two of the numbers: dropout is done here, and the global norm is
    clipped by whoever takes the step.
    """
    if isinstance(number.owner, keras.layers.Dropout):
        return number.owner, "call", partial(_drop, number.owner, value)
    return number.owner, number.name, None if number.name == CLIP else value


def _drop(layer: Any, rate: Any, inputs: Any, training: bool = False) -> Any:
    """Do what a dropout layer does, of a rate that is a tensor."""
    if not training:
        return inputs
    shape, seed = tf.shape(inputs), layer.seed_generator
    draw = keras.random.uniform(shape, dtype=inputs.dtype, seed=seed)
    rate = tf.cast(rate, inputs.dtype)
    return tf.where(draw >= rate, inputs / (1 - rate), tf.zeros_like(inputs))


@contextmanager
def replaced(attributes: Sequence[tuple[Any, str, Any]]) -> Iterator[None]:
    """Give objects other attributes for a while, unnoticed by Keras's trackers."""
    before = [(x, name, vars(x).get(name, _MISSING)) for x, name, _ in attributes]
    try:
        for owner, name, value in attributes:
            object.__setattr__(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            if value is _MISSING:
                object.__delattr__(owner, name)
            else:
                object.__setattr__(owner, name, value)
