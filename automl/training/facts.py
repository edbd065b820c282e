"""What a built model is and costs, and whether that is allowed."""

from __future__ import annotations

from typing import Any

import keras

from automl.training.assignment import (
    Limits,
    ModelCost,
    ModelFacts,
    TrialSkippedError,
)
from automl.training.latency import measure_latency
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.inference import inference_model

_BYTES_PER_PARAMETER = 4


def model_cost(model: keras.Model, architecture: str) -> ModelCost:
    """Return what a model costs, from its graph alone."""
    params = count_parameters(model)
    return ModelCost(
        architecture=architecture,
        params=params,
        macs=count_macs(model).total,
        size_mb=_BYTES_PER_PARAMETER * params / 1e6,
    )


def check_limits(cost: ModelCost, limits: Limits) -> None:
    """Refuse a model that exceeds what can be known before it runs.

    Raises:
        TrialSkippedError: With the figure and the limit.
    """
    for value, limit, text in (
        (
            cost.params,
            limits.max_params,
            "{:,.0f} parameters, more than --max-params {:,.0f}",
        ),
        (cost.macs, limits.max_macs, "{:,.0f} MACs, more than --max-macs {:,.0f}"),
        (
            cost.size_mb,
            limits.max_size_mb,
            "{:.3g} MB of weights, more than --max-size {:.3g}",
        ),
        (
            cost.macs,
            limits.max_training_macs,
            "{:,.0f} MACs: its full training would not fit the budget, "
            "which allows {:,.0f}",
        ),
    ):
        if limit is not None and value > limit:
            raise TrialSkippedError(text.format(value, limit))


def model_facts(model: keras.Model, batch_size: int, limits: Limits) -> ModelFacts:
    """Measure a model that is within the limits known so far.

    Raises:
        TrialSkippedError: If its latency exceeds the limit.
    """
    median, high = measure_latency(inference_model(model))
    if limits.max_latency_ms is not None and median > limits.max_latency_ms:
        raise TrialSkippedError(
            f"{median:.3g} ms a sample, more than --max-latency "
            f"{limits.max_latency_ms:.3g}"
        )
    return ModelFacts(
        identity=f"{architecture_identity(model)}-{batch_size}",
        latency_ms=median,
        latency_p95_ms=high,
        optimizer=model.optimizer.name,
        learning_rate=peak_learning_rate(model.optimizer),
    )


def peak_learning_rate(optimizer: Any) -> float:
    """Return the highest learning rate that the optimizer's schedule reaches."""
    config = optimizer.get_config()["learning_rate"]
    if isinstance(config, dict):
        schedule = config["config"]
        config = schedule.get("warmup_target") or schedule["initial_learning_rate"]
    return float(config)
