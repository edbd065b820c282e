"""The hyperparameters of the space, conditional where they are conditional.

Every hyperparameter that is active changes the model or its training; a dimension
of which the data leaves one value only is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.bounds import DENSE_UNITS, GROWTHS, Bounds, batch_sizes

Values = Mapping[str, Any]


def declare(
    hp: keras_tuner.HyperParameters, spec: DataSpec, bounds: Bounds
) -> dict[str, Any]:
    """Declare every hyperparameter and return the values of the active ones.

    Args:
        hp: Container; values it holds already are kept.
        spec: The data.
        bounds: The ranges.
    """
    values = _fixed(spec, bounds)
    _declare_blocks(hp, bounds)
    _declare_shape(hp, bounds)
    _declare_head(hp)
    _declare_optimizer(hp)
    _declare_schedule(hp, spec)
    _declare_augmentation(hp, spec)
    values.update(active_values(hp))
    return values


def active_values(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Return the values of the active hyperparameters, in order of declaration."""
    return {h.name: hp.values[h.name] for h in hp.space if hp.is_active(h)}


def _fixed(spec: DataSpec, bounds: Bounds) -> dict[str, Any]:
    """Return the value of each dimension that the data may leave without a choice."""
    return {
        "block": bounds.blocks[0],
        "stages": bounds.max_stages,
        "repeats": 1,
        "growth": 1.0,
        "kernel_size": bounds.kernels[0],
        "pooling": bounds.pooling[0],
        "batch_size": batch_sizes(spec.num_train)[0],
        "augmentation": "none",
    }


def _choose(hp: Any, name: str, options: Sequence[Any], default: Any) -> None:
    """Declare a choice if there is one."""
    if len(options) > 1:
        known = default if default in options else options[len(options) // 2]
        hp.Choice(name, list(options), default=known)


def _declare_blocks(hp: Any, bounds: Bounds) -> None:
    _choose(hp, "block", bounds.blocks, "plain")
    if len(bounds.blocks) == 1:
        BLOCKS[bounds.blocks[0]].declare(hp, bounds)
        return
    for name in bounds.blocks:
        with hp.conditional_scope("block", [name]):
            BLOCKS[name].declare(hp, bounds)


def _declare_shape(hp: Any, bounds: Bounds) -> None:
    stages = bounds.max_stages
    if stages > 2:
        hp.Int("stages", 2, stages, default=min(3, stages))
    if bounds.max_repeats > 1:
        hp.Int("repeats", 1, bounds.max_repeats, default=min(2, bounds.max_repeats))
    _choose(hp, "filters", bounds.widths, bounds.default_width)
    if stages > 1:
        hp.Choice("growth", list(GROWTHS), default=2.0)
    _choose(hp, "kernel_size", bounds.kernels, 3)
    _choose(hp, "pooling", bounds.pooling, "max")
    hp.Choice("normalization", ["batch", "layer", "none"], default="batch")
    hp.Choice("activation", ["relu", "elu", "silu", "gelu", "tanh"], default="relu")


def _declare_head(hp: Any) -> None:
    hp.Choice("head", ["gap", "dense"], default="gap")
    with hp.conditional_scope("head", ["dense"]):
        hp.Int("dense_layers", 1, 2, default=1)
        hp.Choice("dense_units", list(DENSE_UNITS), default=120)
    hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.0)


def _declare_optimizer(hp: Any) -> None:
    """Declare the optimizers, each with its own range of rates and decays.

    Keras multiplies weight decay by the learning rate, hence the larger decays with
    the smaller rates of AdamW.
    """
    hp.Choice("optimizer", ["sgd", "adam", "adamw", "rmsprop"], default="adam")
    with hp.conditional_scope("optimizer", ["sgd"]):
        hp.Float("learning_rate_sgd", 5e-3, 0.5, sampling="log", default=0.05)
        hp.Choice("momentum", [0.8, 0.9, 0.95], default=0.9)
        hp.Boolean("nesterov", default=True)
        hp.Float("weight_decay_sgd", 1e-5, 5e-3, sampling="log", default=5e-4)
    with hp.conditional_scope("optimizer", ["adam", "adamw", "rmsprop"]):
        hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=2e-3)
    with hp.conditional_scope("optimizer", ["adamw"]):
        hp.Float("weight_decay", 1e-4, 0.2, sampling="log", default=0.02)


def _declare_schedule(hp: Any, spec: DataSpec) -> None:
    hp.Choice("schedule", ["constant", "cosine"], default="cosine")
    _choose(hp, "batch_size", batch_sizes(spec.num_train), 64)


def _declare_augmentation(hp: Any, spec: DataSpec) -> None:
    families = families_by_strength(spec)
    _choose(hp, "augmentation", ["none", *families], "light")
    for family in dict.fromkeys(families.values()):
        with hp.conditional_scope("augmentation", list(family.strengths)):
            family.declare(hp, spec)
