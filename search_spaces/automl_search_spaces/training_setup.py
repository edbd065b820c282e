"""How a network is trained: optimizer, learning-rate schedule, loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.losses import MixedCrossentropy, loss_of

_WARM_UP_SHARE = 0.05

#: Share of a one-cycle training in which the rate rises, and where it rises from.
_RISE_SHARE, _RISE_FACTOR = 0.3, 25

#: Weights are averaged over this share of an epoch, so that even the first epoch's
#: average has forgotten the initial weights, and over this share of a training at
#: least: where epochs have few steps.
_AVERAGED_EPOCH, _AVERAGED_TRAINING = 0.25, 0.01

#: Parameters that are not pulled towards zero: to do so only disturbs the scale. What
#: the names of variables contain, with those of the layers that they belong to.
_NOT_DECAYED = ["bias", "gamma", "beta", "layer_scale"]


@dataclass(frozen=True)
class _Optimizer:
    """An optimizer of Keras, and which dimensions are its arguments.

    Attributes:
        make: Its class.
        rate: The dimension with its peak learning rate.
        settings: By argument, the dimension with its value.
    """

    make: Any
    rate: str = "learning_rate"
    settings: Mapping[str, str] = field(default_factory=dict)


_OPTIMIZERS: Mapping[str, _Optimizer] = {
    "sgd": _Optimizer(
        keras.optimizers.SGD,
        "learning_rate_sgd",
        {
            "momentum": "momentum",
            "nesterov": "nesterov",
            "weight_decay": "weight_decay_sgd",
        },
    ),
    "adam": _Optimizer(keras.optimizers.Adam),
    "adamw": _Optimizer(
        keras.optimizers.AdamW, settings={"weight_decay": "weight_decay"}
    ),
    "rmsprop": _Optimizer(keras.optimizers.RMSprop),
    "nadam": _Optimizer(keras.optimizers.Nadam),
    "lion": _Optimizer(
        keras.optimizers.Lion,
        "learning_rate_lion",
        {"weight_decay": "weight_decay_lion"},
    ),
}


def compile_network(
    model: keras.Model,
    spec: DataSpec,
    values: Values,
    *,
    max_epochs: int,
    num_samples: int,
) -> None:
    """Compile `model` for the targets of the task.

    Classifiers log `accuracy` in training; other metrics come from predictions.

    Args:
        model: From raw samples to probabilities or targets.
        spec: The data.
        values: The value of every dimension.
        max_epochs: Epochs of a full training, over which the schedule runs.
        num_samples: Samples of an epoch.
    """
    loss = loss_of(spec, values)
    model.compile(
        optimizer=_optimizer(values, max_epochs, num_samples),
        loss=loss,
        metrics=_metrics(spec, loss),
        # On a CPU compiling costs more than it saves in a trial.
        jit_compile=False,
    )


def peak_learning_rate(values: Values) -> float:
    """Return the highest learning rate of the schedule."""
    return float(values[_OPTIMIZERS[values["optimizer"]].rate])


def _metrics(spec: DataSpec, loss: Any) -> list[Any]:
    if spec.task != "classification":
        return []
    if isinstance(loss, MixedCrossentropy):
        return [keras.metrics.CategoricalAccuracy(name="accuracy")]
    return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]


def _optimizer(values: Values, max_epochs: int, num_samples: int) -> Any:
    """Return the optimizer with its schedule, clipping and averaging of weights."""
    epoch_steps = max(1, num_samples // values["batch_size"])
    steps = max_epochs * epoch_steps
    kind = _OPTIMIZERS[values["optimizer"]]
    settings = {name: values[dimension] for name, dimension in kind.settings.items()}
    if values.get("gradient_clipping", "none") != "none":
        settings["global_clipnorm"] = values["clip_norm"]
    if values.get("weight_averaging", False):
        settings |= {"use_ema": True, "ema_momentum": _momentum(epoch_steps, steps)}
    optimizer = kind.make(_learning_rate(values, steps), **settings)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer


def _momentum(epoch_steps: int, steps: int) -> float:
    """Return how much of an average of weights is kept in a step.

    Source: Polyak & Juditsky (1992), SIAM J. Control Optim. 30(4), for averaging.
    """
    averaged = max(2.0, _AVERAGED_EPOCH * epoch_steps, _AVERAGED_TRAINING * steps)
    return 1.0 - 1.0 / averaged


def _learning_rate(values: Values, steps: int) -> Any:
    """Return a rate, or a schedule over the steps of a full training.

    `cosine` falls to zero after a short warm-up. `one_cycle` rises for 0.3 of the
    training from a 25th of the rate, then falls to zero; the momentum stays. `step`
    falls by 10 after a half and after three quarters.

    Source: Loshchilov & Hutter (2017), arXiv:1608.03983, cosine; Smith & Topin
        (2018), arXiv:1708.07120, one cycle; He et al. (2016), arXiv:1512.03385,
        section 4.2, steps at 32 000 and 48 000 of 64 000.
    """
    rate = peak_learning_rate(values)
    if values["schedule"] == "constant":
        return rate
    if values["schedule"] == "step":
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            [steps // 2, 3 * steps // 4], [rate, rate / 10, rate / 100]
        )
    if values["schedule"] == "one_cycle":
        return _rise_and_fall(rate, rate / _RISE_FACTOR, steps, share=_RISE_SHARE)
    return _rise_and_fall(rate, rate / 10, steps, share=_WARM_UP_SHARE)


def _rise_and_fall(rate: float, first: float, steps: int, *, share: float) -> Any:
    """Return a schedule that rises on a line and falls to zero on a cosine."""
    rise = max(1, round(share * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=first,
        decay_steps=max(1, steps - rise),
        warmup_target=rate,
        warmup_steps=rise,
    )
