"""What a model looks like inside, and what it made of single samples, as plain records.

Whoever has the model computes them once; this room only draws them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerRow:
    """One call of one layer of a network.

    Attributes:
        name: Name of the layer.
        kind: Its class, for example `Conv2D`.
        output_shape: Shape of its output for one sample.
        params: Weights that it holds and no earlier row does.
        macs: Multiply-accumulates of the call; `None` if they are not known.
        inputs: Names of the layers whose outputs it takes.
        kernel: Sides of its kernel or pooling window; empty where it has none.
        strides: Its steps; empty where it has none.
        activation: Name of its activation; empty for none.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    params: int
    macs: int | None
    inputs: tuple[str, ...]
    kernel: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    activation: str = ""


@dataclass(frozen=True)
class Panel:
    """One small picture of a sample.

    Attributes:
        picture: A `data:` address.
        width: In pixels.
        height: In pixels.
        heat: A `data:` address of what to lay over it; empty for nothing.
        label: Which part of the sample it shows; empty for all of it.
    """

    picture: str
    width: int
    height: int
    heat: str = ""
    label: str = ""


@dataclass(frozen=True)
class SampleView:
    """One sample as a person can look at it; only the fields of its kind are filled.

    Attributes:
        name: The sample's own name, without folders.
        panels: An image, a spectrogram, slices of a volume, frames of a video.
        lines: Channels of a series; `None` where a value is missing.
        words: Words of a text.
        heat: How strongly the model looked, from 0 to 1: one value a word, or
            evenly along the lines.
    """

    name: str
    panels: tuple[Panel, ...] = ()
    lines: tuple[tuple[float | None, ...], ...] = ()
    words: tuple[str, ...] = ()
    heat: tuple[float, ...] = ()


@dataclass(frozen=True)
class Example:
    """What a model answered for one test sample.

    Attributes:
        view: The sample.
        output: The class, label or target that it is about.
        truth: Index of the true class, 0 or 1 for a label, or the true value.
        answer: The same as the model gave it.
        confidence: Its probability; `None` for a regression.
    """

    view: SampleView
    output: int
    truth: float
    answer: float
    confidence: float | None = None


@dataclass(frozen=True)
class FeatureMaps:
    """What some channels of one layer made of a sample.

    Attributes:
        layer: Name of the layer.
        shape: Shape of its output for one sample.
        panel: Its channels side by side, or one a line for rank 1.
        channels: How many are shown.
    """

    layer: str
    shape: tuple[int, ...]
    panel: Panel
    channels: int


@dataclass(frozen=True)
class Explanation:
    """Everything that was computed once for one model.

    Attributes:
        layers: Its network, in order of computation.
        mistakes: The most confident ones; of a regression the largest errors.
        hits: Some right answers; of a regression the smallest errors.
        looked_at: The layer whose positions the heat of the examples belongs to.
        feature_maps: Of its first convolutions.
        sample: Name of the sample that the feature maps belong to.
        notes: What is missing, and why; one sentence each.
    """

    layers: tuple[LayerRow, ...] = ()
    mistakes: tuple[Example, ...] = ()
    hits: tuple[Example, ...] = ()
    looked_at: str = ""
    feature_maps: tuple[FeatureMaps, ...] = ()
    sample: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataExample:
    """One sample of a split, with what is true of it.

    Attributes:
        split: `train`, `val` or `test`.
        truth: Its class, its labels or its targets, in words.
        view: The sample.
    """

    split: str
    truth: str
    view: SampleView


@dataclass(frozen=True)
class CalibrationBin:
    """The answers whose probability lies in one interval.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        count: Answers in it.
        confidence: Their mean probability.
        correct: The share of them that is right.
    """

    low: float
    high: float
    count: int
    confidence: float
    correct: float


@dataclass(frozen=True)
class Calibration:
    """Whether probabilities mean what they say.

    Attributes:
        bins: The intervals with answers in them, in order.
        error: Expected calibration error, from 0 to 1.
    """

    bins: tuple[CalibrationBin, ...]
    error: float
