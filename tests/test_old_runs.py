"""Runs that earlier versions wrote still open: a kept one of each format proves it.

`tests/old_runs/keep.py` says how they were made.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import automl
from automl.api import resume
from automl.cli import main
from automl.errors import RequestError
from automl.inference import ClassPrediction, Prediction
from automl.run.directory import FORMAT, RunDirectory, format_of

KEPT = Path(__file__).parent / "old_runs"
NAMES = sorted(
    folder.name for folder in KEPT.iterdir() if (folder / "run.json").exists()
)
OLDER = [name for name in NAMES if name != f"format-{FORMAT}"]
NUM_PREDICTED = 10


@pytest.fixture(params=NAMES)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a kept run."""
    copy: Path = shutil.copytree(KEPT / request.param, tmp_path / "run")
    return copy


def write_digit(file: Path) -> Path:
    """Write the digit that a file of `examples/make_digits.py` holds, by its name."""
    pixels = np.rint(load_digits().images[int(file.stem)] * 255 / 16)
    file.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(file)
    return file


def probabilities_of(prediction: Prediction) -> dict[str, float]:
    assert isinstance(prediction, ClassPrediction)
    return prediction.probabilities


def test_there_is_one_of_each_format() -> None:
    formats = {format_of(RunDirectory(KEPT / name).read()) for name in NAMES}
    assert formats == set(range(1, FORMAT + 1))


def test_it_is_loaded(run: Path) -> None:
    opened = automl.load_run(run)
    assert opened.state == "finished"
    assert len(opened.leaderboard) == 2
    assert opened.best.status == "completed"
    assert opened.best.test_score is not None


def test_it_is_reported(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["report", str(run)])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.strip() == str(run / "leaderboard.html")
    page = (run / "leaderboard.html").read_text(encoding="utf-8")
    best = automl.load_run(run).best
    assert best.architecture in page
    rows = json.loads((run / "leaderboard.json").read_text(encoding="utf-8"))
    assert rows["best"]["trial"] == best.trial
    assert "model.keras" in (run / "best" / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_its_model_predicts_what_it_predicted(run: Path, tmp_path: Path) -> None:
    names = json.loads((run / "data" / "test_names.json").read_text(encoding="utf-8"))
    values = json.loads((run / "run.json").read_text(encoding="utf-8"))
    trial = values["selection"]["recommended"]
    folder = run / "trials" / trial / values["selection"]["trainings"][trial]
    (file,) = folder.glob("test_pr*.npy")  # 0.1.0 called it test_probabilities
    recorded = np.load(file)[:NUM_PREDICTED]
    files = [write_digit(tmp_path / name) for name in names[:NUM_PREDICTED]]
    found = automl.load_run(run).predict(files)
    predicted = np.array([list(probabilities_of(each).values()) for each in found])
    np.testing.assert_allclose(predicted, recorded, atol=1e-4)


@pytest.mark.parametrize("name", OLDER)
def test_one_of_an_older_format_does_not_go_on_and_is_left_as_it_was(
    name: str, tmp_path: Path
) -> None:
    run = shutil.copytree(KEPT / name, tmp_path / "run")
    before = (run / "run.json").read_bytes()
    with pytest.raises(RequestError, match="begun by version"):
        resume(run, trials=3)
    assert (run / "run.json").read_bytes() == before
