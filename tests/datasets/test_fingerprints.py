"""Data that changes is noticed, wherever its files are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from automl_datasets.fingerprints import fingerprint
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.forms import write_png

Write = Callable[[Path], tuple[Path, Path]]


def _tsv(folder: Path) -> tuple[Path, Path]:
    rows = [[str(i % 2), *(f"{i + k}.5" for k in range(12))] for i in range(12)]
    for split in ("TRAIN", "TEST"):
        lines = ["\t".join(row) + "\n" for row in rows]
        (folder / f"A_{split}.tsv").write_text("".join(lines))
    return folder / "A_TRAIN.tsv", folder / "A_TEST.tsv"


def _ts(folder: Path) -> tuple[Path, Path]:
    head = "@problemName a\n@univariate true\n@classLabel true x y\n@data\n"
    lines = "".join(f"{i},{i + 1}.5,3,4:{'xy'[i % 2]}\n" for i in range(12))
    for split in ("TRAIN", "TEST"):
        (folder / f"A_{split}.ts").write_text(head + lines)
    return folder / "A_TRAIN.ts", folder / "A_TEST.ts"


def _csv(folder: Path) -> tuple[Path, Path]:
    rows = "".join(f"many words of text {i},{'ab'[i % 2]}\n" for i in range(12))
    for split in ("train", "test"):
        (folder / f"{split}.csv").write_text("text,label\n" + rows)
    return folder / "train.csv", folder / "test.csv"


def _npy(folder: Path) -> tuple[Path, Path]:
    for split in ("train", "test"):
        np.save(folder / f"x_{split}.npy", np.random.default_rng(0).random((12, 30)))
        np.save(folder / f"y_{split}.npy", np.arange(12) % 2)
    return folder / "x_train.npy", folder / "y_test.npy"


def _manifest(folder: Path) -> tuple[Path, Path]:
    for i in range(12):
        write_png(folder / f"{i}.png", i)
    rows = "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(12))
    (folder / "labels.csv").write_text("path,label\n" + rows)
    return folder / "labels.csv", folder / "3.png"


def _absolute_paths(folder: Path) -> tuple[Path, Path]:
    (folder / "table").mkdir()
    for i in range(12):
        write_png(folder / f"{i}.png", i)
    rows = "".join(f"{folder / str(i)}.png,{'ab'[i % 2]}\n" for i in range(12))
    (folder / "table" / "labels.csv").write_text("path,label\n" + rows)
    return folder / "table", folder / "3.png"


@pytest.mark.parametrize("write", [_tsv, _ts, _csv, _npy, _manifest, _absolute_paths])
def test_files_beside_the_data_count(tmp_path: Path, write: Write) -> None:
    path, other = write(tmp_path)
    options = DataOptions(str(path))
    before = fingerprint(options)
    assert fingerprint(options) == before
    status = other.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000))
    changed = fingerprint(options)
    assert changed != before
    other.unlink()
    assert fingerprint(options) not in (before, changed)


def test_data_that_is_moved_keeps_its_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    path, _ = _manifest(tmp_path / "one")
    before = fingerprint(DataOptions(str(path)))
    (tmp_path / "one").rename(tmp_path / "other")
    moved = tmp_path / "other" / path.name
    assert fingerprint(DataOptions(str(moved))) == before


def test_other_split_that_changes_is_read_again(tmp_path: Path) -> None:
    path, other = _tsv(tmp_path)
    first = prepare(DataOptions(str(path)), tmp_path / "out")
    other.write_text(other.read_text() + "1" + "\t9.5" * 12 + "\n")
    second = prepare(DataOptions(str(path)), tmp_path / "out")
    assert second.spec.num_test == first.spec.num_test + 1


def test_rows_of_a_table_that_are_no_paths_do_no_harm(tmp_path: Path) -> None:
    path, _ = _manifest(tmp_path)
    with path.open("a") as file:
        file.write(f"{'x' * 5_000}.png,a\nnone.png,b\n")
    before = fingerprint(DataOptions(str(path)))
    write_png(tmp_path / "none.png", 50)
    assert fingerprint(DataOptions(str(path))) != before


@pytest.mark.parametrize("cell", ["", ".", "/", "../..", "pictures/.."])
def test_a_table_that_names_a_folder_around_it_does_not_count_what_is_there(
    cell: str, tmp_path: Path
) -> None:
    table, _ = _manifest(tmp_path)
    with table.open("a") as file:
        file.write(f"{cell},a\n")
    before = fingerprint(DataOptions(str(table)))
    (tmp_path / "other.txt").write_text("not of the data")
    assert fingerprint(DataOptions(str(table))) == before
