"""Exports of every kind of data and every task, given inputs of any size."""

import io
import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from automl.export import formats
from automl.export.job import WRITERS
from automl.export.names import FILES
from automl.export.predictor import load_predictor, predict_each
from automl.export.texts import texts_of, vectorizer
from automl.export.verification import verify
from automl_datasets.spec import DataSpec
from tests.automl.tiny_models import (
    KINDS,
    RATE,
    SIZES,
    TASKS,
    fitted,
    indices_of,
    network_of,
    raw_inputs,
    reference_of,
    spec_of,
)

TEXTS = [
    "Good, GOOD film!",
    "",
    "don't say it's bad: na\u00efve N\u00c4IVE \u00d6lig \u00f6lig",
    "one two good three four film bad five six",
    "  tabs\tand\nlines bad  ",
]
#: Formats of every kind; LiteRT has no recurrent layer such as the texts' here.
STOCK = ("savedmodel", "keras", "onnx")
FORMATS = {name: [(FILES[f], WRITERS[f]) for f in STOCK] for name in KINDS}
for _kind in set(KINDS) - {"text"}:
    FORMATS[_kind].append((FILES["litert"], WRITERS["litert"]))
CASES = [(kind, task) for kind in KINDS for task in TASKS]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    for kind, task in CASES:
        spec = spec_of(kind, task)
        (folder / f"{kind}-{task}").mkdir()
        for name, write in FORMATS[kind]:
            write(network_of(spec), spec, folder / f"{kind}-{task}" / name)
    return folder


def batches_of(spec: DataSpec) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return raw batches, each with what the network is to be given for it."""
    if spec.kind == "text":
        indices = np.stack([indices_of(text, spec) for text in TEXTS])
        return [(np.array(TEXTS, object), indices)]
    raw = [raw_inputs(spec, size) for size in SIZES[spec.kind]]
    return [(batch, np.stack([fitted(s, spec) for s in batch])) for batch in raw]


def scale_of(spec: DataSpec) -> np.ndarray:
    return np.array(spec.target_std or 1.0)


@pytest.mark.parametrize(
    ("kind", "task", "name"),
    [(kind, task, name) for kind, task in CASES for name, _ in FORMATS[kind]],
)
def test_raw_inputs_of_any_size_are_fitted_as_the_training_did(
    exports: Path, kind: str, task: str, name: str
) -> None:
    spec = spec_of(kind, task)
    network = network_of(spec)
    predictor = load_predictor(exports / f"{kind}-{task}" / name)
    assert predictor.spec == spec
    spread = []
    for raw, prepared in batches_of(spec):
        expected = network.predict(prepared, verbose=0)
        got = predictor.predict(raw)
        assert got.dtype == np.float32
        np.testing.assert_allclose(
            got / scale_of(spec), expected / scale_of(spec), atol=2e-5
        )
        spread.append(expected / scale_of(spec))
    assert np.concatenate(spread).std(axis=0).min() > 1e-3  # not one answer for all


def test_every_savedmodel_answers_without_keras_and_without_us(
    exports: Path, tmp_path: Path
) -> None:
    raw: dict[str, Any] = {}
    for kind in KINDS:
        batch, _ = batches_of(spec_of(kind, "classification"))[-1]
        raw[kind] = batch.astype("U") if kind == "text" else batch
    np.savez(tmp_path / "raw.npz", **raw)
    code = f"""
import json, pathlib, sys
sys.modules["keras"] = sys.modules["automl"] = None
import numpy as np, tensorflow as tf
raw = np.load({str(tmp_path / "raw.npz")!r})
said = {{}}
for folder in sorted(pathlib.Path({str(exports)!r}).iterdir()):
    model = tf.saved_model.load(str(folder / "saved_model"))
    inputs = raw[folder.name.split("-")[0]]
    inputs = [str(t) for t in inputs] if inputs.dtype.kind == "U" else inputs
    answer = model.signatures["serving_default"](inputs=tf.constant(inputs))
    said[folder.name] = {{k: [v.dtype.name, v.numpy().tolist() if k != "label" else
        [t.decode() for t in v.numpy()]] for k, v in answer.items()}}
