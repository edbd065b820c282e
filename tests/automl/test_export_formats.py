"""ONNX and LiteRT: what they can't hold is put otherwise, or said."""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from automl.errors import RequestError
from automl.export import job, runtimes
from automl.export.companions import read_spec
from automl.export.concrete import UnsupportedLayerError
from automl.export.litert_file import export_litert
from automl.export.lowering import LITERT_RULES, ONNX_RULES, lowered
from automl.export.onnx_file import OPSET, export_onnx
from automl.export.predictor import load_predictor
from automl.export.verification import verify
from automl.run.request import SearchRequest
from automl.training.assignment import SpaceRequest
from automl.training.scoring import ScoringRequest
from automl_datasets.spec import DataSpec
from automl_search_spaces.deployability import deployable, sentences
from automl_search_spaces.inference import inference_model
from automl_search_spaces.registry import create_space
from automl_search_spaces.space import SearchSpace
from tests.automl.exported_files import run_litert, run_onnx
from tests.automl.settings import make_setting
from tests.automl.tiny_models import network_of, raw_inputs, reference_of, spec_of
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import learnable, make_example

TOLERANCE = 2e-5


@pytest.mark.parametrize(("length", "window", "hop"), [(64, 64, 20), (128, 100, 33)])
def test_mel_spectrograms_by_products_are_those_of_the_layer(
    length: int, window: int, hop: int
) -> None:
    layer = keras.layers.MelSpectrogram(
        fft_length=length,
        sequence_length=window,
        sequence_stride=hop,
        sampling_rate=4000,
        num_mel_bins=12,
        min_freq=20.0,
        max_freq=2000.0,
        min_power=1e-6,
    )
    inputs = keras.Input((400,))
    network = keras.Model(inputs, layer(inputs))
    waves = np.random.default_rng(0).uniform(-1, 1, (3, 400)).astype(np.float32)
    waves[1] = np.sin(np.arange(400) * 0.4)
    waves[2] = 0.0
    replaced = lowered(network, ONNX_RULES)
    assert not any(type(x).__name__ == "MelSpectrogram" for x in replaced.layers)
    expected = network.predict(waves, verbose=0)
    # In decibels, of which a quiet band has few correct digits.
    np.testing.assert_allclose(
        replaced.predict(waves, verbose=0), expected, atol=0.02, rtol=1e-4
    )


@pytest.mark.parametrize("kind", ["MaxPooling3D", "AveragePooling3D"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("window", "strides"),
    [
        ((2, 2, 2), None),
        ((1, 3, 2), None),
        ((4, 1, 1), None),
        ((3, 3, 3), 1),
        ((3, 2, 3), (2, 1, 2)),
        ((1, 1, 1), (2, 1, 3)),
    ],
)
def test_pooling_by_planes_is_exact(
    kind: str, window: tuple[int, int, int], strides: Any, padding: str
) -> None:
    inputs = keras.Input((7, 6, 5, 2))
    layer = getattr(keras.layers, kind)(window, strides, padding)
    network = keras.Model(inputs, layer(inputs))
    replaced = lowered(network, LITERT_RULES)
    assert not any(type(x).__name__ == kind for x in replaced.layers)
    x = np.random.default_rng(0).normal(size=(3, 7, 6, 5, 2)).astype(np.float32)
    np.testing.assert_allclose(
        replaced.predict(x, verbose=0), network.predict(x, verbose=0), atol=1e-6
    )


@pytest.mark.parametrize("kind", ["series", "image", "volume"])
def test_groups_of_a_convolution_are_convolved_one_by_one(
    kind: str, tmp_path: Path
) -> None:
    spec = spec_of(kind, "classification")
    inputs = keras.Input(spec.shape)
    layer = getattr(keras.layers, f"Conv{spec.rank}D")
    x = layer(6, 2, padding="same")(inputs)
    options = {"groups": 3, "strides": 2, "bias_initializer": "normal"}
    x = layer(9, 3, padding="same", activation="softmax", **options)(x)
    network = keras.Model(inputs, answered(x))
    export_onnx(network, spec, tmp_path / "model.onnx")
    export_litert(network, spec, tmp_path / "model.tflite")
    samples = np.random.default_rng(0).normal(size=(3, *spec.shape)).astype("float32")
    expected = network.predict(samples, verbose=0)
    for answers in (
        run_onnx(tmp_path / "model.onnx", samples),
        run_litert(tmp_path / "model.tflite", samples),
    ):
        np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_only_a_dense_layer_that_scales_channels_is_replaced(tmp_path: Path) -> None:
    spec = spec_of("series", "classification")
    inputs = keras.Input(spec.shape)
    scale = keras.layers.EinsumDense(
        "abc,c->abc", spec.shape, kernel_initializer="normal"
    )
    other = keras.layers.EinsumDense("abc,cd->abd", spec.shape)
    network = keras.Model(inputs, answered(other(scale(inputs))))
    replaced = lowered(network, LITERT_RULES)
    assert [x for x in replaced.layers if type(x) is type(other)] == [other]
    export_litert(network, spec, tmp_path / "model.tflite")
    samples = np.random.default_rng(0).normal(size=(2, *spec.shape)).astype("float32")
    answers = run_litert(tmp_path / "model.tflite", samples)
    expected = network.predict(samples, verbose=0)
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def answered(x: Any) -> Any:
    return keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x))


