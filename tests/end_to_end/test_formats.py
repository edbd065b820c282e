"""One search exported to every format, used from files; and a trial trained again."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FORMATS = ("savedmodel", "keras", "onnx", "litert")
FILES = ("saved_model", "model.keras", "model.onnx", "model.tflite")


def automl(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def run(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats") / "run"
    options = ("--trials", "2", "--epochs", "2", "--workers", "1", "--quiet")
    formats = ("--export", ",".join(FORMATS), "--quantize", "float16")
    automl("search", "--data", digits, "--out", folder, *options, *formats)
    return folder


def test_every_format_is_proved_and_noted(run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    assert record["failed_exports"] == []
    assert [row["format"] for row in record["exports"]] == list(FORMATS)
    for row in record["exports"]:
        assert (run / "best" / row["path"]).exists()
        limit = 1e-2 if row["format"] == "litert" else 1e-4
        assert row["max_difference"] <= limit
        assert row["size_mb"] > 0
        for batch in ("batch_1", "batch_32"):
            assert 0 < row["figures"][batch][0] <= row["figures"][batch][1]


def test_each_format_predicts_files_alike(run: Path, digits: Path) -> None:
    answers = {}
    for name in FILES:
        done = automl("predict", run / "best" / name, digits / "3", "--csv")
        rows = list(csv.DictReader(done.stdout.splitlines()))
        assert len(rows) == len(list((digits / "3").iterdir()))
        answers[name] = [float(row["probability 3"]) for row in rows]
    for name in FILES[1:]:
        assert answers[name] == pytest.approx(answers["saved_model"], abs=1e-2)


def test_a_trial_without_weights_is_trained_again(run: Path) -> None:
    trial, *_ = sorted(path.name for path in (run / "trials").iterdir())
    for weights in (run / "trials" / trial).glob("*/best.npz"):
        weights.unlink()
    done = automl("export", run, "--trial", trial, "--format", "onnx")
    assert "trained again" in done.stderr
    record = json.loads((run / "trials" / trial / "trial.json").read_text())
    note = json.loads((run / "trials" / trial / "export" / "export.json").read_text())
    assert note["retrained"]
    if record["test_score"] is not None:
        scores = [row["test_score"] for row in note["exports"]]
        assert scores == pytest.approx([record["test_score"]], abs=0.05)
    assert (run / "trials" / trial / "export" / "model.onnx").is_file()


def test_an_unknown_format_is_refused(run: Path) -> None:
    done = automl("export", run, "--format", "caffe", code=2)
    assert "'caffe' is not known" in done.stderr
    assert done.stderr.count("\n") == 1


DILATED = """
import keras

def build(hp):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Reshape((4, 4, 4, 1))(keras.layers.Rescaling(1 / 255)(inputs))
    x = keras.layers.Conv3D(hp.Int("filters", 2, 4), 2, dilation_rate=2)(x)
    outputs = keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, outputs)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


def test_a_format_that_can_not_hold_the_model_loses_nothing_else(
    digits: Path, tmp_path: Path
) -> None:
    run, space = tmp_path / "run", tmp_path / "dilated.py"
    space.write_text(DILATED)
    options = ("--trials", "1", "--epochs", "1", "--workers", "1", "--quiet", "--json")
    done = automl(
        "search", "--data", digits, "--out", run, "--space", space, "--export",
        "litert", *options, code=2,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["best"]["test_score"] is not None
    assert "(Conv3D)" in told["failed_exports"]["litert"]
    assert json.loads((run / "run.json").read_text())["state"] == "finished"
    command = f"automl export {run} --space {space} --format savedmodel"
    assert f"`{command}`" in done.stderr.splitlines()[-1]
    automl("predict", run, digits / "3", code=2)
    automl(*command.split()[1:])
    automl("predict", run, digits / "3")
