"""The real command on real data, from the outside."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

COLUMNS = [
    "rank",
    "trial",
    "status",
    "architecture",
    "val_score",
    "test_score",
    "params",
    "macs",
    "size_mb",
    "latency_ms",
    "epochs",
    "best_epoch",
    "train_seconds",
    "optimizer",
    "learning_rate",
    "origin",
    "reason",
]

pytestmark = pytest.mark.slow


def automl(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer


def rows_of(run: Path) -> list[dict[str, str]]:
    with (run / "leaderboard.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def finished(
    digits: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Any]:
    run = tmp_path_factory.mktemp("runs") / "digits"
    answer = automl(
        "search", "--data", digits, "--out", run, "--trials", 4, "--epochs", 9,
        "--max-params", 60_000, "--json",
    )  # fmt: skip
    assert len(answer.stdout.strip().splitlines()) == 1
    return run, json.loads(answer.stdout)


def test_the_result_on_standard_output(finished: tuple[Path, Any]) -> None:
    run, result = finished
    assert set(result) == {"run", "best", "trials", "seconds", "objective"}
    assert result["run"] == str(run)
    assert set(result["trials"]) == {"completed", "stopped", "failed", "skipped"}
    assert result["trials"]["failed"] == 0
    assert result["best"]["test_score"] > 0.8
    assert result["best"]["params"] <= 60_000


def test_the_leaderboard(finished: tuple[Path, Any]) -> None:
    run, result = finished
    rows = rows_of(run)
    assert list(rows[0])[: len(COLUMNS)] == COLUMNS
    assert [row["rank"] for row in rows if row["rank"]] == [
        str(i + 1) for i in range(sum(bool(row["rank"]) for row in rows))
    ]
    scores = [float(row["val_score"]) for row in rows if row["rank"]]
    assert scores == sorted(scores, reverse=True)
    assert {"lenet5", "resnet-small"} <= {row["origin"] for row in rows}
    for row in rows:
        assert row["status"] in ("completed", "stopped", "skipped")
        assert row["reason"] or row["status"] == "completed"
        assert row["status"] != "skipped" or not row["val_score"]
    counts = result["trials"]
    assert sum(counts.values()) == len(rows)


def test_the_run_directory(finished: tuple[Path, Any]) -> None:
    run, _ = finished
    values = json.loads((run / "run.json").read_text())
    assert values["state"] == "finished"
    assert values["selection"]["recommended"] in values["selection"]["tied"]
    for name in ("leaderboard.html", "leaderboard.json", "log.txt"):
        assert (run / name).stat().st_size > 0
    for name in ("saved_model/saved_model.pb", "model.keras", "labels.txt"):
        assert (run / "best" / name).exists()
    labels = (run / "best" / "labels.txt").read_text().splitlines()
    assert labels == [str(i) for i in range(10)]
    scores = [export["test_score"] for export in values["exports"]]
    best = json.loads((run / "leaderboard.json").read_text())["best"]
    assert scores == [pytest.approx(best["test_score"])] * 2


def test_the_export_predicts_what_predict_does(
    finished: tuple[Path, Any], digits: Path, tmp_path: Path
) -> None:
    run, _ = finished
    lines = automl("predict", run, digits, "--json").stdout.splitlines()
    said = {row["file"]: row["probabilities"] for row in map(json.loads, lines)}
    assert len(said) == 400
    code = f"""
