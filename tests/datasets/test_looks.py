"""How often data is looked at: of very many files, on a network, each look counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automl_datasets import fingerprints
from automl_datasets.fingerprints import fingerprint
from automl_datasets.media.volume_formats import dicom_series
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._manifest_paths import refusals
from automl_datasets.sources.registry import recognise
from automl_datasets.survey import survey
from tests.datasets.dicom_files import pixels, write_series
from tests.datasets.forms import write_png

Images = Callable[..., Path]

CLASSES = "abcdefgh"
OUTSIDE = "leads out of the folder of the table"
SLICES = 24


def _counted(monkeypatch: pytest.MonkeyPatch, *looks: str) -> Counter[str]:
    """Count how often functions of `os` are called, by the path that they are given."""
    counts: Counter[str] = Counter()

    def noting(look: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Any, **options: Any) -> Any:
            counts[os.fspath(path)] += 1
            return look(path, **options)

        return noted

    for name in looks:
        monkeypatch.setattr(os, name, noting(getattr(os, name)))
    return counts


def test_class_folders_are_not_listed_for_each_source(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = images(dict.fromkeys(CLASSES, 2))
    counts = _counted(monkeypatch, "scandir", "listdir")
    recognise(root)  # for a table that names the files, and what most files are
    assert {counts[str(root / name)] for name in CLASSES} == {2}
    counts.clear()
    survey(DataOptions(str(root)))  # and for a table to tell of, and the samples
    assert {counts[str(root / name)] for name in CLASSES} == {5}


def test_what_reads_the_data_is_found_out_once(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = DataOptions(str(images({"a": 9, "b": 9})))
    known = fingerprint(options)

    def again(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(fingerprints, "recognise", again)
    assert prepare(options, tmp_path / "out").fingerprint == known


def test_few_slices_tell_that_a_folder_is_a_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = write_series(tmp_path / "series", pixels(SLICES, 4, 6))
    counts = _counted(monkeypatch, "stat", "lstat")
    assert dicom_series.accepts(series)
    slices = {file for file in counts if Path(file).parent == series}
    assert 0 < len(slices) < SLICES / 2


@pytest.mark.parametrize("name", ["inner", "link"])
def test_a_visible_folder_in_a_series_makes_it_none(tmp_path: Path, name: str) -> None:
    series = write_series(tmp_path / "series", pixels(5, 4, 6))
    if name == "link":
        (series / name).symlink_to(tmp_path)
    else:
        (series / name).mkdir()
    assert not dicom_series.accepts(series)


def test_links_in_a_series_are_slices_where_they_lead_to_one(tmp_path: Path) -> None:
    slices = write_series(tmp_path / "slices", pixels(5, 4, 6))
    series = tmp_path / "series"
    series.mkdir()
    for file in slices.iterdir():
        (series / file.name).symlink_to(file)
    (series / "dead").symlink_to("nowhere")
    (series / "loop").symlink_to("loop")
    assert dicom_series.accepts(series)
    assert dicom_series.peek(series) == dicom_series.peek(slices)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A folder with files, folders and links, some of which lead out of it."""
    folder, outside = tmp_path / "data", tmp_path / "outside"
    for one in (folder / "inner", outside / "deep"):
        one.mkdir(parents=True)
        write_png(one / "1.png", 1)
    (folder / "file").symlink_to(outside / "deep" / "1.png")
    (folder / "own").symlink_to(folder / "inner" / "1.png")
    (folder / "out").symlink_to(outside / "deep")
    (folder / "in").symlink_to(folder / "inner")
    (outside / "back").symlink_to(folder / "inner")
    (folder / "loop").symlink_to("loop")
    return folder


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("inner/1.png", None),
        ("./inner//1.png", None),
        ("inner/../inner/1.png", None),
        ("../data/inner/1.png", None),
        ("../outside/back/1.png", None),
        ("in/1.png", None),
        ("own", None),
        (".", None),
        ("inner/..", None),
        ("../data", None),
        ("..", OUTSIDE),
        ("in/../..", OUTSIDE),
        ("out/..", OUTSIDE),
        ("file", OUTSIDE),
        ("out/1.png", OUTSIDE),
        ("../outside/deep/1.png", OUTSIDE),
        ("loop", "there is no such file"),
        ("inner/1.png/2.png", "there is no such file"),
        ("x" * 300, "no path that can be followed"),
        ("", "no path"),
        ("inner\0", "no path"),
    ],
)
def test_paths_are_followed_to_where_they_lead(
    listed: Path, cell: str, why: str | None
) -> None:
    assert refusals([cell], listed.resolve()) == {cell: why}


def test_absolute_paths_may_lead_out_unless_files_were_found(listed: Path) -> None:
    root, cell = listed.resolve(), str(listed.parent / "outside" / "deep" / "1.png")
    assert refusals([cell], root) == {cell: None}
    assert refusals([cell], root, found=True) == {cell: OUTSIDE}


def test_folders_of_listed_files_are_followed_once(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [f"inner/{i}.png" for i in range(9)]
    for cell in cells:
        write_png(listed / cell, 2)
    root = listed.resolve()
    counts = _counted(monkeypatch, "stat", "lstat")
    assert set(refusals(cells, root).values()) == {None}
    assert {counts[str(root / cell)] for cell in cells} == {2}
    assert counts[str(root / "inner")] <= 2
