"""Which columns are told to keep samples together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.prepared import Split
from automl_datasets.sources._groups import group_notes, like_groups
from tests.datasets.forms import noise, write_png

RECURRING = ["1", "1", "2", "3", "3", "4"]


@pytest.mark.parametrize(
    "name",
    [
        *("Patient ID", "patientId", "SubjectID", "lesion_id", "speaker", "src_file"),
        *("fsID", "participant_id", "session", "track_id", "scan", "client_id"),
    ],
)
def test_names_of_groups(name: str) -> None:
    assert like_groups({name: RECURRING}) == [name]
    assert like_groups({name: [str(i) for i in range(6)]}) == []
    assert like_groups({name: ["0", "1", "1", "0"]}) == []


@pytest.mark.parametrize("name", ["Patient Age", "fs", "Subject Focus", "label", "id"])
def test_names_of_something_else(name: str) -> None:
    assert like_groups({name: RECURRING}) == []


def test_the_coarsest_group_and_the_folds_are_told() -> None:
    notes = group_notes(
        {"scan": RECURRING, "patient": ["1"] * 3 + ["2"] * 3, "fold": RECURRING}
    )
    assert ["'patient'" in notes[0], "The 4 folds in" in notes[1]] == [True, True]
    assert len(notes) == 2
    assert group_notes({"scaffold": RECURRING, "folded": RECURRING}) == []


def test_group_that_is_the_target_is_used(tmp_path: Path) -> None:
    for i in range(24):
        write_png(tmp_path / f"{i}.png", i)
    rows = [f"{i}.png,{'ABC'[i % 3]},L{i // 2}" for i in range(24)]
    path = tmp_path / "about.csv"
    path.write_text("\n".join(["path,group,lesion_id", *rows]))
    found = inspect(DataOptions(str(path), target="group"))
    assert [n.split("'")[1] for n in found.notes if "is not used" in n] == ["lesion_id"]
    path.write_text("\n".join(["path,colour,lesion_id", *rows]))
    assert inspect(DataOptions(str(path))).classes == ("A", "B", "C")


def _grouped(folder: Path, groups: list[str], header: str) -> Path:
    """Write images, and a table of them with a column of groups."""
    for i in range(len(groups)):
        write_png(folder / f"{i}.png", i)
    rows = [f"{i}.png,{'ab'[i % 2]},{group}" for i, group in enumerate(groups)]
    path = folder / "about.csv"
    path.write_text("\n".join([header, *rows]))
    return path


def test_a_column_called_group_is_told_and_not_used_unasked(tmp_path: Path) -> None:
    path = _grouped(tmp_path, [f"p{i // 3}" for i in range(24)], "path,label,group")
    found = inspect(DataOptions(str(path)))
    assert any("'group' is not used" in note for note in found.notes)
    data = prepare(DataOptions(str(path), group="group"), tmp_path / "out")
    held = [set(data.split(s).groups or ()) for s in ("train", "val", "test")]
    assert sum(map(len, held)) == len(set.union(*held)) == 8


def test_folds_of_texts_are_told(tmp_path: Path) -> None:
    rows = [f"{i % 5},{'ab'[i % 2]},some words about {i}" for i in range(40)]
    path = tmp_path / "texts.csv"
    path.write_text("\n".join(["fold,label,text", *rows]))
    assert any("The 5 folds in" in n for n in inspect(DataOptions(str(path))).notes)
    notes = inspect(DataOptions(str(path), group="fold")).notes
    assert not any("folds in" in note for note in notes)


def test_prepared_groups_are_numbers_over_all_splits(tmp_path: Path) -> None:
    patients = [f"Privatus{number}" for number in (9, 10, 11, 12, 13, 14)]
    source = tmp_path / "scans.npz"
    np.savez(
        source,
        x=noise(0, 36, 6, 6),
        y=np.arange(36) % 2,
        patient=np.array(patients).repeat(6),
    )
    options = DataOptions(str(source), group="patient")
    data = prepare(options, tmp_path / "out")
    numbers = {
        name: group
        for split in map(data.split, ("train", "val", "test"))
        for name, group in zip(split.names, split.groups or (), strict=True)
    }
    by_name = [numbers[f"x[{i}]"] for i in range(36)]
    assert by_name == [place for place in (5, 0, 1, 2, 3, 4) for _ in range(6)]
    written = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert not any(b"Privatus" in content for content in written)


def test_groups_that_version_0_1_named_are_read(tmp_path: Path) -> None:
    (tmp_path / "train_groups.json").write_text('["p1", "p2"]')
    assert Split(tmp_path, "train").groups == ["p1", "p2"]
