from __future__ import annotations

from typing import Any

import keras
import pytest

from automl_search_spaces.identity import architecture_identity

layers = keras.layers


def build(filters: int = 4, *, rate: float = 1e-3, swap: bool = False) -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    x = layers.RandomTranslation(0.1, 0.1)(inputs)
    a = layers.Conv2D(filters, 3, padding="same")(x)
    b = layers.Dropout(0.5)(layers.Conv2D(filters, 1)(a))
    c = layers.Concatenate()([b, a] if swap else [a, b])
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(c))
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


def test_two_builds_of_the_same_model_are_the_same() -> None:
    assert architecture_identity(build()) == architecture_identity(build())


@pytest.mark.parametrize("change", [{"filters": 5}, {"rate": 2e-3}, {"swap": True}])
def test_a_change_of_layer_training_or_connection_is_another(
    change: dict[str, Any],
) -> None:
    assert architecture_identity(build(**change)) != architecture_identity(build())


def test_training_and_weights_do_not_change_what_a_model_is() -> None:
    model = build()
    before = architecture_identity(model)
    model.set_weights([w + 1 for w in model.get_weights()])
    assert architecture_identity(model) == before


def test_nested_and_sequential_models_are_recognised() -> None:
    def nested(units: int) -> keras.Model:
        inner = keras.Sequential([keras.Input((4,)), layers.Dense(units)])
        inputs = keras.Input((4,))
        return keras.Model(inputs, inner(inputs))

    assert architecture_identity(nested(3)) == architecture_identity(nested(3))
    assert architecture_identity(nested(3)) != architecture_identity(nested(4))


def test_a_model_that_is_not_compiled_has_an_identity_of_its_own() -> None:
    model = build()
    bare = keras.Model(model.inputs, model.outputs)
    assert architecture_identity(bare) != architecture_identity(model)
