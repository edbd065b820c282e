"""What a built model is and costs, and whether that is allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from automl.training.assignment import (
    ModelCost,
    ModelFacts,
)
from automl.training.errors import TrialSkippedError
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.limits import (
    BYTES_PER_PARAMETER,
    Figures,
    Limits,
    excess,
    predict,
)


def model_cost(model: keras.Model, architecture: str) -> ModelCost:
    """Return what a model costs, from its graph alone."""
    params, macs = count_parameters(model), count_macs(model)
    return ModelCost(
        architecture=architecture,
        params=params,
        macs=macs.total,
        size_mb=BYTES_PER_PARAMETER * params / 1e6,
        unknown_layers=list(macs.unknown_layers),
    )


def check_limits(cost: ModelCost, limits: Limits) -> None:
    """Refuse a model that exceeds what can be known before it runs.

    Raises:
        TrialSkippedError: With the figure and the limit.
    """
    _refuse(excess(Figures(cost.params, cost.macs), limits))


def check_training(model: keras.Model, batch_size: int, limits: Limits) -> None:
    """Refuse a model whose training would take too much memory or time.

    Raises:
        TrialSkippedError: With the figure and the limit.
    """
    # What is measured decides about the latency, not what was predicted.
    known = replace(limits, max_latency_ms=None)
    _refuse(excess(predict(model, batch_size, known), known))


def check_latency(milliseconds: float, limits: Limits) -> None:
    """Refuse a model that predicts too slowly.

    Raises:
        TrialSkippedError: With the figure and the limit.
    """
    if limits.max_latency_ms is not None and milliseconds > limits.max_latency_ms:
        _refuse(
            f"{milliseconds:.3g} ms a sample, more than --max-latency "
            f"{limits.max_latency_ms:.3g}"
        )


def model_facts(
    model: keras.Model, batch_size: int, latency: tuple[float, float]
) -> ModelFacts:
    """Return what else is known of a compiled model.

    Args:
        model: As the space built it.
        batch_size: Samples of a training step.
        latency: Median and 95th percentile of a prediction, in milliseconds.
    """
    median, high = latency
    return ModelFacts(
        identity=f"{architecture_identity(model)}-{batch_size}",
        latency_ms=median,
        latency_p95_ms=high,
        optimizer=_kind_of(model.optimizer),
        learning_rate=peak_learning_rate(model.optimizer),
    )


def _refuse(reason: str) -> None:
    """Skip the trial if there is a reason to."""
    if reason:
        raise TrialSkippedError(reason)


def _kind_of(optimizer: Any) -> str:
    """Return an optimizer's kind, such as `adamw`; its name counts up by session."""
    return type(_unwrapped(optimizer)).__name__.lower()


def peak_learning_rate(optimizer: Any) -> float:
    """Return the highest learning rate that the optimizer's schedule reaches."""
    config = _unwrapped(optimizer).get_config()["learning_rate"]
    if isinstance(config, dict):
        schedule = config["config"]
        if "values" in schedule:
            return float(max(schedule["values"]))
        config = schedule.get("warmup_target") or schedule["initial_learning_rate"]
    return float(config)


def _unwrapped(optimizer: Any) -> Any:
    """Return an optimizer without the one that scales the loss in mixed precision."""
    return getattr(optimizer, "inner_optimizer", optimizer)
