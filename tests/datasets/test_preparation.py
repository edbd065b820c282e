"""Preparing once, whole or not at all, whatever happens in the middle."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from automl_datasets import preparation
from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.preparation import open_prepared, prepare
from automl_datasets.prepared import PreparedData
from automl_datasets.reading import Chunk, Outcome, read_all
from automl_datasets.reading_processes import ReadingProcesses
from automl_datasets.sources import Layout, Plan, Sample, class_folders
from tests.datasets.conftest import ROOT
from tests.datasets.forms import noise

Images = Callable[..., Path]
OPTIONS = DataOptions("x")


def _contents(data: PreparedData) -> dict[str, tuple[bytes, list[int], list[str]]]:
    splits = {name: data.split(name) for name in ("train", "val", "test")}
    return {
        name: (split.inputs.tobytes(), split.targets.tolist(), split.names)
        for name, split in splits.items()
    }


class Calls(list[tuple[int, int]]):
    def __call__(self, done: int, total: int) -> None:
        self.append((done, total))


def test_progress_reaches_the_total(tmp_path: Path, images: Images) -> None:
    calls = Calls()
    options = DataOptions(str(images({"a": 10, "b": 10})))
    prepare(options, tmp_path / "out", on_progress=calls)
    assert calls[-1] == (20, 20)
    assert calls == sorted(calls)


def test_unchanged_data_is_not_read_again(tmp_path: Path, images: Images) -> None:
    options = DataOptions(str(images({"a": 10, "b": 10})))
    first = prepare(options, tmp_path / "out")
    calls = Calls()
    again = prepare(options, tmp_path / "out", on_progress=calls)
    assert not calls
    assert again == first == open_prepared(tmp_path / "out")


def test_changed_data_or_options_are_read_again(tmp_path: Path, images: Images) -> None:
    root = images({"a": 10, "b": 10})
    first = prepare(DataOptions(str(root)), tmp_path / "out")
    mapped = first.split("train").inputs
    before = mapped.tobytes()
    Image.fromarray(noise(77, 9, 8, 3)).save(root / "a" / "0.png")
    second = prepare(DataOptions(str(root)), tmp_path / "out")
    assert second.fingerprint != first.fingerprint
    second_names = second.split("test").names
    third = prepare(DataOptions(str(root), seed=1), tmp_path / "out")
    assert third.fingerprint == second.fingerprint
    assert third.split("test").names != second_names
    assert mapped.tobytes() == before  # whoever maps the old files keeps them


def test_prepared_data_travels_to_other_processes(
    tmp_path: Path, images: Images
) -> None:
    data = prepare(DataOptions(str(images({"a": 10, "b": 10}))), tmp_path / "out")
    assert data.split("train").inputs.size
    assert len(pickle.dumps(data)) < 5_000
    assert _contents(pickle.loads(pickle.dumps(data))) == _contents(data)


KILLED = """
import os, signal, sys
from pathlib import Path
from automl_datasets import preparation
from automl_datasets.options import DataOptions

calls = 0
def die_after(function):
    def wrapped(*args, **kwargs):
        global calls
        result = function(*args, **kwargs)
        calls += 1
        if calls == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapped

