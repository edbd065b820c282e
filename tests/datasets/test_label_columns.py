"""Which column of a table holds the label, where several may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from tests.datasets.folder_trees import inspected, note_with
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
COUNT = 24
NAMES = ("dog", "rain", "waves")


def _table(folder: Path, header: str, rows: Sequence[str]) -> Path:
    (folder / "images").mkdir()
    lines = [f"file,{header}"]
    for i, row in enumerate(rows):
        write_png(folder / "images" / f"s{i}.png", i)
        lines.append(f"s{i}.png,{row}")
    (folder / "about.csv").write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize("name", ["category", "class_name", "targetLabel"])
def test_names_come_before_their_numbers(
    tmp_path: Path, assert_sentence: Sentence, name: str
) -> None:
    rows = [f"{i % 5},{i % 3},{NAMES[i % 3]},{i % 2 == 0}" for i in range(COUNT)]
    root = _table(tmp_path, f"fold,target,{name},small", rows)
    found = inspected(root)
    assert found.classes == NAMES
    note = assert_sentence(note_with("The label is in", found.notes))
    assert repr(name) in note
    assert "'target'" in note
    asked = inspect(DataOptions(str(root), target="target"))
    assert asked.classes == ("0", "1", "2")
    numbers = inspect(DataOptions(str(root), task="regression"))
    assert numbers.targets == ("target",)


def test_few_samples_to_score_on_have_the_same_names(tmp_path: Path) -> None:
    """Where each class occurs once as well: the model knows the names."""
    header = "target,category"
    for folder, count in (("seen", COUNT), ("new", 3)):
        (tmp_path / folder).mkdir()
        rows = [f"{i % 3},{NAMES[i % 3]}" for i in range(count)]
        _table(tmp_path / folder, header, rows)
    options = DataOptions(
        str(tmp_path / "seen"), test_data=str(tmp_path / "new" / "about.csv")
    )
    assert inspect(options).samples["test"] == 3


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("target,category", "{i},{two}"),  # of one name several numbers
        ("target,place", "{three},{name}"),  # varies with the classes
        ("target,category", "{three},{three}"),  # numbers once more
        ("label,title_name", "{i},name{row}"),  # each row has its own
        ("label,label_path", "{row},mask{row}.png"),
    ],
)
def test_other_columns_are_no_names_of_numbers(
    tmp_path: Path, header: str, row: str
) -> None:
    rows = [
        row.format(row=i, i=i % 12, two="ab"[i % 2], three=i % 3, name=NAMES[i % 3])
        for i in range(COUNT)
    ]
    found = inspected(_table(tmp_path, header, rows))
    assert not any("The label is in" in note for note in found.notes)
    assert "0" in found.classes or found.task == "regression"


def test_texts_have_names_of_numbers_too(tmp_path: Path) -> None:
    said = "this is a sentence of some words"
    rows = [f"{said} {i},{i % 3},{NAMES[i % 3]}" for i in range(COUNT)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label,label_text", *rows]))
    found = inspected(path)
    assert found.classes == NAMES
    note_with("stand one each for the numbers in 'label'", found.notes)


HEADER = "Finding Labels,Follow-up #,Patient ID,Age,View Position,Image[Width,Height],"


def test_only_column_called_like_a_label_is_meant(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    found_in = ("Hernia", "Hernia|Effusion", "No Finding", "Effusion")
    rows = [
        f"{found_in[i % 4]},{i % 3},{i // 4},6{i % 9},PA,8,9," for i in range(COUNT)
    ]
    found = inspected(_table(tmp_path, HEADER, rows))
    assert found.task == "multilabel"
    assert found.classes == ("Effusion", "Hernia", "No Finding")
    assert_sentence(note_with("The label is in 'Finding Labels'", found.notes))
    note_with("'Patient ID' is not used", found.notes)


@pytest.mark.parametrize(
    "header",
    ["hair label,eye label", "class size,label noise", "ticket class,Age Category"],
)
def test_columns_that_leave_a_doubt_are_to_be_named(
    tmp_path: Path, header: str
) -> None:
    rows = [f"{NAMES[i % 3]},{NAMES[i % 2]}" for i in range(COUNT)]
    with pytest.raises(DataError, match="not clear which column"):
        inspected(_table(tmp_path, header, rows))
