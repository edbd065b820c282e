"""Every family of augmentations; a new one is a file and a line here."""

from __future__ import annotations

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations import image, noise
from automl_search_spaces.augmentations.family import Augmentation
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.errors import SpaceError

AUGMENTATIONS: Catalog[Augmentation] = Catalog(
    "augmentation",
    image.AUGMENTATION,
    noise.AUGMENTATION,
)


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
