"""LiteRT files whose weights and activations have 8 bits."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from automl.export.concrete import UnsupportedLayerError
from automl.export.ensemble import averaged
from automl.export.job import calibration_samples
from automl.export.litert_file import export_litert
from automl.export.verification import verify
from automl_datasets.spec import DataSpec
from automl_search_spaces.heads import summarize
from tests.automl.tiny_models import raw_inputs, reference_of, spec_of


@pytest.mark.parametrize("members", [1, 2])
def test_targets_of_different_units_survive_int8(members: int, tmp_path: Path) -> None:
    spec = spec_of("series", "regression")
    x = raw_inputs(spec, (12,), count=64)
    x[::3, -4:] = np.nan
    inputs = keras.Input(spec.shape)
    networks = [keras.Model(inputs, convolved(inputs, spec)) for _ in range(members)]
    network = averaged(networks, [1 / members] * members)
    expected = network.predict(x, verbose=0)
    reference = reference_of(tmp_path / "inputs.npy", x, expected, spec)
    export_litert(network, spec, tmp_path / "model.tflite", quantize="int8", samples=x)
    details = Interpreter(str(tmp_path / "model.tflite")).get_tensor_details()
    assert np.int8 in {tensor["dtype"] for tensor in details}
    (proved,), failed = verify(tmp_path, ["litert"], reference, quantize="int8")
    assert failed == []
    assert proved.max_difference < 0.1


def convolved(inputs: Any, spec: DataSpec) -> Any:
    x = keras.ops.where(keras.ops.isnan(inputs), 0.0, inputs)
    x = keras.layers.Conv1D(8, 3, activation="relu")(x)
    x = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(x))
    return keras.layers.Rescaling(list(spec.target_std), list(spec.target_mean))(x)


def test_int8_names_the_one_layer_that_fails(tmp_path: Path) -> None:
    spec = spec_of("volume", "classification")
    inputs = keras.Input(spec.shape)
    x = keras.layers.Conv3D(2, 2, name="first")(inputs)
    x = keras.layers.Conv3D(2, 2, dilation_rate=2, name="dilated")(x)
    network = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    samples = np.zeros((2, *spec.shape), np.float32)
    with pytest.raises(
        UnsupportedLayerError, match=r"hold the layer dilated \(Conv3D\) \("
    ):
        export_litert(
            network, spec, tmp_path / "x.tflite", quantize="int8", samples=samples
        )


def test_int8_learns_ranges_from_training_samples_alone() -> None:
    class Split:
        inputs = np.arange(1000, dtype=np.float32)[:, None]

    class Data:
        asked: list[str]

        def __init__(self) -> None:
            self.asked = []

        def split(self, name: str) -> Split:
            self.asked.append(name)
            return Split()

    data = Data()
    samples = calibration_samples(data)  # type: ignore[arg-type]
    assert data.asked == ["train"]
    assert len(samples) == 256
    assert (samples[0, 0], samples[-1, 0]) == (0, 999)


def test_padding_leaves_int8_its_range(tmp_path: Path) -> None:
    spec = spec_of("series", "classification")
    inputs = keras.Input(spec.shape)
    real = keras.ops.cast(keras.ops.logical_not(keras.ops.isnan(inputs)), "float32")
    mask = keras.ops.max(real, axis=-1, keepdims=True)
    filled = keras.ops.where(keras.ops.isnan(inputs), 0.0, inputs)
    x = keras.layers.Conv1D(8, 3, padding="same")(filled)
    x = summarize(x, mask, {"head": "gmp", "dropout": 0.0})
    network = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))
    samples = np.random.default_rng(0).normal(size=(64, *spec.shape)).astype("float32")
    samples[::3, -4:] = np.nan
    export_litert(
        network, spec, tmp_path / "model.tflite", quantize="int8", samples=samples
    )
    expected = network.predict(samples, verbose=0)
    serve = Interpreter(str(tmp_path / "model.tflite")).get_signature_runner()
    (answered,) = serve(inputs=samples).values()
    assert expected.std(axis=0).max() > 0.05
    np.testing.assert_allclose(answered, expected, atol=0.1)
