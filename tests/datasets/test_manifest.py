"""What a table of paths means."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tifffile

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import noise, write_png

ODD = ["two words.png", "it's “quoted”.png", "größe 猫.png", "<script>.png", 'a"b.png']


def _table(folder: Path, rows: list[str], *, header: str, count: int = 24) -> Path:
    """Write images `0.png` and so on, and a table of them and of further rows."""
    for i in range(count):
        write_png(folder / f"{i}.png", i)
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def _prepare(path: Path, tmp_path: Path, **options: Any) -> PreparedData:
    return prepare(DataOptions(str(path), **options), tmp_path / "out")


def _names(data: PreparedData) -> set[str]:
    return {n for s in ("train", "val", "test") for n in data.split(s).names}


def test_names_stay_as_they_are(tmp_path: Path) -> None:
    rows = [f"{i}.png,{'ab'[i % 2]}" for i in range(24)]
    for i, name in enumerate(ODD):
        write_png(tmp_path / name, 100 + i)
        quoted = name.replace('"', '""')
        rows.append(f'"{quoted}",a')
    data = _prepare(_table(tmp_path, rows, header="path,label"), tmp_path)
    assert set(ODD) <= _names(data)


def test_rows_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    inside = tmp_path / "data"
    inside.mkdir()
    write_png(tmp_path / "outside.png", 99)
    (inside / "link.png").symlink_to(tmp_path / "outside.png")
    (inside / "loop.png").symlink_to(inside / "loop.png")
    absolute = tmp_path / "elsewhere.png"
    write_png(absolute, 98)
    rows = [f"{i}.png,{'ab'[i % 2]}" for i in range(24)]
    rows += ["../outside.png,a", "link.png,a", "loop.png,b", "none.png,a", "0.png,a"]
    rows += ["1.png", f"{absolute},a", ",a", "notes.txt,a"]
    (inside / "notes.txt").write_text("words")
    rows[3] = "3.png,"
    data = _prepare(_table(inside, rows, header="path,label"), tmp_path)
    reasons = dict(data.profile.skipped)
    assert reasons["../outside.png"] == "leads out of the folder of the table"
    assert reasons["link.png"] == "leads out of the folder of the table"
    assert reasons["none.png"] == "there is no such file"
    assert reasons["3.png"] == "no label"
    assert reasons["0.png"] == "listed more than once"
    assert reasons["notes.txt"] == "not an image"
    assert "loop.png" in reasons
    assert str(absolute) in _names(data)


def test_splits_and_groups(tmp_path: Path) -> None:
    splits = ["train"] * 16 + ["valid"] * 4 + ["TEST"] * 4
    rows = [f"{i}.png,{'ab'[i % 2]},{splits[i]},p{i // 2}" for i in range(24)]
    path = _table(tmp_path, rows, header="file,class,split,patient")
    data = _prepare(path, tmp_path)
    assert (data.spec.num_train, data.spec.num_val, data.spec.num_test) == (16, 4, 4)
    assert any("'patient' is not used" in note for note in data.profile.notes)
    assert data.split("train").groups is None
    grouped = _prepare(path, tmp_path, group="patient")
    assert grouped.split("test").groups == [2, 2, 3, 3]  # p0, p1, p10, p11, p2 ...
    with pytest.raises(DataError, match="nearest is 'patient'"):
        _prepare(path, tmp_path, group="patent")


def test_groups_stay_together(tmp_path: Path) -> None:
    rows = [f"{i}.png,{'ab'[i % 2]},p{i // 3}" for i in range(24)]
    path = _table(tmp_path, rows, header="path,label,patient")
    data = _prepare(path, tmp_path, group="patient")
    held = [set(data.split(s).groups or ()) for s in ("train", "val", "test")]
    assert sum(map(len, held)) == len(set.union(*held)) == 8
    with pytest.raises(DataError, match="choose one"):
        _prepare(path, tmp_path, group="patient", split="time")


def test_row_without_a_group_is_named(tmp_path: Path) -> None:
    rows = [f"{i}.png,{'ab'[i % 2]},{f'p{i // 3}' if i else ''}" for i in range(24)]
    path = _table(tmp_path, rows, header="path,label,patient")
    data = _prepare(path, tmp_path, group="patient")
    assert data.profile.skipped == (("0.png", "has no group"),)
    assert data.split("train").groups is not None


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "cp1252"},
        {"encoding": "utf-16"},
        {"encoding": "utf-16-le"},
        {"encoding": "utf-16-be"},
        {"sep": ";", "decimal": ","},
        {"sep": "|"},
        {"index": True},
        {"header": False},
    ],
    ids=str,
)
def test_however_the_table_is_written(tmp_path: Path, options: dict[str, Any]) -> None:
    for i in range(24):
        write_png(tmp_path / f"{i}.png", i)
    colours = ["größe", "rot", "NaN"]
    rows = [(f"{i}.png", colours[i % 3], i + 0.5) for i in range(24)]
    frame = pd.DataFrame(rows, columns=["path", "label", "label"])
    path = tmp_path / "table.csv"
    frame.to_csv(path, **{"index": False, **options})
    colour, number = "label", "label (2)"
    if not options.get("header", True):
        colour, number = "column 2", "column 3"
    found = inspect(DataOptions(str(path), target=colour))
    assert found.classes == ("größe", "rot")
    assert [why for _, why in found.skipped] == ["no label"] * 8
    guessed = any("Windows-1252" in note for note in found.notes)
    assert guessed == (options.get("encoding") == "cp1252")
    scan = recognise(path)[0].scan(path, DataOptions(str(path), target=number))
    assert [sample.target for sample in scan.samples] == [(i + 0.5,) for i in range(24)]


def test_rows_of_too_many_or_too_few_cells(tmp_path: Path) -> None:
    rows = [f"{i}.png,{'ab'[i % 2]},x" for i in range(24)]
    rows += ["1.png", ",,", "2.png,a,x,too,many"]
    path = _table(tmp_path, rows, header="path,label,more")
    found = inspect(DataOptions(str(path)))
    names = [name for name, _ in found.skipped]
    assert names == ["table.csv", "1.png"]
    assert "saw 5" in found.skipped[0][1]


def test_groups_on_both_sides_are_said(tmp_path: Path) -> None:
    split = ["train"] * 16 + ["test"] * 8
    rows = [f"{i}.png,{'ab'[i % 2]},{split[i]},p{i % 5}" for i in range(24)]
    path = _table(tmp_path, rows, header="path,label,split,patient")
    found = inspect(DataOptions(str(path), group="patient"))
    assert any("of 5 occur in several" in problem for problem in found.problems)
    assert not any("p0" in problem for problem in found.problems)


def test_regression(tmp_path: Path) -> None:
    rows = [f"{i}.png,{i / 2},{i}" for i in range(24)]
    path = _table(tmp_path, rows, header="path,age,weight")
    with pytest.raises(DataError, match="It is not clear which column"):
        _prepare(path, tmp_path)
    data = _prepare(path, tmp_path, target="age,weight", task="regression")
    assert data.spec.task == "regression"
    assert data.spec.targets == ("age", "weight")
    train = data.split("train")
    assert train.targets.dtype == np.float32
    assert train.targets.shape == (len(train), 2)
    for name, target in zip(train.names, train.targets.tolist(), strict=True):
        number = int(name.removesuffix(".png"))
        assert target == [number / 2, number]
    assert data.spec.target_mean == pytest.approx(train.targets.mean(axis=0))
    assert data.spec.target_std == pytest.approx(train.targets.std(axis=0))
    assert data.spec.num_outputs == 2
    scored = labelled(DataOptions(str(path), target="age,weight"), data.spec)
    assert {target for _, _, target in scored} == {(i / 2, i) for i in range(24)}


def test_several_labels(tmp_path: Path) -> None:
    sets = ["x|y", "x", "y", "", "z|x", "z"]
    rows = [f"{i}.png,{sets[i % 6]}" for i in range(24)]
    data = _prepare(_table(tmp_path, rows, header="path,tags"), tmp_path)
    assert (data.spec.task, data.spec.classes) == ("multilabel", ("x", "y", "z"))
    train = data.split("train")
    assert train.targets.dtype == np.float32
    assert data.spec.class_counts == tuple(train.targets.sum(axis=0).astype(int))
    assert any("0.png" in name for name in _names(data))


def test_tables_of_splits_in_a_folder(tmp_path: Path) -> None:
    for i in range(24):
        write_png(tmp_path / f"{i}.png", i)
    for name, numbers in (("train", range(16)), ("test", range(16, 24))):
        rows = [f"{i}.png,{'ab'[i % 2]}" for i in numbers]
        (tmp_path / f"{name}.csv").write_text("\n".join(["path,label", *rows]))
    source, why = recognise(tmp_path)
    assert source.NAME == "table of paths"
    assert "train.csv" in why
    assert _prepare(tmp_path, tmp_path / "x").split("test").names[0] == "16.png"


def test_folders_are_preferred_where_they_say_the_same(
    tmp_path: Path, images: Callable[..., Path]
) -> None:
    root = images({"a": 4, "b": 4})
    rows = [f"{c}/{i}.png,{c}" for c in "ab" for i in range(4)]
    (root / "labels.csv").write_text("\n".join(["path,label", *rows]))
    assert recognise(root)[0].NAME == "class folders"
    assert recognise(root / "labels.csv")[0].NAME == "table of paths"
    rows = [f"{c}/{i}.png,{i % 2}" for c in "ab" for i in range(4)]
    (root / "labels.csv").write_text("\n".join(["path,label", *rows]))
    assert recognise(root)[0].NAME == "table of paths"


def test_splits_that_folders_do_not_tell_are_kept(
    tmp_path: Path, images: Callable[..., Path]
) -> None:
    root = images({"a": 12, "b": 12})
    files = [(f"{c}/{i}.png", c, i) for i in range(12) for c in "ab"]
    parts = [("train", files[:16]), ("test", files[16:])]
    rows = [f"{path},{c},{name}" for name, part in parts for path, c, _ in part]
    (root / "labels.csv").write_text("\n".join(["path,label,split", *rows]))
    assert inspect(DataOptions(str(root))).samples["test"] == 8
    (root / "labels.csv").unlink()
    for name, part in parts:
        rows = [f"{path},{c}" for path, c, _ in part]
        (root / f"{name}.csv").write_text("\n".join(["path,label", *rows]))
    assert inspect(DataOptions(str(root))).samples["test"] == 8


@pytest.mark.parametrize("ending", ["", ".png"])
def test_files_named_without_their_folder_are_found(
    tmp_path: Path, ending: str
) -> None:
    for i in range(24):
        folder = tmp_path / "images" / f"part {i % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        write_png(folder / f"scan_{i}.png", i)
        (folder / f"scan_{i}.json").write_text("{}")
    rows = [f"scan_{i}{ending},{'ab'[i % 2]}" for i in range(24)]
    path = tmp_path / "train.csv"
    write_png(tmp_path / "images" / "part 0" / "scan_24.png", 1)
    write_png(tmp_path / "images" / "part 1" / "scan_24.png", 2)
    lost = [f"gone{ending},a", f"scan_24{ending},b"]
    path.write_text("\n".join(["image_id,dx", *rows, *lost]))
    found = inspect(DataOptions(str(path)))
    assert found.classes == ("a", "b")
    assert sum(found.samples.values()) == 24
    assert dict(found.skipped) == {
        f"gone{ending}": "there is no such file",
        f"scan_24{ending}": "several files are called like this",
    }
    assert any("'images/part 0/scan_0.png'" in note for note in found.notes)
    names = _names(_prepare(path, tmp_path))
    assert "images/part 1/scan_1.png" in names
    shutil.copytree(tmp_path / "images", tmp_path / "masks")  # of the same names
    assert recognise(path)[0].NAME != "table of paths"


def test_files_named_without_their_folder_may_repeat_folders(
    tmp_path: Path, images: Callable[..., Path]
) -> None:
    root = images({"a": 12, "b": 12})
    for i, name in enumerate("ab"):
        for file in sorted((root / name).iterdir()):
            file.rename(file.with_name(f"{i}_{file.name}"))
    rows = [f"{file.stem},{file.parent.name}" for file in sorted(root.glob("*/*"))]
    (root / "labels.csv").write_text("\n".join(["id,label", *rows]))
    assert recognise(root)[0].NAME == "class folders"


@pytest.mark.parametrize("planar", [False, True])
def test_tiff_of_many_channels(tmp_path: Path, planar: bool) -> None:
    for i in range(12):
        (tmp_path / "d" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        pixels = noise(i, 6, 7, 5)
        tifffile.imwrite(
            tmp_path / "d" / "ab"[i % 2] / f"{i}.tif",
            np.moveaxis(pixels, 2, 0) if planar else pixels,
            photometric="minisblack",
            planarconfig="separate" if planar else "contig",
        )
    data = _prepare(tmp_path / "d", tmp_path)
    assert (data.spec.kind, data.spec.shape) == ("image", (6, 7, 5))
    split = data.split("train")
    number = int(split.names[0].split("/")[1].removesuffix(".tif"))
    assert np.array_equal(split.inputs[0], noise(number, 6, 7, 5))


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_deep_colours_and_near_infrared_are_kept(
    tmp_path: Path, planar: bool, channels: int
) -> None:
    def scene(seed: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
        return np.random.default_rng(seed).integers(0, 4096, (6, 7, channels), "uint16")

    for i in range(12):
        (tmp_path / "d" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(
            tmp_path / "d" / "ab"[i % 2] / f"{i}.tif",
            np.moveaxis(scene(i), 2, 0) if planar else scene(i),
            photometric="rgb",
            planarconfig="separate" if planar else "contig",
            extrasamples=["unspecified"] * (channels - 3),
        )
    data = _prepare(tmp_path / "d", tmp_path)
    assert (data.spec.shape, data.spec.dtype) == ((6, 7, channels), "uint16")
    split = data.split("train")
    number = int(split.names[0].split("/")[1].removesuffix(".tif"))
    assert np.array_equal(split.inputs[0], scene(number))


def test_folder_that_links_out_of_the_table_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "data", tmp_path / "secret"
    inside.mkdir()
    outside.mkdir()
    write_png(outside / "1.png", 99)
    (inside / "linked").symlink_to(outside)
    rows = [f"{i}.png,{'ab'[i % 2]}" for i in range(24)]
    path = _table(inside, [*rows, "linked/1.png,a"], header="path,label")
    found = inspect(DataOptions(str(path)))
    assert found.skipped == (("linked/1.png", "leads out of the folder of the table"),)


def test_pages_of_a_tiff_file_are_channels_of_an_image(tmp_path: Path) -> None:
    pages = noise(0, 24, 5, 9, 8)
    for i in range(24):
        folder = tmp_path / "scans" / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(folder / f"{i}.tif", pages[i], photometric="minisblack")
    source = str(tmp_path / "scans")
    assert inspect(DataOptions(source)).kind == "volume"
    data = prepare(DataOptions(source, kind="image"), tmp_path / "out")
    assert (data.spec.kind, data.spec.shape) == ("image", (9, 8, 5))
    split = data.split("train")
    for name, row in zip(split.names, split.inputs, strict=True):
        assert np.array_equal(row, np.moveaxis(pages[int(Path(name).stem)], 0, -1))