def test_a_layer_that_a_format_lacks_is_named(tmp_path: Path) -> None:
    spec = spec_of("volume", "classification")
    inputs = keras.Input(spec.shape)
    x = keras.layers.Conv3D(2, 2, name="first")(inputs)
    x = keras.layers.Conv3D(2, 2, dilation_rate=2, name="dilated")(x)
    network = keras.Model(inputs, answered(x))
    with pytest.raises(UnsupportedLayerError) as caught:
        export_litert(network, spec, tmp_path / "model.tflite")
    assert "the layer dilated (Conv3D)" in str(caught.value)
    assert "first" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_onnx_file_that_does_not_load_is_not_written(tmp_path: Path) -> None:
    spec = spec_of("audio", "classification")
    inputs = keras.Input(spec.shape)
    waves = keras.layers.Reshape((40,))(inputs)
    spectrum = keras.layers.MelSpectrogram(
        fft_length=16,
        sequence_length=16,
        sequence_stride=8,
        sampling_rate=4000,
        num_mel_bins=4,
        max_freq=2000.0,
        window="hamming",  # of which `spectra` knows nothing
        name="spectrum",
    )
    network = keras.Model(inputs, answered(spectrum(waves)))
    with pytest.raises(UnsupportedLayerError, match=r"spectrum \(MelSpectrogram\)"):
        export_onnx(network, spec, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_files_hold_names_data_and_the_version_that_runs_widely(
    tmp_path: Path,
) -> None:
    import onnx

    spec = spec_of("image", "multilabel")
    export_onnx(network_of(spec), spec, tmp_path / "model.onnx")
    export_litert(network_of(spec), spec, tmp_path / "model.tflite")
    for name in ("model.onnx", "model.tflite"):
        assert read_spec(tmp_path / name) == spec
    model = onnx.load(tmp_path / "model.onnx")
    assert {x.version for x in model.opset_import if x.domain == ""} == {OPSET}
    assert [tensor.name for tensor in model.graph.input] == ["inputs"]
    assert [tensor.name for tensor in model.graph.output] == ["probabilities"]
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata["labels.txt"].splitlines() == list(spec.classes)


def test_a_file_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("hello")
    (tmp_path / "other.tflite").write_bytes(b"\x00\x00\x00\x00TFL3" + bytes(50))
    for name in ("text.onnx", "other.tflite"):
        with pytest.raises(RequestError, match=name):
            load_predictor(tmp_path / name)


def test_a_missing_extra_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runtimes, "find_spec", lambda name: None)
    runtimes.require_export(["savedmodel", "keras"])
    with pytest.raises(RequestError, match=r'pip install "conv-automl\[onnx\]"'):
        runtimes.require_export(["savedmodel", "onnx"])
    (tmp_path / "model.tflite").write_bytes(b"\x00\x00\x00\x00TFL3")
    with pytest.raises(RequestError, match=r'pip install "conv-automl\[litert\]"'):
        load_predictor(tmp_path / "model.tflite")


