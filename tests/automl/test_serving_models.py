"""Exports of every kind, task and format, served as they answer themselves."""

import base64
import gc
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from automl.errors import RequestError
from automl.export.classify import CLASSIFY
from automl.export.companions import DATA_FILE, companion_files
from automl.export.job import WRITERS
from automl.export.names import FILES
from automl.export.predictor import load_predictor
from automl.export.savedmodel import export_savedmodel
from automl.serving.classification import read_examples, write_classes
from automl.serving.model import DEFAULT_SIGNATURE, ServedModel, load_served
from automl.serving.payloads import read_question, write_answer
from automl.serving.refusal import Refusal
from automl_datasets.spec import DataSpec
from tests.automl.serving_models import summing_model
from tests.automl.tiny_models import KINDS, SIZES, network_of, raw_inputs, spec_of


def answer(model: ServedModel, request: dict[str, Any]) -> Any:
    """Return what a server answers to a request."""
    question = read_question(json.dumps(request).encode(), model.signatures)
    outputs = model.signatures[question.signature].call(question.inputs)
    return json.loads(write_answer(outputs, rows=question.rows))


def columns_of(rows: list[Any]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def inputs_of(spec: DataSpec) -> tuple[np.ndarray, list[Any]]:
    """Return raw inputs, and the same as JSON has them."""
    if spec.kind == "text":
        texts = ["good film", "bad naïve"]
        return np.array(texts, object), texts
    inputs = raw_inputs(spec, SIZES[spec.kind][-1])
    return inputs, inputs.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_served_as_it_predicts(kind: str, tmp_path: Path) -> None:
    task = "regression" if kind in ("volume", "audio") else "multilabel"
    spec = spec_of(kind, task)
    export_savedmodel(network_of(spec), spec, tmp_path / "best" / "saved_model")
    model = load_served(tmp_path)
    inputs, values = inputs_of(spec)
    expected = load_predictor(tmp_path).predict(inputs)
    rows = answer(model, {"instances": values})["predictions"]
    columns = answer(model, {"inputs": values})["outputs"]
    if task == "regression":
        assert rows == columns
        np.testing.assert_allclose(columns, expected, rtol=1e-6)
    else:
        assert columns_of(rows) == columns
        np.testing.assert_allclose(columns["probabilities"], expected, atol=1e-6)
        assert set(columns["label"]) <= set(spec.classes)
        assert columns["labels"] == (expected >= 0.5).tolist()


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_every_format_answers_alike(task: str, tmp_path: Path) -> None:
    spec = spec_of("series", task, missing=False)
    network = network_of(spec)
    request = {"instances": raw_inputs(spec, (12,)).tolist()}
    answers = []
    for name, write in WRITERS.items():
        write(network, spec, tmp_path / FILES[name])
        model = load_served(tmp_path / FILES[name])
        answers.append(answer(model, request)["predictions"])
        outputs = model.signatures[DEFAULT_SIGNATURE].outputs
        assert {n: o.dtype for n, o in outputs.items()} == {
            n: o.dtype for n, o in load_outputs(tmp_path).items()
        }
    first = answers[0]
    for others in answers[1:]:
        if task == "regression":
            np.testing.assert_allclose(others, first, rtol=1e-4)
            continue
        assert [row["label"] for row in others] == [row["label"] for row in first]
        np.testing.assert_allclose(
            columns_of(others)["probabilities"],
            columns_of(first)["probabilities"],
            atol=1e-4,
        )


def test_a_savedmodel_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of("series", "regression")
    export_savedmodel(network_of(spec), spec, tmp_path / "model")
    load, loads = tf.saved_model.load, []

    def counted(path: str) -> Any:
        loads.append(path)
        return load(path)

    monkeypatch.setattr(tf.saved_model, "load", counted)
    model = load_served(tmp_path / "model")
    assert loads == [str(tmp_path / "model")]
    gc.collect()  # what the model is made of has to live on
    assert answer(model, {"instances": [[[1.0, 2.0]]]})["predictions"]


def load_outputs(folder: Path) -> dict[str, tf.TensorSpec]:
    loaded = tf.saved_model.load(str(folder / FILES["savedmodel"]))
    outputs: dict[str, tf.TensorSpec] = loaded.signatures[
        DEFAULT_SIGNATURE
    ].structured_outputs
    return outputs


def test_encoded_images_are_served(tmp_path: Path) -> None:
    spec = spec_of("image", "classification")
    export_savedmodel(network_of(spec), spec, tmp_path / "saved_model")
    model = load_served(tmp_path / "saved_model")
    images = raw_inputs(spec, SIZES["image"][0])
    values = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "png")
        values.append({"b64": base64.b64encode(file.getvalue()).decode()})
    encoded = answer(model, {"signature_name": "serve_bytes", "instances": values})
    numbers = answer(model, {"instances": images.tolist()})
    for found, expected in zip(
        encoded["predictions"], numbers["predictions"], strict=True
    ):
        assert found["label"] == expected["label"]
        assert found["probabilities"] == pytest.approx(expected["probabilities"])