print(json.dumps(said))
"""
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, check=True
    )
    said = json.loads(answer.stdout)
    assert set(said) == {f"{kind}-{task}" for kind, task in CASES}
    for kind, task in CASES:
        spec = spec_of(kind, task)
        _, prepared = batches_of(spec)[-1]
        expected = network_of(spec).predict(prepared, verbose=0)
        check_answer(said[f"{kind}-{task}"], expected, spec)


def check_answer(
    said: dict[str, tuple[str, Any]], expected: np.ndarray, spec: DataSpec
) -> None:
    types = {name: dtype for name, (dtype, _) in said.items()}
    if spec.task == "regression":
        assert types == {"value": "float32"}
        values = np.array(said["value"][1]) / scale_of(spec)
        np.testing.assert_allclose(values, expected / scale_of(spec), atol=2e-5)
        return
    named = {"label": "string", "score": "float32", "probabilities": "float32"}
    multilabel = spec.task == "multilabel"
    assert types == ({**named, "labels": "bool"} if multilabel else named)
    np.testing.assert_allclose(said["probabilities"][1], expected, atol=2e-5)
    assert said["label"][1] == [spec.classes[i] for i in expected.argmax(axis=1)]
    np.testing.assert_allclose(said["score"][1], expected.max(axis=1), atol=2e-5)
    if multilabel:
        assert np.array_equal(said["labels"][1], expected >= 0.5)


@pytest.mark.parametrize(
    ("kind", "task"), [("text", "regression"), ("series", "multilabel")]
)
def test_exports_are_proved_in_fresh_processes(
    exports: Path, tmp_path: Path, kind: str, task: str
) -> None:
    spec = spec_of(kind, task)
    prepared = np.concatenate([prepared for _, prepared in batches_of(spec)])
    expected = network_of(spec).predict(prepared, verbose=0)
    reference = reference_of(tmp_path / "inputs.npy", prepared, expected, spec)
    verified, failed = verify(exports / f"{kind}-{task}", list(STOCK), reference)
    assert failed == []
    assert [v.format for v in verified] == list(STOCK)
    for verification in verified:
        assert verification.max_difference <= 2e-5
        assert verification.predictions.shape == expected.shape


PATIENT = """
import time
from pathlib import Path
WITHOUT = ()
def load(path):
    while not Path({sign!r}).exists():
        time.sleep(0.01)
    return lambda batch: batch
"""
NOISY = """
import sys
from pathlib import Path
WITHOUT = ()
def load(path):
    Path({sign!r}).touch()
    sys.stderr.write("a warning\\n" * 100_000)
    if {broken}:
        raise OSError("it broke")
    return lambda batch: batch
"""


@pytest.mark.parametrize("broken", [False, True])
def test_a_proof_that_writes_much_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    sign = str(tmp_path / "noisy")
    for name, code in (("savedmodel", PATIENT), ("keras", NOISY)):
        text = code.format(sign=sign, broken=broken)
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        (tmp_path / FILES[name]).touch()
    spec = spec_of("series", "classification")
    inputs = np.eye(3, dtype=np.float32)
    reference = reference_of(tmp_path / "inputs.npy", inputs, inputs, spec)
    monkeypatch.setattr(formats, "__path__", [str(tmp_path)])
    monkeypatch.setattr("automl.export.verification.read_spec", lambda _: spec)
    monkeypatch.setattr("automl.export.verification._TIME_LIMIT_SECONDS", 20)
    verified, failed = verify(tmp_path, ["savedmodel", "keras"], reference)
    reasons = ["The keras export does not run: OSError: it broke"]
    assert [failure.reason for failure in failed] == (reasons if broken else [])
    assert len(verified) + len(failed) == 2


def test_a_regression_is_compared_in_units_of_its_target(
    exports: Path, tmp_path: Path
) -> None:
    spec = spec_of("audio", "regression")
    _, prepared = batches_of(spec)[0]
    expected = network_of(spec).predict(prepared, verbose=0)
    folder, file = exports / "audio-regression", tmp_path / "inputs.npy"
    nearly = expected + np.array([0.0, 0.5])  # much, but little beside 9 000
    _, failed = verify(folder, ["onnx"], reference_of(file, prepared, nearly, spec))
    assert failed == []
    wrong = expected + np.array([0.5, 0.0])
    _, failed = verify(folder, ["onnx"], reference_of(file, prepared, wrong, spec))
    assert "differs from the trained model" in failed[0].reason


@pytest.mark.parametrize("split", ["whitespace", "character"])
def test_texts_are_found_again_from_their_indices(split: str) -> None:
    vocabulary = ["film", "good", "ü"] if split == "whitespace" else [" ", "o", "ü"]
    record = {
        "vocabulary": [*vocabulary, "\ue000"],
        "split": split,
        "standardize": "lower_and_strip_punctuation",
        "tokens": 6,
    }
    spec = spec_of("text", "classification", preprocessing=record)
    texts = ["good film", "ü?? o \ue000", "", "a film of goo ü and more"]
    indices = vectorizer(spec)(tf.constant(texts)).numpy()[..., None]
    assert (indices == 1).any()
    assert (indices == 5).any()
    again = list(texts_of(indices, spec))
    np.testing.assert_array_equal(
        vectorizer(spec)(tf.constant(again)).numpy()[..., None], indices
    )
    np.testing.assert_array_equal(
        np.stack([indices_of(text, spec) for text in texts]), indices
    )


def test_gaps_are_filled_for_a_model_that_never_saw_one() -> None:
    from automl.export.intake import intake

    spec = spec_of("series", "classification", missing=False)
    raw = np.full((1, 3, 2), 7.0, np.float32)
    raw[0, 1, 0] = np.nan
    result = intake(spec).fit(raw).numpy()
    assert result.shape == (1, *spec.shape)
    assert result[0, :3, 1].tolist() == [7.0] * 3
    assert result[0, :3, 0].tolist() == [7.0, 0.5, 7.0]
    assert set(result[0, 3:].ravel()) == {0.5}


def wav(values: np.ndarray, *, rate: int = RATE, width: int = 2) -> bytes:
    """Return a wav file of whole numbers `(samples, channels)`."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(values.shape[1])
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(values.astype({1: "u1", 2: "<i2"}[width]).tobytes())
    return file.getvalue()


