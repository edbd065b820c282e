"""How a network is trained, as dimensions."""

from __future__ import annotations

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.bounds import batch_sizes
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.imbalance import MILD, imbalance


def declare_training(
    declaration: Declaration, spec: DataSpec, *, balanced: bool
) -> None:
    """Declare optimizer, schedule, batch size, augmentation and class weights."""
    _declare_optimizer(declaration)
    _declare_schedule(declaration, spec)
    _declare_augmentation(declaration, spec)
    _declare_class_weights(declaration, spec, balanced)


def _declare_optimizer(declaration: Declaration) -> None:
    """Declare the optimizers, each with its own range of rates and decays.

    Keras multiplies weight decay by the learning rate, hence the larger decays with
    the smaller rates of AdamW.
    """
    declaration.choice("optimizer", ["sgd", "adam", "adamw", "rmsprop"], "adam")
    with declaration.when("optimizer", ["sgd"]):
        declaration.number("learning_rate_sgd", 5e-3, 0.5, 0.05, logarithmic=True)
        declaration.choice("momentum", [0.8, 0.9, 0.95], 0.9)
        declaration.flag("nesterov", default=True)
        declaration.number("weight_decay_sgd", 1e-5, 5e-3, 5e-4, logarithmic=True)
    with declaration.when("optimizer", ["adam", "adamw", "rmsprop"]):
        declaration.number("learning_rate", 1e-4, 1e-2, 2e-3, logarithmic=True)
    with declaration.when("optimizer", ["adamw"]):
        declaration.number("weight_decay", 1e-4, 0.2, 0.02, logarithmic=True)


def _declare_schedule(declaration: Declaration, spec: DataSpec) -> None:
    declaration.choice("schedule", ["constant", "cosine"], "cosine")
    declaration.choice("batch_size", batch_sizes(spec.num_train), 64)


def _declare_augmentation(declaration: Declaration, spec: DataSpec) -> None:
    families = families_by_strength(spec)
    declaration.choice("augmentation", ["none", *families], "light")
    for family in dict.fromkeys(families.values()):
        with declaration.when("augmentation", list(family.strengths)):
            family.declare(declaration, spec)


def _declare_class_weights(
    declaration: Declaration, spec: DataSpec, balanced: bool
) -> None:
    """Declare `class_weights` where classes are unequal."""
    if imbalance(spec) > MILD:
        default = "balanced" if balanced else "none"
        declaration.choice("class_weights", ["none", "balanced"], default)
