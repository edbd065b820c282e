"""How a network is trained, as dimensions."""

from __future__ import annotations

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.augmentations.mixing import declare_mixing
from automl_search_spaces.bounds import batch_sizes
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.imbalance import MILD, imbalance


def declare_training(
    declaration: Declaration, spec: DataSpec, *, balanced: bool
) -> None:
    """Declare optimizer, schedule, batch size, augmentation and the loss's settings."""
    _declare_optimizer(declaration)
    _declare_schedule(declaration, spec)
    _declare_step(declaration)
    _declare_augmentation(declaration, spec)
    _declare_loss(declaration, spec, balanced)


def _declare_optimizer(declaration: Declaration) -> None:
    """Declare the optimizers, each with its own range of rates and decays.

    Keras multiplies weight decay by the learning rate, hence the larger decays with
    the smaller rates of AdamW and Lion. Lion's steps are of one size whatever the
    gradient: its authors use 3 to 10 times smaller rates and larger decays than of
    AdamW.

    Source: Chen et al. (2023), Lion, arXiv:2302.06675, section 5.
    """
    names = ["sgd", "adam", "adamw", "rmsprop", "nadam", "lion"]
    declaration.choice("optimizer", names, "adam")
    with declaration.when("optimizer", ["sgd"]):
        declaration.number("learning_rate_sgd", 5e-3, 0.5, 0.05, logarithmic=True)
        declaration.choice("momentum", [0.8, 0.9, 0.95], 0.9)
        declaration.flag("nesterov", default=True)
        declaration.number("weight_decay_sgd", 1e-5, 5e-3, 5e-4, logarithmic=True)
    with declaration.when("optimizer", ["adam", "adamw", "rmsprop", "nadam"]):
        declaration.number("learning_rate", 1e-4, 1e-2, 2e-3, logarithmic=True)
    with declaration.when("optimizer", ["adamw"]):
        declaration.number("weight_decay", 1e-4, 0.2, 0.02, logarithmic=True)
    with declaration.when("optimizer", ["lion"]):
        declaration.number("learning_rate_lion", 2e-5, 1e-3, 3e-4, logarithmic=True)
        declaration.number("weight_decay_lion", 1e-3, 1.0, 0.1, logarithmic=True)


def _declare_schedule(declaration: Declaration, spec: DataSpec) -> None:
    schedules = ["constant", "cosine", "one_cycle", "step"]
    declaration.choice("schedule", schedules, "cosine")
    declaration.choice("batch_size", batch_sizes(spec.num_train), 64)


def _declare_step(declaration: Declaration) -> None:
    """Declare what is done to gradients before a step, and to weights after it.

    Source: Pascanu et al. (2013), arXiv:1211.5063, clipping of the global norm.
    """
    declaration.choice("gradient_clipping", ["none", "norm"], "none")
    with declaration.when("gradient_clipping", ["norm"]):
        declaration.number("clip_norm", 0.5, 5.0, 1.0, logarithmic=True)
    declaration.flag("weight_averaging", default=False)


def _declare_augmentation(declaration: Declaration, spec: DataSpec) -> None:
    families = families_by_strength(spec)
    declaration.choice("augmentation", ["none", *families], "light")
    for family in dict.fromkeys(families.values()):
        with declaration.when("augmentation", list(family.strengths)):
            family.declare(declaration, spec)
    declare_mixing(declaration, spec, list(families))


def _declare_loss(declaration: Declaration, spec: DataSpec, balanced: bool) -> None:
    """Declare `class_weights` where classes are unequal, and `label_smoothing`."""
    if imbalance(spec) > MILD:
        default = "balanced" if balanced else "none"
        declaration.choice("class_weights", ["none", "balanced"], default)
    if spec.task == "classification":
        declaration.choice("label_smoothing", [0.0, 0.05, 0.1], 0.0)
