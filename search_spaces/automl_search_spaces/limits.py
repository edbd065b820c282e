"""What a network must not exceed, and which of it one does.

The search asks before it proposes a network, and a worker asks again before it trains
one: both by the same figures and in the same words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import keras

from automl_search_spaces.cost import LayerCost, layer_costs
from automl_search_spaces.memory import training_bytes
from automl_search_spaces.pace import Pace, training_work

BYTES_PER_PARAMETER = 4

#: A predicted latency may be wrong by this factor; what is measured decides.
LATENCY_FACTOR = 1.5


@dataclass(frozen=True)
class Limits:
    """What a model must not exceed; `None` for no limit.

    Attributes:
        max_params: Parameters.
        max_macs: Multiply-accumulates, as the user asked.
        max_size_mb: Size of the weights, in 10^6 bytes.
        max_latency_ms: Median latency at batch size 1.
        max_training_bytes: Memory of a training step.
        max_sample_seconds: Predicted time of a training step, divided by its samples,
            at which a full training just fits the budget.
        pace: How fast this machine trains and predicts; without it nothing is
            predicted.
    """

    max_params: int | None = None
    max_macs: int | None = None
    max_size_mb: float | None = None
    max_latency_ms: float | None = None
    max_training_bytes: int | None = None
    max_sample_seconds: float | None = None
    pace: Pace | None = None

    def surely_kept(self, most_macs: float, batch_size: int) -> bool:
        """Whether every limit is kept for certain by so few multiply-accumulates.

        Of the others only memory can be told without the graph: what a gradient
        needs took one product at least to compute.

        Args:
            most_macs: Most multiply-accumulates that the network may have.
            batch_size: Samples of a training step.
        """
        others = (self.max_params, self.max_size_mb, self.max_latency_ms)
        if any(n is not None for n in (*others, self.max_sample_seconds)):
            return False
        if most_macs > (self.max_macs or math.inf):
            return False
        most_bytes = BYTES_PER_PARAMETER * most_macs * batch_size
        return most_bytes <= (self.max_training_bytes or math.inf)

    def within(self, *, max_params: int | None, max_macs: int | None) -> Limits:
        """Return the limits with those of a space.

        Multiply-accumulates that stand for the time of a training do not count where
        that time is predicted.

        Args:
            max_params: Parameters that the space allows.
            max_macs: Multiply-accumulates that the ranges of the space are for.
        """
        if self.max_sample_seconds is not None:
            max_macs = None
        return replace(
            self,
            max_params=_least(self.max_params, max_params),
            max_macs=_least(self.max_macs, max_macs),
        )


#: Whatever the network.
NO_LIMITS = Limits()


@dataclass(frozen=True)
class Figures:
    """What is known or predicted of a network; 0 for what is not.

    Attributes:
        params: Parameters.
        macs: Multiply-accumulates of a forward pass of one sample, as far as they are
            known: no network is refused for what nobody counted.
        training_bytes: Memory of a training step.
        sample_seconds: Predicted time of a training step, divided by its samples.
        latency_ms: Predicted time of one prediction.
    """

    params: int
    macs: int
    training_bytes: int = 0
    sample_seconds: float = 0.0
    latency_ms: float = 0.0

    @property
    def size_mb(self) -> float:
        """Size of the weights in float32, in 10^6 bytes."""
        return BYTES_PER_PARAMETER * self.params / 1e6


def predict(network: keras.Model, batch_size: int, limits: Limits) -> Figures:
    """Return the figures of a network from its graph; it may be without weights.

    Args:
        network: Functional, compiled or not.
        batch_size: Samples of a training step.
        limits: The machine's pace is in it.

    Raises:
        SpaceError: If the network has no graph of layers.
    """
    return _figures(layer_costs(network), batch_size, limits.pace)


def _figures(
    rows: tuple[LayerCost, ...], batch_size: int, pace: Pace | None
) -> Figures:
    figures = Figures(
        params=sum(row.params for row in rows),
        macs=sum(row.macs or 0 for row in rows),
        training_bytes=training_bytes(rows, batch_size),
    )
    if pace is None:
        return figures
    return Figures(
        figures.params,
        figures.macs,
        figures.training_bytes,
        pace.step_seconds(training_work(rows, batch_size)) / batch_size,
        1e3 * pace.latency_seconds(rows),
    )


def excess(figures: Figures, limits: Limits) -> str:
    """Return which limit a network exceeds, with both figures; empty if none.

    Example:
        >>> excess(Figures(params=1200, macs=5), Limits(max_params=1000))
        '1,200 parameters, more than --max-params 1,000'
    """
    latency = (limits.max_latency_ms or math.inf) * LATENCY_FACTOR
    for value, limit, text in (
        (
            figures.params,
            limits.max_params,
            "{:,.0f} parameters, more than --max-params {:,.0f}",
        ),
        (figures.macs, limits.max_macs, "{:,.0f} MACs, more than --max-macs {:,.0f}"),
        (
            figures.size_mb,
            limits.max_size_mb,
            "{:.3g} MB of weights, more than --max-size {:.3g}",
        ),
        (
            figures.training_bytes / 1e6,
            _megabytes(limits.max_training_bytes),
            "its training would take about {:,.0f} MB of memory, and a worker has "
            "{:,.0f} MB left",
        ),
        (
            1e3 * figures.sample_seconds,
            _milliseconds(limits.max_sample_seconds),
            "about {:.3g} ms of training a sample: its full training would not fit "
            "the budget, which allows {:.3g}",
        ),
        (
            figures.latency_ms,
            latency,
            "about {:.3g} ms a sample, much more than --max-latency allows, which "
            "ends at {:.3g} with the error of the prediction",
        ),
    ):
        if limit is not None and value > limit:
            return text.format(value, limit)
    return ""


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _megabytes(limit: int | None) -> float | None:
    return None if limit is None else limit / 1e6


def _milliseconds(limit: float | None) -> float | None:
    return None if limit is None else 1e3 * limit