def test_quantization_is_of_litert_only() -> None:
    SearchRequest(data="x", export=("litert",), quantize="int8")
    with pytest.raises(RequestError, match="add litert"):
        SearchRequest(data="x", quantize="int8")
    with pytest.raises(RequestError, match="'int4' is not known"):
        SearchRequest(data="x", export=("litert",), quantize="int4")


@pytest.mark.slow
def test_quantized_files_are_smaller_and_proved_by_their_score(tmp_path: Path) -> None:
    spec = make_example("image")
    space = SearchSpace(spec, max_epochs=8)
    values = {"filters": 32, "augmentation": "none", "learning_rate": 5e-3}
    model = space.build(parameters(values))
    x, y = learnable(spec)
    keras.utils.set_random_seed(0)
    model.fit(x, y, batch_size=8, epochs=8, verbose=0)
    network = inference_model(model)
    expected = network.predict(x, verbose=0)
    assert (expected.argmax(axis=1) == y).mean() > 0.8
    reference = reference_of(tmp_path / "inputs.npy", x, expected, spec)
    sizes = {}
    for quantize in ("none", "float16", "dynamic", "int8"):
        file = tmp_path / "model.tflite"
        export_litert(network, spec, file, quantize=quantize, samples=x)
        (verified,), failed = verify(tmp_path, ["litert"], reference, quantize=quantize)
        assert failed == []
        assert verified.quantize == quantize
        assert verified.max_difference > (0 if quantize == "none" else 1e-6)
        sizes[quantize] = verified.size_mb
    assert sizes["float16"] < 0.7 * sizes["none"]
    assert max(sizes["dynamic"], sizes["int8"]) < 0.5 * sizes["none"]
    wrong = reference_of(tmp_path / "inputs.npy", x, expected[::-1].copy(), spec)
    _, (failure,) = verify(tmp_path, ["litert"], wrong, quantize="int8")
    assert "more is lost" in failure.reason


def test_what_a_format_can_not_do_is_left_out_of_the_search() -> None:
    audio, text = make_example("audio"), make_example("text")
    assert deployable(audio, ["savedmodel", "litert"]) == {}
    assert sentences(audio, ["savedmodel", "onnx"]) == ()
    for spec in (audio, text):
        left = deployable(spec, ["litert"], "int8")
        space = create_space("auto", spec, narrowing=left, max_epochs=1)
        hp = parameters({})
        space.declare_hyperparameters(hp)
        for dimension, values in left.items():
            assert isinstance(values, tuple)
            known = [h for h in hp.space if h.name == dimension]
            assert all(set(h.values) <= set(values) for h in known)
        assert space.build(parameters({})).output_shape == (None, 4)
    assert sentences(audio, ["litert"], "int8")[0].startswith(
        "litert (int8) leaves representation = waveform: "
    )


def test_samples_of_any_size_are_fitted_for_files_that_take_one(
    tmp_path: Path,
) -> None:
    spec: DataSpec = spec_of("image", "classification")
    export_litert(network_of(spec), spec, tmp_path / "model.tflite")
    load = partial(load_predictor, tmp_path / "model.tflite")
    raw = raw_inputs(spec, (20, 30))
    assert load().predict(raw).shape == (3, 3)


def test_a_writer_that_fails_costs_its_format_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = make_example("series")
    space = SearchSpace(spec, max_epochs=1)
    network = space.build(parameters({"filters": 6, "stages": 2, "repeats": 1}))

    def broken(*arguments: Any) -> None:
        raise ValueError("no such kernel")

    data = make_setting(tmp_path / "run", spec=spec).data
    monkeypatch.setattr(job, "open_prepared", lambda path: data)
    deployed = inference_model(network)
    monkeypatch.setattr(job, "load_network", lambda request: deployed)
    monkeypatch.setitem(job.WRITERS, "onnx", broken)
    model = ScoringRequest(tmp_path, tmp_path, SpaceRequest("auto", 1), {})
    request = job.ExportRequest(model, ("onnx", "keras"), tmp_path / "best")
    (failure,) = job.export_model(request, None)
    assert failure.format == "onnx"
    assert failure.reason == "The onnx export failed: ValueError: no such kernel"
    assert {file.name for file in (tmp_path / "best").iterdir()} == {
        "labels.txt",
        "model.keras",
    }
