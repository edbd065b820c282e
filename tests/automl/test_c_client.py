"""The C program of the examples, built here and asked beside Python."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from automl.export.savedmodel import export_savedmodel
from tests.automl.tiny_models import network_of, raw_inputs, spec_of
from tests.conftest import ROOT

SOURCE = ROOT / "examples" / "c_client"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("cc") is None or shutil.which("make") is None,
        reason="there is no C compiler, or no make",
    ),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = importlib.util.find_spec("tensorflow")
    assert package is not None
    assert package.submodule_search_locations is not None
    library = Path(package.submodule_search_locations[0]) / "libtensorflow_cc.so.2"
    if not library.is_file():
        pytest.skip(f"this TensorFlow has no {library.name}")
    folder = tmp_path_factory.mktemp("c") / "c_client"
    shutil.copytree(SOURCE, folder)
    strict = "CFLAGS=-O1 -Wall -Wextra -Werror"
    subprocess.run(["make", f"PYTHON={sys.executable}", strict], cwd=folder, check=True)
    return folder / "client"


def ask(client: Path, *arguments: str | Path) -> dict[str, list[str]]:
    """Return the values that the program prints, by output."""
    done = subprocess.run(
        [client, *arguments], capture_output=True, text=True, env=quiet(), check=True
    )
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: values for name, *values in lines}


def quiet() -> dict[str, str]:
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}


def answers_of(model: Path, signature: str, **inputs: object) -> dict[str, Any]:
    serve = tf.saved_model.load(str(model)).signatures[signature]
    answers = serve(**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: answer.numpy()[0] for name, answer in answers.items()}


def assert_same(found: dict[str, list[str]], expected: dict[str, Any]) -> None:
    assert set(found) == set(expected)
    for name, values in found.items():
        if name == "label":
            assert values == [expected[name].decode()]
        else:
            numbers = np.array(values, np.float64)
            np.testing.assert_allclose(numbers, expected[name].ravel(), rtol=1e-5)


def test_c_reads_image_files_and_numbers(client: Path, tmp_path: Path) -> None:
    spec = spec_of("image", "multilabel")
    export_savedmodel(network_of(spec), spec, tmp_path / "model")
    image = raw_inputs(spec, (20, 30))[0]
    Image.fromarray(image).save(tmp_path / "image.png")
    image.tofile(tmp_path / "image.raw")
    encoded = ask(client, tmp_path / "model", "serve_bytes", tmp_path / "image.png")
    numbers = (tmp_path / "model", "serving_default", tmp_path / "image.raw")
    expected = answers_of(tmp_path / "model", "serving_default", inputs=image[None])
    assert_same(encoded, expected)
    assert_same(ask(client, *numbers, "20,30,3"), expected)
    for shape, reason in (("20,30,1", "does not fit"), ("600,3", "image.raw: ")):
        failed = subprocess.run(
            [client, *numbers, shape], capture_output=True, text=True, env=quiet()
        )
        assert (failed.returncode, reason in failed.stderr) == (1, True)


@pytest.mark.parametrize("kind", ["series", "text"])
def test_c_reads_what_has_no_encoded_form(
    client: Path, tmp_path: Path, kind: str
) -> None:
    task = "regression" if kind == "series" else "classification"
    spec = spec_of(kind, task)
    model, file = tmp_path / "model", tmp_path / "input"
    export_savedmodel(network_of(spec), spec, model)
    if kind == "text":
        file.write_text("a good film", encoding="utf-8")
        inputs = np.array([b"a good film"], object)
    else:
        inputs = raw_inputs(spec, (9,), count=1)
        inputs.tofile(file)
    expected = answers_of(model, "serving_default", inputs=inputs)
    shape = "" if kind == "text" else "9,2"  # a text has none
    assert_same(ask(client, model, "serving_default", file, shape), expected)
