"""Search spaces of convolutional networks at rank 1, 2 and 3.

Import from the modules (`automl_search_spaces.space`, `.cost`, `.identity`,
`.inference`, `.registry`): this package itself loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def build_landmark(
    name: str, input_shape: tuple[int, ...], num_classes: int, *, width: float = 1.0
) -> keras.Model:
    """Return a landmark network; see `published.catalog.build_landmark`."""
    from automl_search_spaces.published import catalog

    return catalog.build_landmark(name, input_shape, num_classes, width=width)