class Writing(tf.Module):
    """Writes a file when it is asked."""

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, None, 2), tf.float32)]
    )
    def serve(self, inputs: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file("/nowhere", "caught")]):
            return {"probabilities": tf.reduce_sum(inputs, axis=1)}


def test_a_stranger_s_model_is_looked_through(tmp_path: Path) -> None:
    module = Writing()
    tf.saved_model.save(module, str(tmp_path / "model"), signatures=module.serve)
    assets = tmp_path / "model" / "assets"
    assets.mkdir(exist_ok=True)
    spec = spec_of("series", "classification")
    (assets / DATA_FILE).write_text(companion_files(spec)[DATA_FILE])
    with pytest.raises(RequestError, match="reaches out of the model"):
        load_served(tmp_path / "model")


@pytest.mark.parametrize(("kind", "format_"), [("image", "savedmodel"),
                                               ("series", "onnx"),
                                               ("text", "savedmodel")])  # fmt: skip
def test_examples_are_classified(kind: str, format_: str, tmp_path: Path) -> None:
    spec = spec_of(kind, "classification", missing=False)
    WRITERS[format_](network_of(spec), spec, tmp_path / FILES[format_])
    model = load_served(tmp_path / FILES[format_])
    inputs, values = inputs_of(spec)
    if kind == "series":
        inputs = raw_inputs(spec, (12,))
        values = [sample.ravel().tolist() for sample in inputs]
    feature = "bytes" if kind == "image" else "inputs"
    if kind == "image":
        encoded = [tf.io.encode_png(image).numpy() for image in inputs]
        values = [{"b64": base64.b64encode(content).decode()} for content in encoded]
    examples = [{feature: value} for value in values]
    question = read_examples(json.dumps({"examples": examples}).encode(), model)
    outputs = model.signatures[question.signature].call(question.inputs)
    result = json.loads(write_classes(outputs, spec))["result"]
    expected = model.signatures[DEFAULT_SIGNATURE].call(inputs)["probabilities"]
    for classes, scores in zip(result, expected, strict=True):
        assert [name for name, _ in classes] == list(spec.classes)
        assert [score for _, score in classes] == pytest.approx(scores.tolist())
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"examples": []},
        {"examples": [1]},
        {"examples": [{"x": 1}]},
        {"examples": [{feature: [[1]]}]},
        {"examples": [{feature: [[1, 2]] * 24}]},  # as many lists as numbers
        {"examples": examples, "context": {"more": 1}},
    )
    for request in wrong:
        with pytest.raises(Refusal):
            read_examples(json.dumps(request).encode(), model)


def test_a_regression_has_no_classes() -> None:
    with pytest.raises(Refusal, match="no classes"):
        read_examples(b'{"examples": [{"inputs": [1]}]}', summing_model())


class Counting(tf.Module):
    """Answers with the number of inputs."""

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None,), tf.string)]
    )
    def serve(self, inputs: Any) -> Any:
        return {"probabilities": tf.ones((tf.shape(inputs)[0], 3))}


def test_no_example_is_decoded_unseen(tmp_path: Path) -> None:
    # An image within an example would escape the look at its size.
    module = Counting()
    signatures = {DEFAULT_SIGNATURE: module.serve, CLASSIFY: module.serve}
    tf.saved_model.save(module, str(tmp_path / "model"), signatures=signatures)
    (tmp_path / "model" / "assets").mkdir(exist_ok=True)
    text = companion_files(spec_of("text", "classification"))[DATA_FILE]
    (tmp_path / "model" / "assets" / DATA_FILE).write_text(text)
    assert set(load_served(tmp_path / "model").signatures) == {DEFAULT_SIGNATURE}