import json, sys, pathlib
sys.modules["keras"] = sys.modules["automl"] = None
import numpy as np, tensorflow as tf
from PIL import Image
serve = tf.saved_model.load({str(run / "best/saved_model")!r}).signatures
files = sorted(map(str, pathlib.Path({str(digits)!r}).rglob("*.png")))
pixels = np.stack([np.asarray(Image.open(f))[..., None] for f in files])
numbers = serve["serving_default"](inputs=tf.constant(pixels))["probabilities"]
encoded = tf.constant([pathlib.Path(f).read_bytes() for f in files])
decoded = serve["serve_bytes"](bytes=encoded)["probabilities"]
print(json.dumps([files, numbers.numpy().tolist(), decoded.numpy().tolist()]))
"""
    answer = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, check=True
    )
    files, numbers, decoded = json.loads(answer.stdout)
    expected = np.array([list(said[file].values()) for file in files])
    assert np.abs(np.array(numbers) - expected).max() < 1e-4
    assert np.abs(np.array(decoded) - expected).max() < 1e-4


def test_evaluate_and_every_form_of_model(
    finished: tuple[Path, Any], digits: Path
) -> None:
    run, _ = finished
    forms = (run, run / "best", run / "best/saved_model", run / "best/model.keras")
    answers = [
        json.loads(automl("evaluate", model, "--data", digits, "--json").stdout)
        for model in forms
    ]
    assert answers[0]["samples"] == 400
    assert answers[0]["interval"][0] < answers[0]["accuracy"]
    assert [a["accuracy"] for a in answers] == [answers[0]["accuracy"]] * 4
    tested = json.loads((run / "data/test_names.json").read_text())
    assert [a["seen"] for a in answers] == [400 - len(tested)] * 4
    told = automl("evaluate", run, "--data", digits)
    assert f"{400 - len(tested)} of these the search trained" in told.stderr


def test_another_trial_can_be_exported(
    finished: tuple[Path, Any], tmp_path: Path
) -> None:
    run, _ = finished
    out = tmp_path / "lenet"
    automl("export", run, "--trial", 1, "--format", "keras", "--out", out)
    assert (out / "model.keras").exists()
    assert not (out / "saved_model").exists()


def test_the_report_is_written_again(finished: tuple[Path, Any]) -> None:
    run, _ = finished
    before = rows_of(run)
    (run / "leaderboard.csv").unlink()
    automl("report", run)
    assert rows_of(run) == before


def test_a_finished_run_is_not_overwritten(
    finished: tuple[Path, Any], digits: Path
) -> None:
    run, _ = finished
    answer = automl("search", "--data", digits, "--out", run, "--trials", 1, code=2)
    assert "automl resume" in answer.stderr


def test_a_finished_run_is_searched_further(
    finished: tuple[Path, Any], digits: Path, tmp_path: Path
) -> None:
    import shutil

    run, result = finished
    longer = tmp_path / "longer"
    shutil.copytree(run, longer)
    automl("resume", longer, code=2)
    answer = json.loads(automl("resume", longer, "--trials", 6, "--json").stdout)
    assert sum(answer["trials"].values()) > sum(result["trials"].values())
    before, after = rows_of(run), rows_of(longer)
    assert {row["trial"] for row in before} < {row["trial"] for row in after}


def test_the_same_seed_gives_the_same_leaderboard(digits: Path, tmp_path: Path) -> None:
    tables = []
    for name in ("first", "second"):
        automl(
            "search", "--data", digits, "--out", tmp_path / name, "--trials", 3,
            "--epochs", 3, "--workers", 1, "--seed", 7, "--quiet",
        )  # fmt: skip
        measured = ("latency_ms", "train_seconds", "latency_p95_ms")
        tables.append(
            [
                {k: v for k, v in row.items() if k not in measured}
                for row in rows_of(tmp_path / name)
            ]
        )
    assert tables[0] == tables[1]


FAULTS = """
import ctypes, multiprocessing, os, time
import keras, tensorflow as tf

def build(hp):
    fault = hp.Choice("fault", ["none", "kill", "segfault", "nan", "raise", "graph"])
    units = hp.Int("units", 2, 6)
    if multiprocessing.parent_process() is not None:
        if fault == "kill":
            os.kill(os.getpid(), 9)
        if fault == "segfault":
            ctypes.string_at(0)
        if fault == "raise":
            raise RuntimeError("this network is impossible")
    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        keras.layers.Rescaling(1 / 255 if fault != "nan" else 1e38),
        keras.layers.Conv2D(units, 3),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
    loss = "sparse_categorical_crossentropy"
    if fault == "graph":
        loss = lambda y, p: tf.debugging.assert_less(tf.reduce_sum(p), -1.0) or 0.0
    model.compile(keras.optimizers.SGD(1e30 if fault == "nan" else 0.1), loss,
                  metrics=["accuracy"])
    return model
"""


def test_no_fault_of_a_trial_ends_the_search(digits: Path, tmp_path: Path) -> None:
    space = tmp_path / "faults.py"
    space.write_text(FAULTS)
    run = tmp_path / "run"
    answer = automl(
        "search", "--data", digits, "--out", run, "--space", space, "--strategy",
        "random", "--trials", 14, "--epochs", 1, "--json",
    )  # fmt: skip
    result = json.loads(answer.stdout)
    assert result["trials"]["completed"] >= 1
    assert result["trials"]["failed"] >= 4
    failed = [row for row in rows_of(run) if row["status"] == "failed"]
    reasons = "\n".join(row["reason"] for row in failed)
    assert "killed by signal 9" in reasons or "killed by signal 11" in reasons
    assert all(row["reason"] and not row["rank"] for row in failed)
    errors = list(run.glob("trials/*/error.txt"))
    assert any("Traceback" in error.read_text() for error in errors)


def test_no_success_is_said_and_has_its_own_exit_code(
    digits: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    answer = automl(
        "search", "--data", digits, "--out", run, "--trials", 2, "--epochs", 1,
        "--max-params", 10, "--quiet", code=3,
    )  # fmt: skip
    assert answer.stderr.count("\n") == 1
    assert "--max-params 10" in answer.stderr
    assert {row["status"] for row in rows_of(run)} == {"skipped"}
    assert (run / "leaderboard.html").exists()
