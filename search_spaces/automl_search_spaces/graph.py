"""Models whose layers can be walked call by call."""

from __future__ import annotations

from typing import Any

import keras


def has_graph(model: Any) -> bool:
    """Whether a model is functional, or sequential and built."""
    if isinstance(model, keras.Sequential):
        return bool(model.built and model.inputs)
    return hasattr(model, "_nodes_by_depth")
