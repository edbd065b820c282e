"""Regression, several labels and rare classes through the real command."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow

COUNT = 240


def automl(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer


def search(data: Path, run: Path, *arguments: object) -> dict[str, Any]:
    answer = automl(
        "search", "--data", data, "--out", run, "--trials", 2, "--epochs", 2,
        "--workers", 1, "--quiet", "--json", *arguments,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def recommended(run: Path) -> dict[str, Any]:
    trial = json.loads((run / "run.json").read_text())["selection"]["recommended"]
    record = run / "trials" / trial / "trial.json"
    values: dict[str, Any] = json.loads(record.read_text())
    return values


def waves() -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.3, size=(COUNT, 32, 1)).astype(np.float32), rng


def test_regression(tmp_path: Path) -> None:
    x, rng = waves()
    size = rng.uniform(1, 3, size=COUNT)
    x[..., 0] += size[:, None] * np.sin(np.arange(32))
    np.savez(tmp_path / "sizes.npz", x=x, y=np.stack([1000 * size, -size], axis=1))
    run = tmp_path / "run"
    result = search(tmp_path / "sizes.npz", run)
    assert result["objective"] == "val_rmse"
    record = recommended(run)
    assert set(record["test_metrics"]) == {"rmse", "mae", "r2", "loss"}
    assert record["test_metrics"]["rmse"] == result["best"]["test_score"]
    low, high = record["test_interval"]
    assert low <= record["test_score"] <= high
    with (run / "leaderboard.csv").open() as lines:
        scores = [float(row["val_score"]) for row in csv.DictReader(lines)]
    assert scores == sorted(scores)  # the smallest error first
    with (run / "trials/0001/history.csv").open() as lines:
        row = next(csv.DictReader(lines))
    assert {"val_rmse", "val_mae", "val_r2", "val_loss", "loss"} <= set(row)
    evaluated = json.loads(
        automl("evaluate", run, "--data", tmp_path / "sizes.npz", "--json").stdout
    )
    assert evaluated["samples"] == COUNT
    again = automl("resume", run, "--trials", 3, "--quiet", "--json")
    assert json.loads(again.stdout)["objective"] == "val_rmse"


def test_several_labels(tmp_path: Path) -> None:
    x, rng = waves()
    held = rng.random((COUNT, 3)) < (0.5, 0.4, 0.3)
    for label, rate in enumerate((0.3, 0.9, 1.7)):
        x[..., 0] += 2 * held[:, label, None] * np.sin(rate * np.arange(32))
    names = np.array(["low", "middle", "high"])
    np.savez(tmp_path / "tones.npz", x=x, y=held.astype(int), classes=names)
    run = tmp_path / "run"
    result = search(tmp_path / "tones.npz", run)
    assert result["objective"] == "val_auc"
    metrics = recommended(run)["test_metrics"]
    assert metrics["auc"] == result["best"]["test_score"]
    assert 0 <= metrics["auc"] <= 1
    page = (run / "leaderboard.html").read_text()
    assert all(name in page for name in names)


def test_a_rare_class(tmp_path: Path) -> None:
    x, rng = waves()
    rare = rng.random(COUNT) < 0.08
    x[..., 0] += 2 * rare[:, None] * np.sin(np.arange(32))
    np.savez(tmp_path / "rare.npz", x=x, y=np.where(rare, "ill", "well"))
    run = tmp_path / "run"
    result = search(tmp_path / "rare.npz", run, "--objective", "val_balanced_accuracy")
    assert result["objective"] == "val_balanced_accuracy"
    record = recommended(run)
    assert record["test_metrics"]["balanced_accuracy"] == record["test_score"]
    assert "imbalanced" in (run / "leaderboard.html").read_text()


def test_an_objective_that_does_not_suit(tmp_path: Path) -> None:
    x, rng = waves()
    np.savez(tmp_path / "values.npz", x=x, y=rng.normal(size=COUNT))
    answer = automl(
        "search", "--data", tmp_path / "values.npz", "--out", tmp_path / "run",
        "--trials", 1, "--objective", "val_accuracy", "--quiet", code=2,
    )  # fmt: skip
    assert len(answer.stderr.splitlines()) == 1
    assert "val_accuracy" in answer.stderr
    assert "val_rmse" in answer.stderr
    assert not (tmp_path / "run").exists()


def test_inspect_takes_what_search_takes(tmp_path: Path) -> None:
    x, rng = waves()
    np.savez(tmp_path / "values.npz", x=x, y=rng.integers(9, size=COUNT))
    seen = automl(
        "inspect", tmp_path / "values.npz", "--task", "regression", "--kind", "series",
        "--json",
    )  # fmt: skip
    assert json.loads(seen.stdout)["task"] == "regression"
    automl("inspect", tmp_path / "values.npz", "--task", "magic", code=2)


def test_arrays_from_python(tmp_path: Path) -> None:
    import automl as product

    x, rng = waves()
    y = rng.integers(2, size=COUNT)
    x[..., 0] += 2 * y[:, None] * np.sin(np.arange(32))
    run = product.search(
        (x, y), out=tmp_path / "run", trials=1, epochs=2, workers=1, export=("keras",)
    )
    assert run.state == "finished"
    assert (tmp_path / "run/input/data.npz").exists()
    with pytest.raises(product.RequestError, match="holds a run already"):
        product.search((x, y), out=tmp_path / "run", trials=1)
    with pytest.raises(product.RequestError, match="PyDataset"):
        product.search(3, out=tmp_path / "none", trials=1)
    assert not (tmp_path / "none").exists()
