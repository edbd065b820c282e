"""Search strategies: what to try next, and for how many epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras_tuner


def make_oracle(
    hyperparameters: keras_tuner.HyperParameters,
    objective: keras_tuner.Objective | Sequence[keras_tuner.Objective],
    max_epochs: int,
    seed: int,
    landmarks: Sequence[Mapping[str, Any]] | None = None,
) -> keras_tuner.Oracle:
    """Return the default strategy as a KerasTuner oracle.

    It asks for partial training with the values `tuner/initial_epoch` and
    `tuner/epochs` of a trial, as KerasTuner's Hyperband does.

    Args:
        hyperparameters: The space.
        objective: What to make large or small. Of several, as a list or as KerasTuner's
            `MultiObjective`, the first is the score that is known for each epoch; the
            others are what a network costs. Their Pareto front is looked for.
        max_epochs: Epochs of a full training.
        seed: Seed of every draw.
        landmarks: Complete sets of values to try first.
    """
    from automl.oracles.registry import make_oracle as make_by_name  # late: is heavy

    return make_by_name(
        "auto",
        hyperparameters,
        objective,
        max_epochs=max_epochs,
        seed=seed,
        landmarks=landmarks or (),
    )
