"""Files in one folder whose names begin with their class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import write_png, write_text, write_wav

Sentence = Callable[[object], str]
PETS = tuple(f"{pet}.{i}.png" for pet in ("cat", "dog") for i in range(6))


def save(folder: Path, names: Iterable[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    writers = {".png": write_png, ".wav": write_wav, ".txt": write_text}
    for seed, name in enumerate(names):
        writers[Path(name).suffix](folder / name, seed)
    return folder


def called(pattern: str, *words: str) -> list[str]:
    return [pattern.format(word, i) for word in words for i in range(1, 6)]


@pytest.mark.parametrize(
    ("names", "kind", "classes"),
    [
        (called("{}.{}.png", "cat", "dog"), "image", ("cat", "dog")),
        (called("{}_{:03}.png", "Bengal", "great_pyrenees"), "image", None),
        (called("{}-{}.wav", "red fox", "owl"), "audio", ("owl", "red fox")),
        (called("{} ({}).png", "größe", "猫猫"), "image", ("größe", "猫猫")),
        (called("{}_{}.txt", "ham", "spam"), "text", ("ham", "spam")),
        (called("{}_{}.png", "cat_image", "dog_image"), "image", None),
    ],
)
def test_words_before_the_number_are_classes(
    tmp_path: Path, names: list[str], kind: str, classes: tuple[str, ...] | None
) -> None:
    path = save(tmp_path / "data", names)
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert data.spec.kind == kind
    assert classes in (None, data.spec.classes)
    assert sum(len(data.split(s)) for s in ("train", "val", "test")) == len(names)
    for name, target in zip(
        data.split("train").names, data.split("train").targets, strict=True
    ):
        assert name.startswith(data.spec.classes[target])
    (note,) = [n for n in data.profile.notes if "taken for a class and a number" in n]
    assert all(repr(name) in note for name in data.spec.classes)


@pytest.mark.parametrize(
    "names",
    [
        ["0_jackson_0.png", "0_theo_1.png", "1_jackson_0.png", "1_theo_1.png"],
        ["39_1_0_2017.png", "1_0_0_2016.png", "4_1_0_2015.png", "4_1_0_2014.png"],
        called("{}_{}.png", "img", "photo"),
        called("{}_{}.png", "train_image", "test_image"),
        called("{}_{}.png", "part_a", "part_b"),
        called("{}_{}.png", "MVIMG", "PXL"),
        called("{}_{}.png", "cam", "camera"),
        called("{}_{}.png", "Bild", "Aufnahme"),
        called("{}_{}.png", "original", "augmented"),
        called("{}_{}.png", "query", "gallery"),
        called("{}_{}.png", "chapter", "appendix"),
        called("{}_{}.png", "cat"),  # one class
        [*PETS, "owl.0.png"],  # one file of a class
        [*PETS, "readable.png"],
        [*PETS, "7.png"],
        called("{}{}.png", "cat", "dog"),
    ],
)
def test_other_names_tell_no_class(
    tmp_path: Path, assert_sentence: Sentence, names: list[str]
) -> None:
    path = save(tmp_path / "data", names)
    with pytest.raises(DataError, match="data") as caught:
        inspect(DataOptions(str(path)))
    assert_sentence(caught.value)


@pytest.mark.parametrize("table", ["sampleSubmission.csv", "sample_submission.csv"])
@pytest.mark.parametrize("test", ["test1", "test"])
def test_unlabelled_test_files_and_submissions_do_not_disturb(
    tmp_path: Path, table: str, test: str
) -> None:
    save(tmp_path / "train", PETS)
    save(tmp_path / test, [f"{i}.png" for i in range(1, 9)])
    rows = [f"{i},{i % 2}" for i in range(1, 9)]
    (tmp_path / table).write_text("\n".join(["id,label", *rows]))
    found = inspect(DataOptions(str(tmp_path)))
    assert found.classes == ("cat", "dog")
    assert sum(found.samples.values()) == len(PETS)
    assert any(note.startswith(f"Left out {test}/") for note in found.notes)


def test_splits_whose_names_tell_classes_are_kept(tmp_path: Path) -> None:
    save(tmp_path / "train", PETS)
    save(
        tmp_path / "test", [f"{pet}.{i}.png" for pet in ("cat", "dog") for i in (7, 8)]
    )
    found = inspect(DataOptions(str(tmp_path)))
    assert found.samples["test"] == 4
    assert any("folders train/, test/" in note for note in found.notes)


def test_tables_and_class_folders_come_first(tmp_path: Path) -> None:
    flat = save(tmp_path / "flat", PETS)
    rows = [f"{name},{i % 3}" for i, name in enumerate(PETS)]
    (flat / "labels.csv").write_text("\n".join(["path,label", *rows]))
    assert recognise(flat)[0].NAME == "table of paths"
    folders = tmp_path / "folders"
    save(folders / "one", PETS)
    save(folders / "two", PETS)
    assert recognise(folders)[0].NAME == "class folders"


def test_other_files_among_them_are_named(tmp_path: Path) -> None:
    path = save(tmp_path / "data", PETS)
    (path / "cat.100.mat").write_bytes(b"MATLAB 5.0")
    (path / "notes.md").write_text("About them")
    names = [name for name, _ in inspect(DataOptions(str(path))).skipped]
    assert names == ["cat.100.mat", "notes.md"]


@pytest.mark.parametrize(
    "asked", [{"group": "a"}, {"target": "a"}, {"task": "regression"}, {"kind": "text"}]
)
def test_what_names_do_not_tell_is_refused(
    tmp_path: Path, assert_sentence: Sentence, asked: dict[str, str]
) -> None:
    path = save(tmp_path / "data", PETS)
    with pytest.raises(DataError) as caught:
        inspect(DataOptions(str(path), **asked))  # type: ignore[arg-type]
    assert next(iter(asked.values())) in assert_sentence(caught.value)


@pytest.mark.parametrize("place", ["labels.csv", "train/labels.csv", "clinical.tsv"])
@pytest.mark.parametrize("folder", ["train", ""])
def test_table_beside_the_files_may_hold_the_labels(
    tmp_path: Path, assert_sentence: Sentence, place: str, folder: str
) -> None:
    save(tmp_path / folder, called("{}_{}.png", "left", "right"))
    if folder:
        save(tmp_path / "test", ["1.png", "2.png"])
    table = tmp_path / (place if folder else Path(place).name)
    rows = [f"/kaggle/{side}_{i}.jpeg,{i % 5}" for side in "ab" for i in range(40)]
    table.write_text("\n".join(["image,level", *rows]))
    with pytest.raises(DataError, match="tell 'left', 'right'; give the") as caught:
        inspect(DataOptions(str(tmp_path)))
    assert str(table) in assert_sentence(caught.value)
    table.unlink()
    assert inspect(DataOptions(str(tmp_path))).classes == ("left", "right")


def test_table_of_which_few_files_are_there_is_not_overruled(tmp_path: Path) -> None:
    path = save(tmp_path / "data", called("{}_{}.png", "left", "right"))
    rows = [f"{side}_{i}.png,{i % 5}" for side in ("left", "right") for i in range(40)]
    (path / "labels.csv").write_text("\n".join(["image,level", *rows]))
    with pytest.raises(DataError, match=r"labels.csv may hold the labels"):
        inspect(DataOptions(str(path)))


def test_few_files_of_other_splits_are_kept(tmp_path: Path) -> None:
    save(tmp_path / "train", PETS)
    save(tmp_path / "val", ["cat.90.png", "dog.91.png"])
    save(tmp_path / "test", ["cat.95.png", "cat.96.png"])
    found = inspect(DataOptions(str(tmp_path)))
    assert (found.samples["val"], found.samples["test"]) == (2, 2)
    assert "Splits kept as given by the folders train/, test/, val/." in found.notes


def test_class_that_training_has_not_is_named(tmp_path: Path) -> None:
    save(tmp_path / "train", PETS)
    save(tmp_path / "test", ["cat.90.png", "dog.91.png", "owl.92.png"])
    (note,) = [
        n for n in inspect(DataOptions(str(tmp_path))).notes if "Left out test/" in n
    ]
    assert "tell 'owl', which" in note
