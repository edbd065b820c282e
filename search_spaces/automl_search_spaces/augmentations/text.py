"""Words that are made unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.augmentations.moves import RandomWordDropout

_RATES: Mapping[str, float] = {"light": 0.1, "strong": 0.25}


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return one layer that puts the unknown word for some words.

    Source: Iyyer et al. (2015), Deep unordered composition.
    """
    return Changes(raw=(RandomWordDropout(_RATES[strength]),))


def admits(spec: DataSpec) -> bool:
    """Whether the samples are texts."""
    return spec.kind == "text"


AUGMENTATION = Augmentation("text", ("light", "strong"), admits, layers)
