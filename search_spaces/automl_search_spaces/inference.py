"""The model that is deployed: the trained one without what only training needs."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.graph import has_graph
from automl_search_spaces.training_only import TrainingOnly

#: Stock layers that change samples at random in training and pass them on otherwise;
#: ours derive from `TrainingOnly`.
#: `RandomCrop` is not one: it crops the middle otherwise.
_AUGMENTATIONS = frozenset(
    {
        "AugMix",
        "CutMix",
        "GaussianNoise",
        "MixUp",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
    }
)


def inference_model(model: keras.Model) -> keras.Model:
    """Return a copy of `model` without augmentation, not compiled.

    Its predictions are those of `model(x, training=False)`. It has stock Keras
    layers only if `model` has, so that it loads where this package is not installed.

    Args:
        model: A functional or built sequential model.

    Returns:
        A functional model of the same inputs and outputs with its own copy of the
        weights.

    Raises:
        SpaceError: If `model` has no graph of layers, as subclassed models have not.
    """
    if not has_graph(model):
        raise SpaceError(
            f"{type(model).__name__} {model.name!r} is neither functional nor a built "
            "sequential model; build it from keras.Input with the functional API."
        )
    functional = model
    if isinstance(model, keras.Sequential):
        functional = keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    copy = keras.models.clone_model(functional, call_function=_call)
    # Layers that are left out change the order of others, not their names.
    for layer in (layer for layer in copy.layers if layer.weights):
        layer.set_weights(functional.get_layer(layer.name).get_weights())
    # A clone is compiled where the original was; its graph alone is not.
    return keras.Model(copy.input, copy.output, name=model.name)


def is_augmentation(layer: Any) -> bool:
    """Whether a layer, or all layers of a nested model, only change training."""
    if isinstance(layer, keras.Model):
        inner = [x for x in layer.layers if not isinstance(x, keras.layers.InputLayer)]
        return bool(inner) and all(is_augmentation(x) for x in inner)
    return isinstance(layer, TrainingOnly) or type(layer).__name__ in _AUGMENTATIONS


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a layer of the copy, or pass its input on if it is an augmentation."""
    if is_augmentation(layer):
        return args[0]
    return layer(*args, **kwargs)
