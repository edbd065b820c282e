"""The awkward images that libraries keep to test themselves with."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from automl_datasets.decoding import decode
from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.conftest import ROOT

GIBIBYTE = 2**30
MEASURE = r"""
import pathlib, re, sys
from automl_datasets.decoding import decode
from automl_datasets.errors import DataError
for path in sys.argv[1:]:
    try:
        decode(path, channels=3, dtype="float32")
    except DataError:
        pass
# Not `ru_maxrss`, which a child takes over from the process that started it.
status = pathlib.Path("/proc/self/status").read_text()
print(1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]))
"""


@pytest.fixture(scope="module")
def manifest(test_data: Path) -> dict[str, str]:
    """What is expected of each image, by file name."""
    with (test_data / "robustness" / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    images = {row["file"]: row for row in rows if row["file"].startswith("images/")}
    return {
        name: "error" if "Error" in row["measured_here"] else row["expected"]
        for name, row in images.items()
    }


def test_each_is_read_or_refused_as_expected(
    manifest: dict[str, str], test_data: Path
) -> None:
    table, wrong = [], []
    for name, expected in manifest.items():
        try:
            decoded = decode(test_data / "robustness" / name, channels=3, dtype="uint8")
        except DataError as error:
            outcome, ok = f"refused: {error}", expected == "error"
        else:
            outcome = " ".join([f"read {decoded.header}", *decoded.remarks])
            ok = expected != "error"
        table.append(f"{name[7:]:32} {expected[:28]:28} {outcome}")
        if not ok:
            wrong.append(name)
    print("\n".join(table))  # noqa: T201 - the table is what this test is for
    assert len(table) == 56
    assert not wrong


def test_rotated_photos_look_alike(test_data: Path) -> None:
    folder = test_data / "robustness" / "images"
    thumbs = []
    for name in ("Landscape_1.jpg", "Landscape_6.jpg"):
        pixels = decode(folder / name, channels=1, dtype="uint8", size=(12, 18)).pixels
        thumbs.append(pixels.astype(int))
    assert abs(thumbs[0] - thumbs[1]).max() < 12


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_stays_bounded(manifest: dict[str, str], test_data: Path) -> None:
    paths = [str(test_data / "robustness" / name) for name in manifest]
    command = [sys.executable, "-c", MEASURE, *paths]
    peak = subprocess.run(
        command,
        env={"PYTHONPATH": str(ROOT / "datasets")},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert int(peak.stdout) < GIBIBYTE


def test_a_folder_with_all_of_them_is_prepared(
    manifest: dict[str, str], test_data: Path, tmp_path: Path
) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    for i, name in enumerate(manifest):
        folder = tmp_path / "images" / ("even", "odd")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(test_data / "robustness" / name, folder)
    data = prepare(DataOptions(str(tmp_path / "images")), tmp_path / "out")
    refused = {name.split("/")[1] for name, _ in data.profile.skipped}
    expected = {name[7:] for name, word in manifest.items() if word == "error"}
    assert refused == expected
    counts = data.spec.num_train + data.spec.num_val + data.spec.num_test
    assert counts == len(manifest) - len(expected)
    assert limit == Image.MAX_IMAGE_PIXELS
