from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.inference import inference_model, is_augmentation
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import make_spec

LOAD = """
import sys
import keras, numpy
model = keras.saving.load_model(sys.argv[1])
samples = numpy.load(sys.argv[2])
numpy.save(sys.argv[3], model.predict(samples, verbose=0))
assert not [name for name in sys.modules if name.startswith("automl")]
"""


def build(shape: tuple[int, ...]) -> keras.Model:
    hp = keras_tuner.HyperParameters()
    hp.values = {
        "augmentation": "strong",
        "flip": True,
        "block": "dense",
        "activation": "gelu",
        "dropout": 0.3,
    }
    model = SearchSpace(make_spec(shape), max_epochs=2).build(hp)
    # Fresh statistics and zero biases would hide weights that are mixed up.
    generator = np.random.default_rng(0)
    model.set_weights(
        [w + generator.uniform(0, 0.1, w.shape) for w in model.get_weights()]
    )
    return model


def samples(model: keras.Model) -> np.ndarray:
    shape = (3, *model.input_shape[1:])
    return np.random.default_rng(1).uniform(0, 255, shape).astype(model.inputs[0].dtype)


def answers(model: keras.Model, x: np.ndarray) -> np.ndarray:
    return np.asarray(model(x, training=False).numpy())


@pytest.mark.parametrize("shape", [(20, 2), (12, 12, 3), (8, 8, 8, 1)])
def test_predictions_are_equal_and_augmentation_is_gone(shape: tuple[int, ...]) -> None:
    model = build(shape)
    assert any(is_augmentation(layer) for layer in model.layers)
    deployed = inference_model(model)
    x = samples(model)
    np.testing.assert_array_equal(answers(deployed, x), answers(model, x))
    assert not any(is_augmentation(layer) for layer in deployed.layers)
    assert deployed.input_shape == model.input_shape
    assert deployed.inputs[0].dtype == model.inputs[0].dtype
    assert not deployed.compiled


def test_the_copy_has_weights_of_its_own() -> None:
    model = build((12, 12, 3))
    x = samples(model)
    deployed = inference_model(model)
    before = answers(deployed, x)
    model.set_weights([0 * w for w in model.get_weights()])
    np.testing.assert_array_equal(answers(deployed, x), before)


def test_nested_augmentation_is_removed_and_sequential_models_work() -> None:
    augment = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.RandomFlip(),
            keras.layers.RandomZoom(0.1),
        ]
    )
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), augment, keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    deployed = inference_model(model)
    x = samples(model)
    np.testing.assert_array_equal(answers(deployed, x), answers(model, x))
    assert [type(layer).__name__ for layer in deployed.layers] == [
        "InputLayer",
        "Flatten",
        "Dense",
    ]


def test_a_model_without_a_graph_is_refused_in_a_sentence() -> None:
    class Opaque(keras.Model):
        pass

    with pytest.raises(SpaceError, match=r"Opaque .* functional API"):
        inference_model(Opaque())


# Keras saves through an outdated form of numpy's protocol.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_it_loads_where_this_package_is_not_installed(tmp_path: Path) -> None:
    model = build((12, 12, 3))
    x = samples(model)
    paths = [tmp_path / name for name in ("model.keras", "samples.npy", "answers.npy")]
    inference_model(model).save(paths[0])
    np.save(paths[1], x)
    command = [sys.executable, "-c", LOAD, *map(str, paths)]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    expected = answers(model, x)
    np.testing.assert_allclose(np.load(paths[2]), expected, atol=1e-6)
