"""Files of a stranger: nothing in them is executed when they are loaded."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

from automl.engine.export import ExportOptions, export_trial
from automl.errors import RequestError
from automl.export.companions import DATA_FILE, companion_files
from automl.export.keras_file import export_keras
from automl.export.predictor import load_predictor
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from tests.automl.tiny_models import network_of, spec_of

SPEC = spec_of("series", "classification")


def first_layer(config: dict[str, Any]) -> dict[str, Any]:
    layer: dict[str, Any] = config["config"]["layers"][1]
    return layer


def call_of_module(config: dict[str, Any]) -> None:
    first_layer(config).update(module="os", class_name="system", config="touch caught")


def code_in_a_lambda(config: dict[str, Any]) -> None:
    first_layer(config).update(module="keras.layers", class_name="Lambda")


def nested_module(config: dict[str, Any]) -> None:
    first_layer(config)["config"]["activation"] = {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": ["touch", "caught"]},
    }


def nested_compiling(config: dict[str, Any]) -> None:
    """As a model inside the model would be compiled, which is read at any load."""
    first_layer(config)["compile_config"] = {
        "loss": {"module": "subprocess", "class_name": "Popen", "config": {}}
    }


@pytest.mark.parametrize(
    "craft", [call_of_module, code_in_a_lambda, nested_module, nested_compiling]
)
def test_a_keras_file_that_names_code_is_refused(
    tmp_path: Path, craft: Callable[[dict[str, Any]], None]
) -> None:
    export_keras(network_of(SPEC), SPEC, tmp_path / "honest.keras")
    crafted = tmp_path / "crafted.keras"
    with (
        zipfile.ZipFile(tmp_path / "honest.keras") as honest,
        zipfile.ZipFile(crafted, "w") as archive,
    ):
        for name in honest.namelist():
            content = honest.read(name)
            if name == "config.json":
                config = json.loads(content)
                craft(config)
                content = json.dumps(config).encode()
            archive.writestr(name, content)
    load_predictor(tmp_path / "honest.keras")
    with pytest.raises(RequestError, match="could execute code"):
        load_predictor(crafted)


class Writing(tf.Module):
    """Writes a file whenever it is asked for a prediction."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None, 12, 2), tf.float32)]
    )
    def serve(self, inputs: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file(self.path, "caught")]):
            return {"probabilities": tf.reduce_sum(inputs, axis=1)}


class Restoring(tf.Module):
    """Writes a file as soon as it is loaded, by the table that it looks up."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        words = tf.lookup.TextFileInitializer(
            str(path), tf.string, 0, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(words, -1)

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[tf.TensorSpec((None,), tf.string)]
    )
    def serve(self, inputs: Any) -> Any:
        return {"probabilities": self.table.lookup(inputs)}


@pytest.mark.parametrize("kind", [Writing, Restoring])
def test_a_savedmodel_that_reaches_files_is_refused(
    tmp_path: Path, kind: type[Any]
) -> None:
    (tmp_path / "words.txt").write_text("word\n")
    module = kind(tmp_path / "words.txt")
    folder = tmp_path / "saved_model"
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / DATA_FILE).write_text(companion_files(SPEC)[DATA_FILE])
    (tmp_path / "words.txt").unlink()
    with pytest.raises(RequestError, match="reaches out of the model"):
        load_predictor(folder)
    assert not (tmp_path / "words.txt").exists()


def test_no_name_of_a_function_excuses_what_it_does(tmp_path: Path) -> None:
    module = Writing(tmp_path / "caught")
    folder = tmp_path / "saved_model"
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / DATA_FILE).write_text(companion_files(SPEC)[DATA_FILE])
    file = folder / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    text = text_format.MessageToString(model)
    for function in ("__inference_serve_", "__inference_signature_wrapper_"):
        assert function in text
        text = text.replace(function, f"__inference__traced_save{function}")
    renamed = text_format.Parse(text, saved_model_pb2.SavedModel())
    file.write_bytes(renamed.SerializeToString())
    with pytest.raises(RequestError, match="reaches out of the model"):
        load_predictor(folder)
    assert not (tmp_path / "caught").exists()


def test_a_savedmodel_that_can_not_be_looked_through_is_refused(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "saved_model"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / DATA_FILE).write_text(companion_files(SPEC)[DATA_FILE])
    (folder / "saved_model.pb").write_bytes(b"\xff\xff\xff")
    with pytest.raises(RequestError, match="can't be read as a SavedModel"):
        load_predictor(folder)


def test_code_that_only_a_run_names_is_not_executed(tmp_path: Path) -> None:
    code = tmp_path / "space.py"
    caught = tmp_path / "caught"
    code.write_text(f"open({str(caught)!r}, 'w')\ndef build(hp): ...\n")
    run = RunDirectory(tmp_path / "run")
    request = SearchRequest(data="x", space=str(code)).to_json()
    (tmp_path / "run").mkdir()
    run.write({"name": "run", "state": "finished", "request": request})
    with pytest.raises(RequestError, match="--space"):
        export_trial(run, "best", ExportOptions(("keras",)))
    assert not caught.exists()


def test_stock_layers_of_every_sort_pass(tmp_path: Path) -> None:
    inputs = keras.Input(SPEC.shape)
    x = keras.layers.Conv1D(4, 3, kernel_regularizer="l2", padding="causal")(inputs)
    x = keras.ops.gelu(keras.layers.GroupNormalization(2)(x), approximate=True)
    x = keras.layers.Bidirectional(keras.layers.LSTM(2))(x)
    outputs = keras.layers.Dense(3, activation="softmax")(x)
    export_keras(keras.Model(inputs, outputs), SPEC, tmp_path / "model.keras")
    load_predictor(tmp_path / "model.keras")
