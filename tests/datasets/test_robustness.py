"""The awkward files that libraries keep to test themselves with."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from automl_datasets.decoding import decode
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.conftest import ROOT

GIBIBYTE = 2**30
SECONDS = 60
# Forks for every file, so that none can harm another and the imports are paid once.
CHILD = r"""
import json, os, pathlib, re, signal, sys, warnings
from automl_datasets.errors import DataError
from automl_datasets.media.registry import medium_of
from automl_datasets.options import DataOptions
from automl_datasets.sources.registry import SOURCES, recognise

warnings.simplefilter("ignore")

def through_medium(medium, path):
    decision = medium.decide([medium.peek(str(path))], DataOptions(str(path)))
    reading, _ = medium.decode(str(path), decision.layout, fitted=True)
    return f"{medium.KIND} {reading.array.shape} {reading.array.dtype}"

def through_source(path):
    options = DataOptions(str(path))
    source, _ = recognise(path)
    scan = source.scan(path, options)
    plan = source.plan(scan, options, thorough=True)
    for sample in scan.samples:
        plan.reader.read(sample, fitted=True)
    return f"{scan.kind} {plan.layout.shape}, {len(scan.samples)} samples"

def outcome(path):
    try:
        medium = medium_of(path)
        table = any(source.recognise(path) for source in SOURCES)
        if medium is None or table:
            return "read", through_source(path)
        return "read", through_medium(medium, path)
    except DataError as error:
        return "refused", str(error)

for name in sys.argv[2:]:
    if os.fork() == 0:
        signal.alarm(int(sys.argv[1]))
        word, told = outcome(pathlib.Path(name))
        # Not `ru_maxrss`, which a child takes over from the process that started it.
        status = pathlib.Path("/proc/self/status").read_text()
        peak = 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
        print(json.dumps([name, word, told, peak]), flush=True)
        os._exit(0)
    os.wait()
"""
MAY_BE_EITHER = (
    "error or partial",
    "needs plugin",
    "see column",
    "force=True",
    "waveform_array",
    "text",
    "ok with h5py",
    "ok with HEAD",  # and by it
    "ok, 4-D",  # where the fourth are channels; many scans in a file are refused
    "ok or unsupported-bit-depth error",
)


class Row(NamedTuple):
    """What became of a file; `peak` in bytes."""

    word: str
    told: str
    peak: int


@pytest.fixture(scope="module")
def expected(test_data: Path) -> dict[str, str]:
    """What is expected of each file: `read`, `refused` or `either`."""
    with (test_data / "robustness" / "manifest.csv").open(encoding="utf-8") as file:
        return {row["file"]: _word(row) for row in csv.DictReader(file)}


def _word(row: dict[str, str]) -> str:
    image = row["file"].startswith("images/")
    if row["expected"].partition(":")[0] == "error" or (
        image and "Error" in row["measured_here"]
    ):
        return "refused"
    # Pages of unequal size are no volume; among images, the first counts.
    several = row["expected"] == "ok, several frames"
    either = several or (not image and row["expected"].startswith(MAY_BE_EITHER))
    return "either" if either else "read"


@pytest.fixture(scope="module")
def manifest(expected: dict[str, str]) -> dict[str, str]:
    """What is expected of each image: `error` or not."""
    return {
        name: "error" if word == "refused" else word
        for name, word in expected.items()
        if name.startswith("images/")
    }


@pytest.fixture(scope="module")
def table(expected: dict[str, str], test_data: Path) -> dict[str, Row]:
    """Every file, handed to the medium or the source that takes it."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    pytest.importorskip("nibabel")
    pytest.importorskip("pydicom")
    folder = test_data / "robustness"
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            CHILD,
            str(SECONDS),
            *(str(folder / n) for n in expected),
        ],
        env={"PYTHONPATH": str(ROOT / "datasets")},
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )
    rows = map(json.loads, ran.stdout.splitlines())
    return {
        Path(name).relative_to(folder).as_posix(): Row(*rest) for name, *rest in rows
    }


def test_every_file_is_read_or_refused(
    table: dict[str, Row], expected: dict[str, str]
) -> None:
    assert len(expected) == 160
    for name, word in expected.items():
        row = table.get(name, Row("CRASHED OR HUNG", "", 0))
        print(  # noqa: T201 - the table is what this test is for
            f"{name:52} expected {word:8} {row.word:8} {row.peak >> 20:5} MiB  "
            f"{row.told[:100]}"
        )
    wrong = [
        f"{name}: {row.word} ({row.told}), but expected: {expected[name]}"
        for name, row in table.items()
        if expected[name] not in ("either", row.word)
    ]
    assert set(table) == set(expected)
    assert not wrong


def test_refusals_are_words(table: dict[str, Row]) -> None:
    refused = [row.told for row in table.values() if row.word == "refused"]
    assert refused
    assert all(told and "\n" not in told for told in refused)


def test_memory_stays_bounded(table: dict[str, Row]) -> None:
    assert max(row.peak for row in table.values()) < GIBIBYTE


def test_rotated_photos_look_alike(test_data: Path) -> None:
    folder = test_data / "robustness" / "images"
    thumbs = []
    for name in ("Landscape_1.jpg", "Landscape_6.jpg"):
        pixels = decode(folder / name, channels=1, dtype="uint8", size=(12, 18)).pixels
        thumbs.append(pixels.astype(int))
    assert abs(thumbs[0] - thumbs[1]).max() < 12


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
