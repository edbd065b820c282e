"""A folder as it comes: good photos, broken files and every odd format."""

import csv
import html
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

GOOD = 214
BROKEN = 30


def write_folder(folder: Path, awkward: Path) -> None:
    """Write good and broken images of two classes, the awkward ones among them."""
    generator = np.random.default_rng(0)
    for name in ("dark", "light"):
        (folder / name).mkdir(parents=True)
    for index in range(GOOD):
        name = ("dark", "light")[index % 2]
        level = 60 if name == "dark" else 190
        pixels = generator.normal(level, 30, (24, 32, 3)).clip(0, 255)
        file = folder / name / f"photo {index:03d}.jpg"
        Image.fromarray(pixels.astype(np.uint8)).save(file)
    for index in range(BROKEN):
        whole = (folder / "dark" / "photo 000.jpg").read_bytes()
        broken = folder / ("dark", "light")[index % 2] / f"broken {index:02d}.jpg"
        broken.write_bytes(whole[: 20 * index])
    for index, file in enumerate(sorted(awkward.iterdir())):
        shutil.copy(file, folder / ("dark", "light")[index % 2] / file.name)


def refused_by_manifest(test_data: Path) -> set[str]:
    """Return the names of the awkward images that no one can read."""
    manifest = test_data / "robustness" / "manifest.csv"
    with manifest.open(encoding="utf-8", newline="") as lines:
        return {
            Path(row["file"]).name
            for row in csv.DictReader(lines)
            if row["file"].startswith("images/") and "Error" in row["measured_here"]
        }


def test_it_is_searched_and_what_was_skipped_is_named(
    test_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    write_folder(folder, test_data / "robustness" / "images")
    run = tmp_path / "run"
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "automl", "search", "--data", folder),
            *("--out", run, "--trials", "1", "--epochs", "1", "--image-size", "16"),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    skipped = json.loads((run / "run.json").read_text())["profile"]["skipped"]
    names = {Path(name).name for name, _ in skipped}
    broken = {f"broken {index:02d}.jpg" for index in range(BROKEN)}
    assert refused_by_manifest(test_data) | broken >= names
    assert len(names & broken) >= BROKEN - 2  # the longest may lack a few rows only
    assert names - broken == refused_by_manifest(test_data)
    page = html.unescape((run / "leaderboard.html").read_text())
    for name, reason in skipped:
        assert name in page
        assert reason in page
