"""Exports wait aside until they are proved; one that is not costs no earlier one."""

import os
from pathlib import Path

import pytest

from automl.export.staging import put_in_place, staging

NAMES = ("saved_model", "model.keras")


def write(folder: Path, text: str) -> None:
    """Write a folder, a file and the labels, as exports are."""
    (folder / "saved_model").mkdir(parents=True)
    for name in ("saved_model/saved_model.pb", "model.keras", "labels.txt"):
        (folder / name).write_text(text)


def write_twice(folder: Path) -> None:
    """Break off, with files written."""
    write(folder, "new")
    write(folder, "newer")


def texts(folder: Path) -> dict[str, str]:
    """Return what each file below a folder holds, hidden ones too."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_text() for file in files}


@pytest.fixture
def best(tmp_path: Path) -> Path:
    """A folder with exports of an earlier time."""
    write(tmp_path / "best", "old")
    return tmp_path / "best"


def test_what_is_not_proved_leaves_no_trace(best: Path) -> None:
    before = texts(best)
    with staging(best) as stage:
        write(stage, "new")
        put_in_place(stage, best, [])
    assert texts(best) == before
    with pytest.raises(FileExistsError), staging(best) as stage:
        write_twice(stage)
    assert texts(best) == before
    assert {path.name for path in best.iterdir()} == {*NAMES, "labels.txt"}


def test_what_is_proved_replaces_what_was_there(best: Path) -> None:
    (best / "saved_model" / "variables").write_text("old")
    with staging(best) as stage:
        write(stage, "new")
        put_in_place(stage, best, ["saved_model"])
    assert texts(best) == {
        "saved_model/saved_model.pb": "new",
        "labels.txt": "new",
        "model.keras": "old",
    }
    assert not list(best.glob(".*"))


def test_exports_go_to_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    with staging(tmp_path / "out") as stage:
        assert not (tmp_path / "out").exists()
        write(stage, "new")
        put_in_place(stage, tmp_path / "out", NAMES)
    assert set(texts(tmp_path / "out").values()) == {"new"}


def test_what_a_killed_export_left_is_removed(best: Path) -> None:
    with staging(best) as stage:
        left = stage
    write(left, "half")
    with staging(best) as stage:
        assert not stage.exists()
    assert "half" not in texts(best).values()


def test_the_old_is_there_until_the_new_is_on_the_disk(
    best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda _: seen.append((best / "model.keras").read_text())
    )
    with staging(best) as stage:
        write(stage, "new")
        put_in_place(stage, best, ["model.keras"])
    assert seen == ["old", "new"]  # before the file, and before the labels


def test_exports_at_the_same_time_do_not_meet(best: Path) -> None:
    gone = best / ".exporting-999999999"
    other = best / f".exporting-{os.getppid()}"
    for folder in (gone, other):
        write(folder, "half")
    with staging(best) as stage:
        assert stage not in (gone, other)
    assert not gone.exists()
    assert texts(other)
