"""What is kept of a trained network, and files that are refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.transfer.applications import load_application
from automl_search_spaces.transfer.trunk import save_trunk
from tests.search_spaces.pretrained import trained
from tests.search_spaces.specs import learnable, make_example

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)


def test_the_record_says_where_a_trunk_is_from(tmp_path: Path) -> None:
    path = trained(tmp_path / "flowers")
    source = save_trunk(str(path), tmp_path / "trunk.keras")
    whole = keras.saving.load_model(path).count_params()
    assert (source.source, source.name) == (str(path), "flowers")
    assert 0 < source.params < whole
    assert source.sha256 is not None
    assert len(source.sha256) == 64


def test_an_exported_model_is_unfolded_and_its_resizing_left_out(
    tmp_path: Path,
) -> None:
    """As exports are: pictures of any size, the network nested in the model."""
    network = keras.saving.load_model(trained(tmp_path / "run"))
    inputs = keras.Input((None, None, 3))
    resized = keras.layers.Resizing(12, 12)(inputs)
    keras.Model(inputs, network(resized)).save(tmp_path / "export.keras")
    save_trunk(str(tmp_path / "export.keras"), tmp_path / "trunk.keras")
    trunk = keras.saving.load_model(tmp_path / "trunk.keras")
    assert trunk.input_shape == (None, 12, 12, 3)
    x, _ = learnable(make_example("image"))
    before_answer = keras.Model(network.inputs[0], network.layers[-1].input)
    np.testing.assert_allclose(
        keras.Sequential([trunk])(x, training=False),
        before_answer(x, training=False),
        atol=1e-5,
    )


def test_only_the_answer_is_cut_off(tmp_path: Path) -> None:
    inputs = keras.Input((6, 1))
    x = keras.layers.Conv1D(4, 3)(inputs)
    x = keras.layers.Dense(5, activation="tanh")(keras.layers.Flatten()(x))
    features = keras.layers.ReLU()(x)
    x = keras.layers.Dense(3)(keras.layers.Dropout(0.5)(features))
    model = keras.Model(inputs, keras.layers.Softmax()(x))
    model.save(tmp_path / "model.keras")
    save_trunk(str(tmp_path / "model.keras"), tmp_path / "trunk.keras")
    trunk = keras.saving.load_model(tmp_path / "trunk.keras")
    x = np.random.default_rng(0).normal(size=(4, 6, 1)).astype("float32")
    np.testing.assert_allclose(trunk(x), keras.Model(inputs, features)(x), atol=1e-6)


def tampered(path: Path, change: dict[str, Any], target: Path) -> Path:
    """Copy a Keras file with one more entry in its first layer's description."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][1] |= change
                data = json.dumps(config).encode()
            copy.writestr(name, data)
    return target


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"class_name": "Lambda"}, "Lambda"),
        ({"module": "os", "class_name": "system"}, r"os\.system"),
        ({"module": "builtins", "class_name": "eval"}, r"builtins\.eval"),
        ({"class_name": "TFSMLayer"}, "TFSMLayer"),
        ({"module": "keras.utils", "class_name": "get_file"}, "get_file"),
    ],
)
def test_a_crafted_file_executes_nothing(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = tampered(trained(tmp_path / "run"), change, tmp_path / "crafted.keras")
    with pytest.raises(SpaceError, match=said):
        save_trunk(str(path), tmp_path / "trunk.keras")
    assert not (tmp_path / "trunk.keras").exists()


def test_a_lambda_layer_is_refused(tmp_path: Path) -> None:
    inputs = keras.Input((4, 1))
    x = keras.layers.Lambda(lambda t: t * 2)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(x))
    model.save(tmp_path / "lambda.keras")
    with pytest.raises(SpaceError, match="Lambda"):
        save_trunk(str(tmp_path / "lambda.keras"), tmp_path / "trunk.keras")


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("hello")
    target = tmp_path / "trunk.keras"
    with pytest.raises(SpaceError, match=r"no file .*absent\.keras"):
        save_trunk(str(tmp_path / "absent.keras"), target)
    with pytest.raises(SpaceError, match="not a Keras 3 file"):
        save_trunk(str(tmp_path / "text.keras"), target)
    with pytest.raises(SpaceError, match=r"'resnet5000' is neither .* ResNet50"):
        save_trunk("resnet5000", target)


def test_weights_that_are_not_here_are_never_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(SpaceError, match=r"MobileNetV2 are not on this machine.*put"):
        save_trunk("mobilenet_v2", tmp_path / "trunk.keras")
    with pytest.raises(SpaceError, match=r"no file .*absent\.h5"):
        save_trunk("MobileNetV2=absent.h5", tmp_path / "trunk.keras")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50"])
def test_an_application_takes_pictures_as_its_authors_prepared_them(
    name: str, tmp_path: Path
) -> None:
    network = getattr(keras.applications, name)(weights=None, include_top=False)
    weights = tmp_path / "network.weights.h5"
    network.save_weights(weights)
    model = load_application(name, weights)
    x = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    module = {"MobileNetV2": "mobilenet_v2", "ResNet50": "resnet50"}[name]
    prepared = getattr(keras.applications, module).preprocess_input(x.copy())
    expected = network(prepared, training=False)
    np.testing.assert_allclose(model(x, training=False), expected, rtol=1e-3, atol=1e-3)
