"""The examples of the pages on extending: copied from the page, and really used."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from automl.cli import main
from tests.pages import ROOT, SOURCES, copy_sources, files_of, follow

IN_THE_PACKAGES = ("reader", "block", "exporter", "chart")
STEPS = 48


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the packages after all that the pages add to them."""
    folder = tmp_path_factory.mktemp("extended")
    copy_sources(folder)
    for page in IN_THE_PACKAGES:
        follow(page, folder)
    return folder


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return class folders of `.cf32` files: tones that turn left, or right."""
    folder = tmp_path_factory.mktemp("data") / "signals"
    chance = np.random.default_rng(0)
    for name, turn in (("left", 1), ("right", -1)):
        (folder / name).mkdir(parents=True)
        for place in range(30):
            phase = turn * chance.uniform(0.2, 1.0) * np.arange(STEPS)
            noise = chance.normal(0, 0.1, (2, STEPS))
            wave = (
                np.exp(1j * (phase + chance.uniform(0, 6))) + noise[0] + 1j * noise[1]
            )
            wave.astype(np.complex64).tofile(folder / name / f"{place:02d}.cf32")
    return folder


def run(checkout: Path, *arguments: str | Path) -> str:
    """Return what Python says that imports our packages from a checkout."""
    path = os.pathsep.join(str(checkout / folder) for folder in SOURCES)
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_reader_makes_a_new_ending_data(
    checkout: Path, signals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(run(checkout, "-m", "automl", "inspect", signals, "--json"))
    assert found["kind"] == "series"
    assert found["shape"] == [STEPS, 2]
    assert found["classes"] == ["left", "right"]
    with pytest.raises(SystemExit):  # without the page's module
        main(["inspect", str(signals)])
    assert "is not understood" in capsys.readouterr().err


@pytest.mark.slow
def test_a_block_passes_the_tests_of_blocks_at_every_rank(checkout: Path) -> None:
    """It trains, is saved and loaded: the tests go through the catalog."""
    shutil.copy(ROOT / "pyproject.toml", checkout)
    for name in ("specs", "draws", "test_blocks"):
        target = checkout / "tests" / "search_spaces" / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / "search_spaces" / target.name, target)
    asked = "gated and deployed"
    said = run(checkout, "-m", "pytest", "-q", "-k", asked, "tests/search_spaces")
    assert said.splitlines()[-1].startswith("3 passed"), said


@pytest.fixture(scope="module")
def searched(checkout: Path, signals: Path) -> Path:
    """Return a run: everything that the pages add, in one search."""
    for page in ("space", "oracle"):
        follow(page, checkout)
    run(
        checkout, "-m", "automl", "search", "--data", signals, "--out", "run",
        "--space", "small_space.py", "--strategy", "climbing.py:HillClimb",
        "--export", "arrays", "--trials", "4", "--epochs", "2", "--workers", "1",
        "--quiet",
    )  # fmt: skip
    return checkout / "run"


def leaderboard(run: Path) -> list[dict[str, str]]:
    with (run / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_space_and_an_oracle_from_files_search(searched: Path) -> None:
    record = json.loads((searched / "run.json").read_text(encoding="utf-8"))
    assert record["state"] == "finished"
    rows = leaderboard(searched)
    assert len(rows) == 4
    assert "climbing.py:HillClimb" in {row["origin"] for row in rows}
    for row in rows:
        assert re.match(r"(cnn|resnet) [12]x\[", row["architecture"])


@pytest.mark.slow
def test_an_export_format_is_proved_and_predicts_files(
    checkout: Path, signals: Path, searched: Path
) -> None:
    record = json.loads((searched / "run.json").read_text(encoding="utf-8"))
    assert record["failed_exports"] == []
    (export,) = record["exports"]
    assert export["format"] == "arrays"
    assert export["max_difference"] <= 1e-4
    file = searched / "best" / "model.npz"
    with np.load(file, allow_pickle=False) as archive:
        assert archive["0000"].dtype == np.float32
    inputs = (signals / "left" / "00.cf32", signals / "right" / "00.cf32")
    answer = run(checkout, "-m", "automl", "predict", file, *inputs, "--json")
    labels = [json.loads(line)["label"] for line in answer.splitlines()]
    assert len(labels) == len(inputs)
    assert set(labels) <= {"left", "right"}


@pytest.mark.slow
def test_a_chart_is_on_the_page(searched: Path) -> None:
    page = (searched / "leaderboard.html").read_text(encoding="utf-8")
    _, _, drawn = page.partition("<figcaption>Where the training time went")
    rows = leaderboard(searched)
    trained = {row["status"] for row in rows if float(row["train_seconds"] or 0)}
    drawing = drawn.partition("</figure>")[0]
    assert drawing.count('class="bar"') == len(trained) > 0
    assert all(f">{status}</text>" in drawing for status in trained)


def test_a_function_is_a_space(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its shape and its ten classes are those of the page."""
    (file,) = (f for f in files_of("space") if f.path == "my_space.py")
    path = tmp_path / file.path
    path.write_text(file.text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["spaces", "show", str(path), "--shape", "8x8x1", "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    names = {dimension["name"] for dimension in found["dimensions"]}
    assert names == {"filters", "dropout", "batch_size", "learning_rate"}
