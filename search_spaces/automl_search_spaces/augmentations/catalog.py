"""Every family of augmentations; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations import audio, image, series, text, volume
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.errors import SpaceError

AUGMENTATIONS: Catalog[Augmentation] = Catalog(
    "augmentation",
    image.AUGMENTATION,
    series.AUGMENTATION,
    audio.AUGMENTATION,
    text.AUGMENTATION,
    volume.AUGMENTATION,
)


def changes_of(spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return the layers of the augmentation that the values ask for."""
    strength = values["augmentation"]
    if strength == "none":
        return Changes()
    return families_by_strength(spec)[strength].layers(strength, spec, values)


def families_by_strength(spec: DataSpec) -> dict[str, Augmentation]:
    """Return the family behind each strength that suits the data.

    Raises:
        SpaceError: If two families that suit the data share a strength.
    """
    families: dict[str, Augmentation] = {}
    for family in AUGMENTATIONS:
        for strength in family.strengths if family.admits(spec) else ():
            if strength in families:
                raise SpaceError(
                    f"Augmentations {families[strength].name!r} and {family.name!r} "
                    f"both offer {strength!r}; rename one."
                )
            families[strength] = family
    return families
