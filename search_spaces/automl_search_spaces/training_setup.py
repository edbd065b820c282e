"""How a network is trained: optimizer, learning-rate schedule, loss."""

from __future__ import annotations

from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.losses import loss_of

_WARM_UP_SHARE = 0.05

#: Parameters that are not pulled towards zero: to do so only disturbs the scale.
_NOT_DECAYED = ["bias", "gamma", "beta"]


def compile_network(
    model: keras.Model, spec: DataSpec, values: Values, *, max_epochs: int
) -> None:
    """Compile `model` for the targets of the task.

    Classifiers log `accuracy` in training; other metrics come from predictions.

    Args:
        model: From raw samples to probabilities or targets.
        spec: The data; its number of training samples sets the schedule.
        values: The value of every dimension.
        max_epochs: Epochs of a full training, over which the schedule runs.
    """
    model.compile(
        optimizer=_optimizer(spec, values, max_epochs),
        loss=loss_of(spec, values),
        metrics=_metrics(spec),
        # On a CPU compiling costs more than it saves in a trial.
        jit_compile=False,
    )


def _metrics(spec: DataSpec) -> list[Any]:
    if spec.task != "classification":
        return []
    return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]


def _optimizer(spec: DataSpec, values: Values, max_epochs: int) -> Any:
    """Return the optimizer with its schedule and, where it has one, its decay."""
    steps = max_epochs * max(1, spec.num_train // values["batch_size"])
    rate = _learning_rate(values, steps)
    kind = values["optimizer"]
    if kind == "adam":
        return keras.optimizers.Adam(rate)
    if kind == "rmsprop":
        return keras.optimizers.RMSprop(rate)
    if kind == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=values["weight_decay"])
    else:
        optimizer = keras.optimizers.SGD(
            rate,
            momentum=values["momentum"],
            nesterov=values["nesterov"],
            weight_decay=values["weight_decay_sgd"],
        )
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer


def peak_learning_rate(values: Values) -> float:
    """Return the highest learning rate of the schedule."""
    name = "learning_rate_sgd" if values["optimizer"] == "sgd" else "learning_rate"
    return float(values[name])


def _learning_rate(values: Values, steps: int) -> Any:
    """Return a rate, or a cosine from it to zero after a short warm-up.

    Source: Loshchilov & Hutter (2017), arXiv:1608.03983.
    """
    rate = peak_learning_rate(values)
    if values["schedule"] == "constant":
        return rate
    warm_up = max(1, round(_WARM_UP_SHARE * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=rate / 10,
        decay_steps=max(1, steps - warm_up),
        warmup_target=rate,
        warmup_steps=warm_up,
    )