preparation.write_array = die_after(preparation.write_array)
preparation.write_json = die_after(preparation.write_json)
preparation.prepare(
    DataOptions(sys.argv[1]), Path(sys.argv[2]), on_progress=die_after(lambda d, t: 0)
)
"""


@pytest.mark.parametrize("after", [1, 4, 5, 9, 13, 14])
def test_kill_leaves_nothing_that_counts(
    tmp_path: Path, images: Images, after: int
) -> None:
    # Progress is reported 4 times; then come 3 files for each split, and the record.
    root = images({"a": 16, "b": 16})
    out = tmp_path / "out"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(out), str(after)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "datasets")},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    if after < 14:
        with pytest.raises(DataError, match="no finished prepared data"):
            open_prepared(out)
    data = prepare(DataOptions(str(root)), out)
    clean = prepare(DataOptions(str(root)), tmp_path / "clean")
    assert _contents(data) == _contents(clean)
    assert data.profile == clean.profile
    assert sorted(p.name for p in out.iterdir()) == sorted(
        p.name for p in clean.directory.iterdir()
    )


def test_full_disk_is_one_sentence(
    tmp_path: Path,
    images: Images,
    monkeypatch: pytest.MonkeyPatch,
    assert_sentence: Callable[[object], str],
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preparation, "write_array", full)
    with pytest.raises(DataError, match="No space left") as caught:
        prepare(DataOptions(str(images({"a": 9, "b": 9}))), tmp_path / "out")
    assert_sentence(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_directory_that_is_a_file_is_refused(tmp_path: Path, images: Images) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(DataError, match="cannot be written"):
        prepare(DataOptions(str(images({"a": 9, "b": 9}))), tmp_path / "out")


def test_damaged_or_foreign_records_are_refused(tmp_path: Path, images: Images) -> None:
    out = tmp_path / "out"
    options = DataOptions(str(images({"a": 9, "b": 9})))
    prepare(options, out)
    record = out / "prepared.json"
    values = json.loads(record.read_text())
    record.write_text(json.dumps({**values, "format": 99}))
    with pytest.raises(DataError, match="of format 99"):
        open_prepared(out)
    record.write_text(record.read_text()[:50])
    with pytest.raises(DataError, match="no finished prepared data"):
        open_prepared(out)
    assert prepare(options, out).spec.num_train


def test_unknown_split_is_refused(tmp_path: Path, images: Images) -> None:
    data = prepare(DataOptions(str(images({"a": 9, "b": 9}))), tmp_path / "out")
    with pytest.raises(ValueError, match="'dev'"):
        data.split("dev")


def test_processes_read_the_same_as_one(tmp_path: Path, images: Images) -> None:
    scan = class_folders.scan(images({"a": 150, "b": 150}, b=3), OPTIONS)
    plan = class_folders.plan(scan, OPTIONS, thorough=True)
    files = tmp_path / "one.raw", tmp_path / "many.raw"
    one = read_all(scan.samples, plan, files[0], parallel=False)
    many = read_all(scan.samples, plan, files[1], parallel=True)
    assert one == many
    assert sum(outcome.refusal is not None for outcome in one) == 3
    assert files[0].read_bytes() == files[1].read_bytes()


CRASHING = """
import os
from dataclasses import dataclass
import numpy as np
from automl_datasets.sources import Layout, Reading

@dataclass(frozen=True)
class CrashingReader:
    layout: Layout
    def read(self, sample, *, fitted):
        if sample.name == "crash":
            os.abort()
        print("a chatty library")
        return Reading(np.full(self.layout.shape, sample.target, "uint8"), (2,))
"""


def test_crash_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crashing.py").write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)
    import crashing  # type: ignore[import-not-found]

    layout = Layout("series", (2, 1), "uint8")
    reader = crashing.CrashingReader(layout)
    names = ["a", "b", "crash", "c", "d"]
    samples = [Sample(name, i, None, "") for i, name in enumerate(names, start=1)]
    scratch = tmp_path / "scratch.raw"
    scratch.touch()
    with ReadingProcesses(2, reader, scratch) as processes:
        chunks = [Chunk(0, samples[:4]), Chunk(4, samples[4:])]
        outcomes = [o for part in processes.map(chunks) for o in part]
    refusals = [outcome.refusal for outcome in outcomes]
    assert refusals == [None, None, "made the decoder crash", None, None]
    rows = np.frombuffer(scratch.read_bytes(), np.uint8).reshape(5, 2)
    assert rows[:, 0].tolist() == [1, 2, 0, 4, 5]


def test_processes_pass_on_what_was_raised(tmp_path: Path, images: Images) -> None:
    scan = class_folders.scan(images({"a": 2, "b": 2}), OPTIONS)
    plan = class_folders.plan(scan, OPTIONS, thorough=True)
    missing = tmp_path / "nowhere" / "scratch.raw"
    with (
        pytest.raises(FileNotFoundError),
        ReadingProcesses(1, plan.reader, missing) as processes,
    ):
        list(processes.map([Chunk(0, scan.samples)]))


def test_outcomes_and_plans_are_plain(tmp_path: Path, images: Images) -> None:
    scan = class_folders.scan(images({"a": 2, "b": 2}), OPTIONS)
    plan: Plan = class_folders.plan(scan, OPTIONS, thorough=True)
    assert pickle.loads(pickle.dumps(plan.reader)) == plan.reader
    outcome = Outcome(None, b"digest", (2, 2), ("remark",))
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_reading_process_imports_one_medium_alone() -> None:
    program = """
import sys
import automl_datasets.reading
from automl_datasets.sources import Layout, Sample
from automl_datasets.sources._files import FileReader
from automl_datasets.errors import DataError
try:
    layout = Layout("image", (2, 2, 3), "uint8")
    FileReader(layout).read(Sample("a", 0, None, "/nowhere", "image"), fitted=True)
except DataError:
    print(*(name for name in sys.modules if name.startswith("automl_datasets.media.")))
    print("pandas" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "datasets")},
        capture_output=True,
        text=True,
        check=True,
    )
    media, pandas = done.stdout.splitlines()
    assert {name.rpartition(".")[2] for name in media.split()} == {
        "_bands",
        "_base",
        "_tiff_pages",
        "image",
    }
    assert pandas == "False"
