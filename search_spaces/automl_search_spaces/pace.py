"""How long training steps and predictions take, told from the graph of a network.

A step is the sum of its work, each kind of it at a price: the calls of layers, the
products of convolutions and dense layers, and the numbers that layers read and write.
The prices are those of one core of a server; how much faster or slower a machine is,
is measured on a few networks before a search, see `paced`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from automl_search_spaces.cost import LayerCost

#: Convolutions compute channels in blocks of so many.
_CHANNEL_BLOCK = 8

#: Seconds of a step that does nothing, of a call of price 1, and of 10^9 units of work.
_STEP_SECONDS, _CALL_SECONDS, _BILLIONTH = 6e-4, 9e-5, 1e-9

#: How kinds of layer begin that do nothing in a prediction.
_TRAINING_ONLY = ("Random", "GaussianNoise", "Dropout", "SpatialDropout", "Stochastic")

#: What a prediction takes of a step: the forward pass alone is a third of the work.
_FORWARD_SHARE = 1 / 3

#: How far one network's measured time may stray from its prediction, and how far the
#: ratio of the two factors from one, as standard deviations of logarithms.
_SPREAD, _RATIO_SPREAD = 0.25, 0.5


class Price(NamedTuple):
    """What a family of layers costs in a training step, forward and backward.

    Attributes:
        kinds: How the kinds of layer that belong to it begin.
        call: Of a call, in calls of a convolution.
        number: Of 10^9 numbers of input and output, in seconds.
        product: Of 10^9 multiply-accumulates of the forward pass, in seconds.
    """

    kinds: tuple[str, ...]
    call: float
    number: float
    product: float = 0.0


#: The first family that holds a layer's kind counts. Prices were fitted to the times of
#: 120 whole networks of all ranks, near what single layers take.
_PRICES = (
    Price(
        ("Reshape", "Flatten", "Squeeze", "ExpandDims", "InputLayer", "Identity"), 0, 0
    ),
    Price(("DepthwiseConv", "SeparableConv"), 1.0, 0.4, 0.15),
    Price(("Conv1D",), 1.0, 0.9, 0.018),
    Price(("Conv2D",), 2.3, 0.5, 0.024),
    Price(("Conv3D",), 1.0, 3.0, 0.014),
    Price(("Conv",), 1.0, 1.0, 0.023),
    Price(("Dense", "EinsumDense"), 0.75, 0.85, 0.03),
    Price(("MelSpectrogram",), 3.0, 1.3, 0.033),
    Price(("BatchNormalization",), 1.3, 0.9),
    Price(("LayerNormalization", "GroupNormalization", "RMSNorm"), 0.8, 3.2),
    Price(("gelu",), 0.5, 2.1),
    Price(("silu", "softplus", "swish"), 0.4, 1.2),
    Price(("Dropout", "SpatialDropout"), 0.65, 2.2),
    Price(("MaxPooling", "GlobalMax", "Max"), 0.2, 1.1),
    Price(("AveragePooling", "GlobalAverage", "Mean", "Sum"), 0.25, 0.4),
    Price(("RandomTranslation", "RandomRotation", "RandomZoom"), 1.5, 3.3),
    Price(("RandomAffine", "RandomWarp"), 1.7, 3.3),
    Price(("GaussianNoise",), 0.5, 6.5),
    Price(("RandomNoise",), 0.4, 0.8),
    Price(("Random",), 0.65, 2.8),
    Price(("Multiply", "Divide", "TrueDivide", "Where", "Power"), 0.15, 1.0),
    Price(("",), 0.15, 0.8),
)


class Work(NamedTuple):
    """What a step or a prediction takes at the usual prices, in seconds.

    Attributes:
        overhead: Whatever the number of samples.
        compute: In proportion to it.
    """

    overhead: float
    compute: float


@dataclass(frozen=True)
class Pace:
    """How slow a machine is beside the one of the prices, in factors.

    Attributes:
        overhead: Of work that comes with every step.
        compute: Of work that grows with the batch.
        latency: Of predictions; `None` if none was measured.
    """

    overhead: float = 1.0
    compute: float = 1.0
    latency: float | None = None

    def step_seconds(self, work: Work) -> float:
        """Return the predicted time of a training step."""
        return self.overhead * work.overhead + self.compute * work.compute

    def latency_seconds(self, rows: Sequence[LayerCost]) -> float:
        """Return the predicted time of predicting one sample; 0 if it is not known."""
        return (self.latency or 0.0) * prediction_work(rows)


def training_work(rows: Sequence[LayerCost], batch_size: int) -> Work:
    """Return the work of one training step.

    Args:
        rows: What `layer_costs` says of the network.
        batch_size: Samples of a step.
    """
    calls, units = _calls_and_units(rows, rows)
    overhead = _STEP_SECONDS + _CALL_SECONDS * calls
    return Work(overhead, _BILLIONTH * units * batch_size)


def prediction_work(rows: Sequence[LayerCost]) -> float:
    """Return the work of predicting one sample, in seconds at the usual prices."""
    acting = [row for row in rows if not row.kind.startswith(_TRAINING_ONLY)]
    calls, units = _calls_and_units(rows, acting)
    return _FORWARD_SHARE * (_CALL_SECONDS * calls + _BILLIONTH * units)


def _calls_and_units(
    rows: Sequence[LayerCost], acting: Sequence[LayerCost]
) -> tuple[float, float]:
    """Return the priced calls, and the priced work of one sample, of some layers."""
    sizes = {row.name: math.prod(n or 1 for n in row.output_shape) for row in rows}
    channels = {row.name: (row.output_shape or (1,))[-1] or 1 for row in rows}
    calls = units = 0.0
    for row in acting:
        price = _price(row)
        numbers = sizes[row.name] + sum(sizes[name] for name in row.inputs)
        blocks = _blocks(row, channels) if price.product else 1.0
        calls += price.call
        units += price.number * numbers + price.product * blocks * (row.macs or 0)
    return calls, units


def paced(
    steps: Sequence[tuple[Work, float]],
    predictions: Sequence[tuple[float, float]] = (),
) -> Pace:
    """Return the pace at which training steps took their measured times.

    One factor is common to all work; how much overhead and compute differ from it is
    told apart as far as the networks differ, and taken for alike otherwise.

    Args:
        steps: The work of steps and the seconds that they took.
        predictions: The work of predictions and the seconds that they took.

    Raises:
        ValueError: If there is none.
    """
    if not steps:
        raise ValueError("The pace of a machine needs one measured network at least.")
    ratios = np.exp(np.linspace(-2.0, 2.0, 41))
    _, factor, ratio = min((*_loss_of_ratio(ratio, steps), ratio) for ratio in ratios)
    return Pace(
        overhead=float(ratio * factor),
        compute=factor,
        latency=_typical([seconds / work for work, seconds in predictions]),
    )


def _typical(factors: Sequence[float]) -> float | None:
    """Return the geometric mean of factors; `None` if there is none."""
    return float(np.exp(np.mean(np.log(factors)))) if factors else None


def _loss_of_ratio(
    ratio: float, steps: Sequence[tuple[Work, float]]
) -> tuple[float, float]:
    """Return how ill a ratio of the factors fits, and the factor that goes with it."""
    relative = Pace(overhead=ratio)
    errors = [math.log(t / relative.step_seconds(work)) for work, t in steps]
    spread = float(np.var(errors)) * len(errors) / _SPREAD**2
    prior = (math.log(ratio) / _RATIO_SPREAD) ** 2
    return spread + prior, math.exp(float(np.mean(errors)))


def _price(row: LayerCost) -> Price:
    """Return the price of a layer; of an activation, by its function."""
    kind = row.activation if row.kind in ("Activation", "Gelu", "Silu") else row.kind
    return next(price for price in _PRICES if kind.startswith(price.kinds))


def _blocks(row: LayerCost, channels: dict[str, int]) -> float:
    """Return by what factor whole blocks of channels exceed the channels there are."""
    ins = channels[row.inputs[0]] if row.inputs else 1
    outs = channels[row.name]
    return _filled(ins) * _filled(outs) / (ins * outs)


def _filled(channels: int) -> int:
    return -(-channels // _CHANNEL_BLOCK) * _CHANNEL_BLOCK
