"""TensorFlow Serving's official stubs and TensorFlow's own tool, given an export."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format

from automl.export.classify import (
    CLASSIFY,
    CLASSIFY_METHOD,
    classify_signature,
    feature_name,
    name_classify_method,
)
from automl.export.intake import intake
from automl.export.savedmodel import export_savedmodel
from automl.export.untrusted import check_savedmodel
from automl_datasets.spec import DataSpec
from tests.automl.tiny_models import network_of, raw_inputs, spec_of
from tests.conftest import ROOT

grpc = pytest.importorskip("grpc")
# The official stubs, of the package tensorflow-serving-api.
classification_pb2 = pytest.importorskip("tensorflow_serving.apis.classification_pb2")
predict_pb2 = pytest.importorskip("tensorflow_serving.apis.predict_pb2")
prediction_service_pb2_grpc = pytest.importorskip(
    "tensorflow_serving.apis.prediction_service_pb2_grpc"
)


def service(folder: Path) -> Any:
    """Return what answers the stubs with a SavedModel, by its signatures alone."""
    signatures = tf.saved_model.load(str(folder)).signatures
    base: Any = prediction_service_pb2_grpc.PredictionServiceServicer

    class Service(base):
        def Predict(self, request: Any, context: Any) -> Any:  # noqa: N802
            serve = signatures[request.model_spec.signature_name or "serving_default"]
            inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
            outputs = serve(**{k: tf.constant(v) for k, v in inputs.items()})
            answer = predict_pb2.PredictResponse()
            for name, value in outputs.items():
                answer.outputs[name].CopyFrom(tf.make_tensor_proto(value))
            return answer

        def Classify(self, request: Any, context: Any) -> Any:  # noqa: N802
            examples = request.input.example_list.examples
            strings = [example.SerializeToString() for example in examples]
            outputs = signatures[CLASSIFY](inputs=tf.constant(strings))
            answer = classification_pb2.ClassificationResponse()
            for names, scores in zip(
                outputs["classes"].numpy(), outputs["scores"].numpy(), strict=True
            ):
                found = answer.result.classifications.add()
                for name, score in zip(names, scores, strict=True):
                    found.classes.add(label=name.decode(), score=score)
            return answer

    return Service()


@contextmanager
def stub_of(folder: Path) -> Iterator[Any]:
    """Yield the official client of a server on loopback."""
    server = grpc.server(ThreadPoolExecutor(1))
    added = prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server
    added(service(folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield prediction_service_pb2_grpc.PredictionServiceStub(channel)
    finally:
        server.stop(0).wait()


def predict(stub: Any, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "model"
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    outputs = stub.Predict(request, timeout=60).outputs
    return {name: tf.make_ndarray(value) for name, value in outputs.items()}


def png_of(image: np.ndarray) -> bytes:
    encoded: bytes = tf.io.encode_png(image).numpy()
    return encoded


def test_the_official_stubs_are_answered(tmp_path: Path) -> None:
    spec = spec_of("image", "classification")
    network = network_of(spec)
    export_savedmodel(network, spec, tmp_path / "1")
    images = raw_inputs(spec, (9, 7))
    expected = network.predict(images, verbose=0)
    with stub_of(tmp_path / "1") as stub:
        numbers = predict(stub, "serving_default", inputs=images)
        encoded = predict(stub, "serve_bytes", bytes=[png_of(x) for x in images])
        with pytest.raises(grpc.RpcError, match="float"):
            predict(stub, "serving_default", inputs=images.astype(np.float32))
    for outputs in (numbers, encoded):
        np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-6)
        np.testing.assert_allclose(outputs["score"], expected.max(axis=1), atol=1e-6)
        labels = [label.decode() for label in outputs["label"]]
        assert labels == [spec.classes[i] for i in expected.argmax(axis=1)]


def export_classifier(spec: DataSpec, folder: Path) -> Any:
    """Write a SavedModel with `classify` alone, and return its network."""
    network, entrance = network_of(spec), intake(spec)
    module = tf.Module()
    module.variables_of_network = [v.value for v in network.variables]
    module.resources = entrance.resources
    signature = classify_signature(
        spec, entrance, lambda fitted: {"probabilities": network(fitted)}
    )
    tf.saved_model.save(module, str(folder), signatures={CLASSIFY: signature})
    name_classify_method(folder)
    return network


def example_of(spec: DataSpec, sample: Any) -> tf.train.Example:
    """Return a sample, a text or an encoded file as an example."""
    if isinstance(sample, bytes):
        feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[sample]))
    elif np.issubdtype(sample.dtype, np.integer):
        feature = tf.train.Feature(int64_list=tf.train.Int64List(value=sample.ravel()))
    else:
        feature = tf.train.Feature(float_list=tf.train.FloatList(value=sample.ravel()))
    features = tf.train.Features(feature={feature_name(spec): feature})
    return tf.train.Example(features=features)


@pytest.mark.parametrize("kind", ["image", "series", "text", "volume"])
def test_classify_takes_examples(kind: str, tmp_path: Path) -> None:
    spec = spec_of(kind, "classification", missing=False)
    network = export_classifier(spec, tmp_path / "1")
    check_savedmodel(tmp_path / "1")
    if kind == "text":
        samples: Any = [b"good film", b"bad"]
        fitted = np.stack([intake(spec).fit(tf.constant([t]))[0] for t in samples])
    else:
        fitted = raw_inputs(spec, spec.shape[:-1])
        samples = [png_of(x) for x in fitted] if kind == "image" else fitted
    expected = network.predict(fitted, verbose=0)
    request = classification_pb2.ClassificationRequest()
    request.input.example_list.examples.extend(example_of(spec, s) for s in samples)
    with stub_of(tmp_path / "1") as stub:
        results = stub.Classify(request, timeout=60).result.classifications
    assert len(results) == len(expected)
    for found, scores in zip(results, expected, strict=True):
        assert [each.label for each in found.classes] == list(spec.classes)
        np.testing.assert_allclose([e.score for e in found.classes], scores, atol=1e-6)
    assert method_of(tmp_path / "1", CLASSIFY) == CLASSIFY_METHOD


def method_of(folder: Path, signature: str) -> str:
    from tensorflow.core.protobuf import saved_model_pb2

    file = (folder / "saved_model.pb").read_bytes()
    (graph,) = saved_model_pb2.SavedModel.FromString(file).meta_graphs
    method: str = graph.signature_def[signature].method_name
    return method


@pytest.mark.slow
def test_saved_model_cli_shows_and_runs_an_export(tmp_path: Path) -> None:
    spec = spec_of("series", "classification")
    network = network_of(spec)
    export_savedmodel(network, spec, tmp_path / "model")
    inputs = raw_inputs(spec, (12,))
    np.save(tmp_path / "inputs.npy", inputs)

    def saved_model_cli(*arguments: str) -> str:
        tool = Path(sys.executable).with_name("saved_model_cli")
        command = [str(tool), *arguments, "--dir", str(tmp_path / "model")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    shown = saved_model_cli("show", "--tag_set", "serve", "--signature_def",
                            "serving_default")  # fmt: skip
    for said in ("inputs['inputs']", "DT_FLOAT", "(-1, -1, 2)", "outputs['label']"):
        assert said in shown
    given = ("--inputs", f"inputs={tmp_path / 'inputs.npy'}")
    saved_model_cli("run", "--tag_set", "serve", "--signature_def", "serving_default",
                    *given, "--outdir", str(tmp_path))  # fmt: skip
    found = np.load(tmp_path / "probabilities.npy")
    np.testing.assert_allclose(found, network.predict(inputs, verbose=0), atol=1e-6)


def test_the_configuration_of_the_examples_is_read() -> None:
    config = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    folder = ROOT / "examples" / "serving" / "tensorflow_serving"
    text = (folder / "models.config").read_text()
    (model,) = text_format.Parse(
        text, config.ModelServerConfig()
    ).model_config_list.config
    assert (model.name, model.base_path) == ("digits", "/models/digits")
