"""A network in a short line that a person can read."""

from __future__ import annotations

from collections.abc import Mapping

from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.budget import width
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.landmarks.catalog import LANDMARKS
from automl_search_spaces.landmarks.design import Design

_FAMILIES: Mapping[str, str] = {
    "plain": "cnn",
    "residual": "resnet",
    "dense": "densenet",
    "inception_time": "inceptiontime",
    "dilated": "tcn",
}
_COMMON: Mapping[str, str] = {
    "resolution": "full",
    "pooling": "max",
    "normalization": "batch",
    "activation": "relu",
    "padding": "same",
}
_SAID: Mapping[str, str] = {
    "half": "halved",
    "max": "maxpool",
    "average": "avgpool",
    "stride": "strided",
    "batch": "batchnorm",
    "layer": "layernorm",
    "group": "groupnorm",
}
_SILENT: Mapping[str, str] = {"pooling": "nopool", "normalization": "nonorm"}


def notation(values: Values) -> str:
    """Return the notation of the network that `values` describe.

    What it sees of a sound if not the waveform; stages, repetitions, kernel, channels
    of the first and the last stage; what the block
    has of its own; then what is not common (max pooling, batch normalisation, relu,
    padded), then the head.

    Args:
        values: The value of every dimension.
    """
    options = _options(values)
    for design in LANDMARKS:
        if design.published and _is_design(values, design) and not options:
            padded = (
                "padding" in design.architecture
                and values.get("padding", "same") == "same"
            )
            return f"{design.name} padded" if padded else design.name
    stages, filters = values["stages"], values["filters"]
    last = width(filters, values["growth"], stages - 1)
    channels = f"{filters}" if last == filters else f"{filters}…{last}"
    body = f"{stages}x[{values['repeats']}xconv{values['kernel_size']}-{channels}]"
    family = _FAMILIES.get(values["block"], values["block"])
    sound = [values["representation"]] if values.get("representation") == "mel" else []
    words = [*sound, family, body, *options, *_uncommon(values)]
    return " ".join([*words, _head(values)])


def _is_design(values: Values, design: Design) -> bool:
    """Whether the architecture is the design's, padded or not.

    Small data leave no choice but to pad.
    """
    wanted = {k: v for k, v in design.architecture.items() if k != "padding"}
    if values.get("resolution", "full") != "full":
        return False
    return wanted.items() <= dict(values).items()


def _options(values: Values) -> list[str]:
    """Return the words for what the block has of its own and usually has not."""
    block = BLOCKS[values["block"]]
    said = {name: values.get(name) for name in block.supports}
    words = [f"expand{values['expansion']}"] if block.name == "inverted" else []
    words += ["preact"] if said.get("preactivation") else []
    words += ["se"] if said.get("squeeze_excitation") else []
    rate = said.get("stochastic_depth")
    return [*words, f"sd{rate:.1f}"] if rate else words


def _uncommon(values: Values) -> list[str]:
    """Return the words for what most networks of the space have otherwise."""
    words = []
    for name, common in _COMMON.items():
        value = values.get(name, common)
        if value != common:
            word = _SILENT.get(name, value) if value == "none" else value
            words.append(_SAID.get(word, word))
    return words


def _head(values: Values) -> str:
    """Return `gap` or the dense layers, and the dropout if there is any."""
    words = values["head"]
    if words == "dense":
        words = f"dense{values['dense_units']}x{values['dense_layers']}"
    return f"{words} drop{values['dropout']:.1f}" if values["dropout"] > 0 else words