def test_wav_files_are_decoded_and_mixed_down_in_the_graph(exports: Path) -> None:
    spec = spec_of("audio", "classification")
    model = tf.saved_model.load(str(exports / "audio-classification" / "saved_model"))
    generator = np.random.default_rng(0)
    files = [generator.integers(-30_000, 30_000, (n, c)) for n, c in ((9, 1), (70, 2))]
    outputs = model.signatures["serve_bytes"](
        bytes=tf.constant([wav(values) for values in files])
    )
    waves = [(f / 32768).mean(axis=1, keepdims=True).astype(np.float32) for f in files]
    prepared = np.stack([fitted(samples, spec) for samples in waves])
    expected = network_of(spec).predict(prepared, verbose=0)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=2e-5)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (wav(np.ones((50, 1)), rate=8000), f"Resample the wav file to {RATE} Hz"),
        (wav(np.ones((50, 1)), width=1), "16-bit"),
        (wav(np.ones((50, 1)))[:80], "Data too short"),
        (wav(np.ones((0, 1))), "holds no sound"),
        (b"no sound", "Header mismatch"),
    ],
)
def test_other_sound_is_refused(exports: Path, file: bytes, message: str) -> None:
    model = tf.saved_model.load(str(exports / "audio-classification" / "saved_model"))
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        model.signatures["serve_bytes"](bytes=tf.constant([file]))


def test_only_images_and_sound_have_a_signature_for_files(exports: Path) -> None:
    for kind in KINDS:
        model = tf.saved_model.load(str(exports / f"{kind}-regression" / "saved_model"))
        expected = {"serving_default"} | (
            {"serve_bytes"} if kind in ("image", "audio") else set()
        )
        assert set(model.signatures) == expected


def test_frames_of_another_size_are_resized_like_images(exports: Path) -> None:
    from automl.export.images import resize

    spec = spec_of("video", "regression")
    predictor = load_predictor(exports / "video-regression" / "saved_model")
    raw = raw_inputs(spec, (4, 20, 30))
    prepared = np.stack(
        [resize(video, *spec.shape[1:3], whole=True).numpy() for video in raw]
    )
    expected = network_of(spec).predict(prepared, verbose=0)
    np.testing.assert_allclose(
        predictor.predict(raw) / scale_of(spec), expected / scale_of(spec), atol=2e-5
    )


def test_texts_are_predicted_one_by_one(exports: Path) -> None:
    samples = [(i, np.array(text, object)) for i, text in enumerate(TEXTS)]
    spec = spec_of("text", "multilabel")
    indices = np.stack([indices_of(text, spec) for text in TEXTS])
    expected = network_of(spec).predict(indices, verbose=0)
    for name, _ in FORMATS["text"]:
        predictor = load_predictor(exports / "text-multilabel" / name)
        rows = [row for _, row in predict_each(predictor, samples)]
        np.testing.assert_allclose(rows, expected, atol=2e-5)


def test_keras_file_of_texts_needs_nothing_of_ours(exports: Path) -> None:
    code = f"""
import sys, zipfile
sys.modules["automl"] = None
import keras, tensorflow as tf
path = {str(exports / "text-multilabel" / "model.keras")!r}
model = keras.saving.load_model(path)
print(model.predict_on_batch(tf.constant(["good film", "bad"])).shape)
"""
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "(2, 3)"


def test_network_input_types_other_than_the_datas_are_met(tmp_path: Path) -> None:
    spec = spec_of("text", "classification")
    inputs = keras.Input(spec.shape, dtype="float32")
    outputs = keras.layers.Dense(3, activation="softmax")(
        keras.layers.Flatten()(inputs)
    )
    network = keras.Model(inputs, outputs)
    indices = np.stack([indices_of(text, spec) for text in TEXTS])
    for name, write in FORMATS["text"]:
        write(network, spec, tmp_path / name)
        got = load_predictor(tmp_path / name).predict(np.array(TEXTS, object))
        np.testing.assert_allclose(got, network.predict(indices, verbose=0), atol=1e-6)
