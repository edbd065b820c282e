"""GoogLeNet, without the auxiliary heads that only its training has."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from automl_search_spaces.published.layers import (
    averaged,
    convolved,
    pooled,
    response_normalized,
    windowed,
)
from automl_search_spaces.published.network import UNNORMALIZED, PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import rank_of


class Inception(NamedTuple):
    """Filters of the branches of one module: reductions before 3 and 5 wide."""

    one: int
    reduce_three: int
    three: int
    reduce_five: int
    five: int
    projection: int


#: Table 1 of the paper: modules 3a-3b, 4a-4e, 5a-5b.
_STAGES = (
    (Inception(64, 96, 128, 16, 32, 32), Inception(128, 128, 192, 32, 96, 64)),
    (
        Inception(192, 96, 208, 16, 48, 64),
        Inception(160, 112, 224, 24, 64, 64),
        Inception(128, 128, 256, 24, 64, 64),
        Inception(112, 144, 288, 32, 64, 64),
        Inception(256, 160, 320, 32, 128, 128),
    ),
    (Inception(256, 160, 320, 32, 128, 128), Inception(384, 192, 384, 48, 128, 128)),
)


def body(x: Any, scale: Scale) -> Any:
    """A stem of three convolutions, nine inception modules, an average.

    Source:
        Szegedy et al. (2015), arXiv:1409.4842.
    """
    kernel = scale.kernel(7, 0)
    x = convolved(x, scale.filters(64), kernel, strides=scale.strides(0))
    x = response_normalized(pooled(x, "max", 3, scale.strides(1)))
    x = convolved(x, scale.filters(64), 1)
    x = response_normalized(convolved(x, scale.filters(192), 3))
    for step, modules in enumerate(_STAGES, start=2):
        x = pooled(x, "max", 3, scale.strides(step))
        for module in modules:
            x = inception(x, scale, module)
    return keras.layers.Dropout(0.4)(averaged(x))


def inception(x: Any, scale: Scale, module: Inception) -> Any:
    """Look at 1, 3 and 5 positions side by side, and at the strongest of three."""
    sizes = Inception(*(scale.filters(count) for count in module))
    three = convolved(convolved(x, sizes.reduce_three, 1), sizes.three, 3)
    five = convolved(convolved(x, sizes.reduce_five, 1), sizes.five, 5)
    strongest = windowed(x, "max", 3, (1,) * rank_of(x))
    branches = [
        convolved(x, sizes.one, 1),
        three,
        five,
        convolved(strongest, sizes.projection, 1),
    ]
    return keras.layers.Concatenate()(branches)


NETWORKS = (
    PublishedNetwork("googlenet", body, (224, 224, 3), steps=5, training=UNNORMALIZED),
)
