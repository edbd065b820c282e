"""Asking a strategy and telling it what came of it."""

from collections.abc import Callable
from typing import Any

import keras_tuner

from automl.oracles.registry import make_oracle

OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")
LANDMARKS = [{"rate": 0.01, "kind": "a"}, {"rate": 0.02, "kind": "b"}]
MAX_EPOCHS = 9


def space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Choice("kind", ["a", "b", "c"])
    return hp


def oracle_of(strategy: str, seed: int = 0, **options: Any) -> Any:
    return make_oracle(
        strategy,
        options.pop("space", None) or space(),
        OBJECTIVE,
        max_epochs=MAX_EPOCHS,
        seed=seed,
        landmarks=options.pop("landmarks", LANDMARKS),
        **options,
    )


def run(
    oracle: Any,
    number: int,
    score: Callable[[dict[str, Any]], float | None] = lambda values: values["rate"],
) -> list[dict[str, Any]]:
    """Ask and tell; a score of None is a failure."""
    seen = []
    for _ in range(number):
        trial = oracle.create_trial("worker")
        assert trial.status == "RUNNING"
        values = trial.hyperparameters.values
        seen.append(dict(values))
        result = score(values)
        if result is None:
            oracle.fail_trial(trial.trial_id, "it broke")
        else:
            epochs = values.get("tuner/epochs", MAX_EPOCHS)
            oracle.complete_trial(trial.trial_id, result, epochs=epochs)
    return seen


def searched(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if not k.startswith("tuner/")}


def small_space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    for index in range(3):
        hp.Choice(f"layer{index}", ["0", "1", "2"])
    return hp


def layers(values: dict[str, Any]) -> tuple[str, ...]:
    return tuple(values[f"layer{index}"] for index in range(3))
