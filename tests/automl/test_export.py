"""Exports, used without what made them."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from automl.errors import RequestError
from automl.export.fitting import fit_images
from automl.export.images import decode, resize
from automl.export.job import WRITERS
from automl.export.keras_file import with_intake
from automl.export.names import FILES
from automl.export.predictor import load_predictor, predict_each
from automl.export.verification import verify
from automl_datasets.inputs import read_input
from automl_datasets.resizing import resize_array
from automl_datasets.spec import DataSpec
from automl_search_spaces.inference import inference_model
from automl_search_spaces.space import SearchSpace
from tests.automl import tiny_models
from tests.automl.tiny_models import reference_of

CLASSES = ("cat", "<script>alert(1)</script>", "Füchse & co", "=1+1", "d'or")


def spec_of(channels: int, *, dtype: str = "uint8") -> DataSpec:
    return DataSpec(
        kind="image",
        shape=(24, 20, channels),
        dtype=dtype,
        task="classification",
        classes=CLASSES,
        num_train=100,
        num_val=20,
        num_test=20,
        mean=(120.0,) * channels,
        std=(60.0,) * channels,
        resized=True,
    )


def network_of(spec: DataSpec) -> keras.Model:
    keras.utils.set_random_seed(1)
    space = SearchSpace(spec, max_epochs=1)
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    hp.values = dict(space.landmarks()[-1].values)
    return inference_model(space.build(hp))


@pytest.fixture(scope="module", params=[1, 3])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DataSpec, keras.Model, Path]:
    spec = spec_of(request.param)
    network = network_of(spec)
    folder = tmp_path_factory.mktemp("export")
    for name, write in WRITERS.items():
        write(network, spec, folder / FILES[name])
    return spec, network, folder


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


def test_each_format_predicts_what_the_network_does_in_a_fresh_process(
    exported: tuple[DataSpec, keras.Model, Path], tmp_path: Path
) -> None:
    spec, network, folder = exported
    inputs = noise(40, *spec.shape)
    np.save(tmp_path / "inputs.npy", inputs)
    expected = network.predict(inputs, verbose=0)
    reference = reference_of(tmp_path / "inputs.npy", inputs, expected, spec)
    verified, failed = verify(folder, list(FILES), reference)
    assert failed == []
    assert [v.format for v in verified] == list(FILES)
    assert max(v.max_difference for v in verified) <= 1e-5
    for verification in verified:
        for batch in ("batch_1", "batch_32"):
            median, late = verification.figures[batch]
            assert 0 < median <= late
        values = verification.to_json("accuracy", reference.answers)
        assert values["test_score"] == 1.0
        assert "predictions" not in values


def test_a_wrong_export_is_found(
    exported: tuple[DataSpec, keras.Model, Path], tmp_path: Path
) -> None:
    spec, network, folder = exported
    inputs = noise(8, *spec.shape)
    np.save(tmp_path / "inputs.npy", inputs)
    expected = network.predict(inputs, verbose=0)[::-1]
    reference = reference_of(tmp_path / "inputs.npy", inputs, expected, spec)
    verified, failed = verify(folder, ["onnx", "litert"], reference)
    assert verified == []
    assert [failure.format for failure in failed] == ["onnx", "litert"]
    for failure in failed:
        assert "differs from the trained model" in failure.reason


def test_signatures_keep_the_contract(
    exported: tuple[DataSpec, keras.Model, Path], tmp_path: Path
) -> None:
    spec, network, folder = exported
    serve = tf.saved_model.load(str(folder / "saved_model")).signatures
    inputs = noise(3, *spec.shape)
    outputs = serve["serving_default"](inputs=tf.constant(inputs))
    assert set(outputs) == {"label", "score", "probabilities"}
    expected = network.predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-6)
    labels = [label.decode() for label in outputs["label"].numpy()]
    assert labels == [CLASSES[i] for i in expected.argmax(axis=1)]
    np.testing.assert_allclose(outputs["score"], expected.max(axis=1), atol=1e-6)
    assert outputs["score"].dtype == tf.float32


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_encoded_files_are_read_as_training_read_them(
    exported: tuple[DataSpec, keras.Model, Path],
    tmp_path: Path,
    suffix: str,
    mode: str,
) -> None:
    spec, _, folder = exported
    if mode == "RGBA" and suffix != "png":
        pytest.skip(f"{suffix} holds no {mode}")
    picture = Image.fromarray(noise(6, 5, 3)).resize((50, 60), Image.Resampling.BICUBIC)
    file = tmp_path / f"picture.{suffix}"
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        picture.save(file)
    else:
        picture.convert(mode).save(file)
    serve = tf.saved_model.load(str(folder / "saved_model")).signatures
    encoded = serve["serve_bytes"](bytes=tf.constant([file.read_bytes()]))
    pixels = read_input(file, spec)
    numbers = serve["serving_default"](inputs=tf.constant(pixels[None]))
    np.testing.assert_allclose(
        encoded["probabilities"], numbers["probabilities"], atol=2e-3
    )


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("size", [(24, 20), (9, 7), (31, 12)])
def test_arrays_are_resized_as_in_the_preparation(
    dtype: str, size: tuple[int, int]
) -> None:
    raw = np.random.default_rng(0).random((16, 18, 3)).astype(np.float32)
    if dtype != "float32":
        raw = (raw * np.iinfo(dtype).max).astype(dtype)
    prepared = resize_array(raw, size).astype(np.float64)
    spec = tiny_models.spec_of("image", "classification", shape=(*size, 3), dtype=dtype)
    tolerance = 1e-5 if dtype == "float32" else 1
    in_graph = fit_images(raw[None], spec)[0].numpy()
    assert np.abs(in_graph - prepared).max() <= tolerance
    network = keras.Sequential([keras.Input(spec.shape), keras.layers.Identity()])
    in_keras = with_intake(network, spec)(raw[None].astype(np.float32))
    assert np.abs(in_keras[0].numpy() - prepared).max() <= tolerance


def test_resizing_agrees_with_the_preparation() -> None:
    photo = Image.fromarray(noise(40, 30, 3)).resize(
        (300, 400), Image.Resampling.BICUBIC
    )
    for size in ((24, 20), (400, 300), (500, 350), (13, 77)):
        prepared = np.asarray(
            photo.resize(size[::-1], Image.Resampling.BILINEAR), np.float32
        )
        in_graph = resize(np.asarray(photo)[None], *size, whole=True)[0].numpy()
        assert np.abs(in_graph - prepared).max() <= 1


def test_broken_bytes_fail_with_a_message() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(tf.constant(b"not an image"), 3)


def test_keras_file_needs_nothing_of_ours_and_trains_on(
    exported: tuple[DataSpec, keras.Model, Path],
) -> None:
    spec, _, folder = exported
    code = f"""
