"""Every published network by name; a new family is a file and a line here."""

from __future__ import annotations

import keras

from automl_search_spaces.catalog import Catalog
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.published import (
    alexnet,
    convnext,
    densenet,
    efficientnet,
    googlenet,
    lenet,
    mobilenet,
    resnet,
    resnet3d,
    time_series,
    vgg,
)
from automl_search_spaces.published.network import PublishedNetwork

PUBLISHED: Catalog[PublishedNetwork] = Catalog(
    "landmark network",
    *lenet.NETWORKS,
    *alexnet.NETWORKS,
    *vgg.NETWORKS,
    *googlenet.NETWORKS,
    *resnet.NETWORKS,
    *mobilenet.NETWORKS,
    *densenet.NETWORKS,
    *efficientnet.NETWORKS,
    *convnext.NETWORKS,
    *time_series.NETWORKS,
    *resnet3d.NETWORKS,
)


def build_landmark(
    name: str, input_shape: tuple[int, ...], num_classes: int, *, width: float = 1.0
) -> keras.Model:
    """Return a landmark network, not compiled, its weights random.

    It is as published where the input is the authors' own; on smaller inputs the
    first reductions of the resolution are left out, and at other ranks every
    two-dimensional layer becomes one of that rank.

    Args:
        name: Such as `lenet5`, `vgg16` or `resnet50`; see `PUBLISHED.names`.
        input_shape: `(*space, channels)` of one sample, with 1 to 3 axes of space.
        num_classes: Number of classes, at least 2.
        width: Factor of every number of filters; 1 as published.

    Returns:
        A functional model from `(batch, *input_shape)` to probabilities
        `(batch, num_classes)`, float32.

    Raises:
        SpaceError: If there is no such network, or it does not admit the input.

    Example:
        >>> build_landmark("lenet5", (32, 32, 1), 10).count_params()
        61706
    """
    network = PUBLISHED[name]
    shape = tuple(int(n) for n in input_shape)
    if not network.admits(shape) or num_classes < 2:
        ranks = " or ".join(str(rank) for rank in network.ranks)
        raise SpaceError(
            f"{name} needs at least 2 classes and inputs of rank {ranks} with "
            f"{network.smallest} positions along the longest axis, but got "
            f"{num_classes} classes and the shape {shape}."
        )
    inputs = keras.Input(shape)
    outputs = keras.layers.Dense(num_classes, activation="softmax", dtype="float32")
    return keras.Model(inputs, outputs(network.apply(inputs, width)), name=name)
