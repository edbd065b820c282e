"""The hyperparameters of the space, conditional where they are conditional.

Every hyperparameter that is active changes the model or its training; a dimension
of which the data leaves one value only is not declared. Where two representations
allow for different ranges, the later one has a dimension of its own, called
`<name>_<representation>`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.bounds import DENSE_UNITS, GROWTHS, Bounds, batch_sizes
from automl_search_spaces.budget import default_stages
from automl_search_spaces.imbalance import MILD, imbalance
from automl_search_spaces.representations.catalog import REPRESENTATIONS

Values = Mapping[str, Any]

#: The ranges by representation, the usual one first.
Ranges = Mapping[str, Bounds]

#: Ways of making one vector of all positions, by kind; the usual one first.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "image": ("gap", "dense"),
    "series": ("gap", "gmp", "dense"),
    "audio": ("gap", "gmp", "dense"),
    "text": ("gmp", "gap"),
    "volume": ("gap", "dense"),
    "video": ("gap", "dense"),
}


def declare(
    hp: keras_tuner.HyperParameters,
    spec: DataSpec,
    ranges: Ranges,
    *,
    balanced: bool = False,
) -> dict[str, Any]:
    """Declare every hyperparameter and return the value of every dimension.

    Args:
        hp: Container; values it holds already are kept.
        spec: The data.
        ranges: The ranges.
        balanced: Whether class weights are usual where classes are unequal.
    """
    _declare_representations(hp, spec, ranges)
    _declare_blocks(hp, ranges)
    _declare_shape(hp, ranges)
    _declare_head(hp, spec)
    _declare_optimizer(hp)
    _declare_schedule(hp, spec)
    _declare_augmentation(hp, spec)
    _declare_class_weights(hp, spec, balanced)
    active = active_values(hp)
    chosen = active.get("representation", next(iter(ranges)))
    return {
        "representation": chosen,
        **_fixed(spec, ranges[chosen]),
        **{name.removesuffix(f"_{chosen}"): value for name, value in active.items()},
    }


def active_values(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Return the values of the active hyperparameters, in order of declaration."""
    return {h.name: hp.values[h.name] for h in hp.space if hp.is_active(h)}


def _fixed(spec: DataSpec, bounds: Bounds) -> dict[str, Any]:
    """Return the value of each dimension that the data may leave without a choice."""
    return {
        "block": bounds.blocks[0],
        "stages": bounds.max_stages,
        "repeats": 1,
        "filters": bounds.widths[0],
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


def _count(hp: Any, name: str, low: int, high: int, default: int) -> None:
    """Declare a number if there is a choice."""
    if high > low:
        hp.Int(name, low, high, default=min(default, high))


def _by_representation(
    hp: Any,
    ranges: Ranges,
    name: str,
    options: Callable[[Bounds], Hashable],
    declare_one: Callable[[str, Bounds], None],
) -> None:
    """Declare a dimension once, or once a representation where options differ."""
    first, *others = ranges
    if len({options(bounds) for bounds in ranges.values()}) == 1:
        declare_one(name, ranges[first])
        return
    with hp.conditional_scope("representation", [first]):
        declare_one(name, ranges[first])
    for other in others:
        with hp.conditional_scope("representation", [other]):
            declare_one(f"{name}_{other}", ranges[other])


def _declare_representations(hp: Any, spec: DataSpec, ranges: Ranges) -> None:
    names = list(ranges)
    _choose(hp, "representation", names, names[0])
    if len(names) == 1:
        REPRESENTATIONS[names[0]].declare(hp, spec)
        return
    for name in names:
        with hp.conditional_scope("representation", [name]):
            REPRESENTATIONS[name].declare(hp, spec)


def _declare_blocks(hp: Any, ranges: Ranges) -> None:
    """Declare the blocks, the same for all representations, and their own."""
    bounds = next(iter(ranges.values()))
    _choose(hp, "block", bounds.blocks, "plain")
    if len(bounds.blocks) == 1:
        BLOCKS[bounds.blocks[0]].declare(hp, bounds)
        return
    for name in bounds.blocks:
        with hp.conditional_scope("block", [name]):
            BLOCKS[name].declare(hp, bounds)


def _declare_shape(hp: Any, ranges: Ranges) -> None:
    _by_representation(
        hp,
        ranges,
        "stages",
        lambda b: (b.min_stages, b.max_stages),
        lambda name, b: _count(hp, name, b.min_stages, b.max_stages, default_stages(b)),
    )
    _by_representation(
        hp,
        ranges,
        "repeats",
        lambda b: b.max_repeats,
        lambda name, b: _count(hp, name, 1, b.max_repeats, 2),
    )
    _by_representation(
        hp,
        ranges,
        "filters",
        lambda b: (b.widths, b.default_width),
        lambda name, b: _choose(hp, name, b.widths, b.default_width),
    )
    _by_representation(
        hp,
        ranges,
        "kernel_size",
        lambda b: b.kernels,
        lambda name, b: _choose(hp, name, b.kernels, 3),
    )
    _declare_reduction(hp, ranges)
    hp.Choice("normalization", ["batch", "layer", "none"], default="batch")
    hp.Choice("activation", ["relu", "elu", "silu", "gelu", "tanh"], default="relu")


def _declare_reduction(hp: Any, ranges: Ranges) -> None:
    """Declare what happens between stages, if there are several."""

    def declare_growth(name: str, bounds: Bounds) -> None:
        if bounds.max_stages > 1:
            hp.Choice(name, list(GROWTHS), default=2.0)

    def declare_pooling(name: str, bounds: Bounds) -> None:
        _choose(hp, name, bounds.pooling, "max")

    for name, options, declare_one in (
        ("growth", lambda b: b.max_stages > 1, declare_growth),
        ("pooling", lambda b: b.pooling, declare_pooling),
    ):
        bounds = next(iter(ranges.values()))
        if bounds.min_stages == 1 < bounds.max_stages:
            with hp.conditional_scope("stages", list(range(2, bounds.max_stages + 1))):
                declare_one(name, bounds)
        else:
            _by_representation(hp, ranges, name, options, declare_one)


def _declare_head(hp: Any, spec: DataSpec) -> None:
    heads = _HEADS[spec.kind]
    hp.Choice("head", list(heads), default=heads[0])
    if "dense" in heads:
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


def _declare_class_weights(hp: Any, spec: DataSpec, balanced: bool) -> None:
    """Declare `class_weights` where classes are unequal."""
    if imbalance(spec) > MILD:
        default = "balanced" if balanced else "none"
        hp.Choice("class_weights", ["none", "balanced"], default=default)