import sys, zipfile
import keras, numpy as np
path = {str(folder / "model.keras")!r}
model = keras.saving.load_model(path)
assert not [name for name in sys.modules if name.startswith("automl")]
x = np.random.default_rng(0).integers(0, 256, (4, 50, 60, {spec.channels}), "uint8")
answers = model.predict(x, verbose=0)
assert answers.shape == (4, {len(CLASSES)})
np.testing.assert_allclose(model(x), answers, atol=1e-5)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, np.array([0, 1, 2, 3]), verbose=0)
print(zipfile.ZipFile(path).read("labels.txt").decode(), end="")
"""
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, check=True
    )
    assert answer.stdout.decode().splitlines() == list(CLASSES)


def test_predictor_takes_any_size_in_the_order_given(
    exported: tuple[DataSpec, keras.Model, Path],
) -> None:
    spec, _, folder = exported
    samples = [noise(n, 30, spec.channels) for n in (20, 20, 40, 20)]
    for name in FILES.values():
        predictor = load_predictor(folder / name)
        assert predictor.spec == spec
        rows = list(predict_each(predictor, enumerate(samples)))
        assert [index for index, _ in rows] == [0, 1, 2, 3]
        for index, probabilities in rows:
            alone = predictor.predict(samples[index][None])[0]
            np.testing.assert_allclose(probabilities, alone, atol=1e-5)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("hello")
    for path in (tmp_path, tmp_path / "text.txt", tmp_path / "missing"):
        with pytest.raises(RequestError, match=path.name):
            load_predictor(path)
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    plain.save(tmp_path / "plain.keras")
    with pytest.raises(RequestError, match=r"data\.json"):
        load_predictor(tmp_path / "plain.keras")


def test_companions_say_what_the_data_is(
    exported: tuple[DataSpec, keras.Model, Path],
) -> None:
    spec, _, folder = exported
    assets = folder / "saved_model" / "assets"
    assert (assets / "labels.txt").read_text().splitlines() == list(CLASSES)
    assert DataSpec.from_json(json.loads((assets / "data.json").read_text())) == spec
