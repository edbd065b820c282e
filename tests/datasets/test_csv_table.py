"""CSV tables: texts, headers, splits and groups, and what is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._csv_form import read_form
from automl_datasets.sources.tables import read_columns
from tests.datasets.csv_tables import Sentence, read, save, texts, wide

Frame = dict[str, Any]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"encoding": "utf-8-sig"},
        {"encoding": "cp1252"},
        {"encoding": "utf-16"},
        {"encoding": "utf-16-le"},
        {"encoding": "utf-16-be"},
        {"sep": "\t"},
        {"sep": ";"},
        {"sep": "|"},
        {"lineterminator": "\r\n"},
        {"header": False},
    ],
    ids=str,
)
def test_texts_however_they_are_written(tmp_path: Path, options: Frame) -> None:
    frame = texts()
    scan, plan, rows = read(save(tmp_path / "a.csv", frame, **options))
    assert (scan.kind, scan.task) == ("text", "classification")
    assert [row.item() for row in rows] == frame["text"].tolist()
    assert [scan.classes[int(s.target)] for s in scan.samples] == list(frame["label"])  # type: ignore[arg-type]
    guessed = any("Windows-1252" in note for note in scan.notes)
    assert guessed == (options.get("encoding") == "cp1252")
    assert plan.fitting is not None


def test_stray_quotes_in_tab_separated_texts(tmp_path: Path) -> None:
    lines = ['ham\tHe said "hello', 'spam\t"WIN a prize now', "ham\tok, see you then"]
    path = tmp_path / "sms.tsv"
    path.write_text("".join(f"{lines[i % 3]} {i}\n" for i in range(12)))
    scan, _, rows = read(path)
    assert len(scan.samples) == 12
    assert rows[1].item() == '"WIN a prize now 1'


def test_text_column_and_label_are_told_from_the_rest(tmp_path: Path) -> None:
    frame = texts().assign(fold=range(12), fine_label=list("abcdef") * 2, title="x y z")
    scan, _, rows = read(save(tmp_path / "a.csv", frame))
    assert scan.classes == ("neg", "pos")
    assert rows[0].item().startswith("It is")
    unused = next(note for note in scan.notes if "not used" in note)
    assert all(repr(name) in unused for name in ("fold", "fine_label", "title"))
    chosen, _, _ = read(tmp_path / "a.csv", target="fine_label")
    assert chosen.classes == tuple("abcdef")


@pytest.mark.parametrize("name", ["{}.png", "train/scan_{}.nii.gz", "C:\\me\\{}.wav"])
def test_files_that_are_not_there_are_no_texts(
    tmp_path: Path, name: str, assert_sentence: Sentence
) -> None:
    long = [name.format(f"a_long_name_{i}") for i in range(12)]
    path = save(tmp_path / "a.csv", texts().assign(text=long))
    with pytest.raises(DataError, match=r"not there.*kind text") as caught:
        read(path)
    assert_sentence(caught.value)
    assert len(read(path, kind="text")[2]) == 12


@pytest.mark.parametrize(
    "name", ["https://example.org/{}.png", "www.a.org/{}.jpg", "{}-example.net.au"]
)
def test_web_addresses_are_texts(tmp_path: Path, name: str) -> None:
    long = [name.format(f"a-long-name-{i}") for i in range(12)]
    scan, _, _ = read(save(tmp_path / "a.csv", texts().assign(text=long)))
    assert scan.kind == "text"


def test_texts_that_begin_with_a_time_are_texts(tmp_path: Path) -> None:
    told = [f"01/02/2020 10:{i} disk failure on node {i}" for i in range(10, 22)]
    scan, _, _ = read(save(tmp_path / "a.csv", texts().assign(text=told)))
    assert scan.kind == "text"


def test_sentences_above_others_are_no_header(tmp_path: Path) -> None:
    frame = texts()[["text"]].assign(number=range(12), label=["pos", "neg"] * 6)
    frame.insert(0, "id", range(12))
    frame = frame.astype(object)
    frame.iloc[0, :3] = ["unknown", "I like this nice product a lot", "none"]
    scan, _, _ = read(save(tmp_path / "a.csv", frame, header=False))
    assert (scan.classes, len(scan.samples)) == (("neg", "pos"), 12)


def test_several_columns_that_may_be_the_label_are_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    frame = texts()[["text"]].assign(stars=list("1234") * 3, useful=list("abc") * 4)
    path = save(tmp_path / "a.csv", frame)
    with pytest.raises(DataError, match=r"not clear which column.*'stars'") as caught:
        read(path)
    assert_sentence(caught.value)
    headless = save(tmp_path / "b.csv", frame, header=False)
    assert read(headless)[0].classes == ("a", "b", "c")
    assert read(save(path, frame.drop(columns="useful")))[0].classes == tuple("1234")


def test_columns_of_flags_are_labels_of_one_task(tmp_path: Path) -> None:
    flags = np.random.default_rng(0).integers(0, 2, (12, 2))
    frame = texts()[["text"]].assign(id=range(12), rude=flags[:, 0], funny=flags[:, 1])
    scan, _, _ = read(save(tmp_path / "a.csv", frame))
    assert (scan.task, scan.classes) == ("multilabel", ("rude", "funny"))
    assert [s.target for s in scan.samples] == [tuple(row) for row in flags.tolist()]


def test_missing_labels_and_texts_are_named(tmp_path: Path) -> None:
    frame = texts()
    frame.loc[2, "label"] = None
    frame.loc[3, "text"] = "..."
    path = save(tmp_path / "a.csv", frame)
    with path.open("a") as file:
        file.write("too,many,fields\n")
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    reasons = dict(profile.skipped)
    assert reasons["a.csv[2]"] == "has no label"
    assert reasons["a.csv[3]"] == "holds no word"
    assert "saw 3" in reasons["a.csv"]


def test_splits_and_groups_of_columns(tmp_path: Path) -> None:
    frame = wide().assign(label=[0, 1] * 6, patient=list("uvw") * 4)
    frame["split"] = ["train"] * 6 + ["Validation"] * 2 + ["test"] * 3 + ["holdout"]
    path = save(tmp_path / "a.csv", frame)
    scan, _, _ = read(path)
    counts = Counter(sample.split for sample in scan.samples)
    assert counts == {"train": 6, "val": 2, "test": 3}
    assert "'holdout'" in dict(scan.skipped)["a.csv[11]"]
    assert {sample.group for sample in scan.samples} == {None}
    assert any("'patient' is not used" in note for note in scan.notes)
    grouped, _, _ = read(path, group="patient")
    assert [sample.group for sample in grouped.samples[:4]] == list("uvwu")
    with pytest.raises(DataError, match="no column 'doctor'"):
        read(path, group="doctor")


def test_row_without_a_group_is_named(tmp_path: Path) -> None:
    frame = texts(24).assign(patient=["", *(f"p{i // 4}" for i in range(1, 24))])
    path = save(tmp_path / "a.csv", frame)
    data = prepare(DataOptions(str(path), group="patient"), tmp_path / "out")
    assert data.profile.skipped == (("a.csv[0]", "has no group"),)
    assert data.split("train").groups is not None


@pytest.mark.parametrize(
    ("said", "counts", "refused"),
    [
        (["train", "train", "test", ""], {"train": 6, "test": 3}, 3),
        (["", "", "test", ""], {None: 9, "test": 3}, 0),
    ],
)
def test_empty_splits_are_for_training_where_nothing_else_is(
    tmp_path: Path, said: list[str], counts: dict[str | None, int], refused: int
) -> None:
    scan, _, _ = read(save(tmp_path / "a.csv", texts().assign(split=said * 3)))
    assert Counter(sample.split for sample in scan.samples) == counts
    reasons = [reason for _, reason in scan.skipped]
    assert reasons == ["has no split, though other rows have"] * refused


def test_the_likeliest_column_of_splits_is_taken(tmp_path: Path) -> None:
    frame = texts().assign(fold=["train"] * 12, split=["train", "train", "test"] * 4)
    scan, _, _ = read(save(tmp_path / "a.csv", frame))
    assert Counter(sample.split for sample in scan.samples)["test"] == 4


def test_splits_by_the_names_of_competitions(tmp_path: Path) -> None:
    usage = ["Training"] * 8 + ["PublicTest"] * 2 + ["PrivateTest"] * 2
    scan, _, _ = read(save(tmp_path / "a.csv", texts().assign(Usage=usage)))
    expected = Counter({"train": 8, "val": 2, "test": 2})
    assert Counter(sample.split for sample in scan.samples) == expected


@pytest.mark.parametrize("quoted", [True, False])
def test_table_of_one_column(tmp_path: Path, quoted: bool) -> None:
    path = tmp_path / "a.csv"
    rows = ["text", "short", "with, commas; and more", "größe"]
    if quoted:
        rows[2] = f'"{rows[2]}"'
    path.write_text("\n".join(rows), encoding="cp1252")
    expected = {"text": ["short", "with, commas; and more", "größe"]}
    assert read_columns(path, problems=[]) == expected


@pytest.mark.parametrize("given", ["train.csv", "test.csv", "."])
def test_tables_of_splits_belong_together(tmp_path: Path, given: str) -> None:
    save(tmp_path / "train.csv", texts())
    save(tmp_path / "test.csv", texts(4)[["label", "text"]], sep=";")
    scan, _, rows = read(tmp_path / given)
    assert [s.split for s in scan.samples] == ["train"] * 12 + ["test"] * 4
    assert rows[12].item() == rows[0].item()
    assert any("train.csv" in n and "test.csv" in n for n in scan.notes)


def test_test_table_of_other_columns_is_left_alone(tmp_path: Path) -> None:
    save(tmp_path / "train.csv", texts())
    save(tmp_path / "test.csv", texts()[["text"]].assign(number=range(12)))
    scan, _, _ = read(tmp_path / "train.csv")
    assert {sample.split for sample in scan.samples} == {None}
    assert any("test.csv" in note and "differ" in note for note in scan.notes)


def test_reading_goes_back_and_forth_over_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automl_datasets.sources._csv_chunks._CHUNK_ROWS", 5)
    path = save(tmp_path / "a.csv", wide().assign(label=[0, 1] * 6))
    scan, plan, _ = read(path)
    expected = wide().to_numpy(np.float32)
    for place in (11, 0, 7, 3, 4, 5, 11):
        array = plan.reader.read(scan.samples[place], fitted=True).array
        assert np.array_equal(array[:, 0], expected[place])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("text,label\n", "no rows"),
        ("text\nsome words here\n", "is no table"),
        ('text,label\n"never closed,pos\nmore words here,neg\n' * 1, "check how"),
        ("text,number\n" + "a few words,1\n" * 3, "holds the label|one class"),
    ],
)
def test_refused_tables(
    tmp_path: Path, content: str, said: str, assert_sentence: Sentence
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=said) as caught:
        prepare(DataOptions(str(path)), tmp_path / "out")
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("first", "below", "header"),
    [
        ("label,text", ["pos,a b c", "neg,d e f"], True),
        ("pos,x y z", ["pos,a b c", "neg,d e f"], False),
        ("3,x y z", ["1,a b c", "2,d e f"], False),
        ("0,1,2,3,4,5,6,7,8", ["1,2,5,6,1,7,9,1,0"], True),
        ("0.5,1,2", ["1,2,5", "7,1,3"], False),
        (",a,b", ["0,1,2", "1,5,6"], True),
        ("0,1,2,3,4,5,6,7,label", ["1,2,5,6,1,7,9,1,cat", "2,2,5,6,1,7,9,1,dog"], True),
        ("0,1,2,3,4,5,6,7,kind", ["1,2,5,6,1,7,9,1,cat", "2,2,5,6,1,7,9,1,dog"], True),
        (",0,1,2,3,4,5,6,7,kind", ["0,1,2,5,6,1,7,9,1,cat"], True),
        ("0,1,2,label", ["1,2,5,cat", "7,1,3,dog"], True),
        ("0,4,2,owl", ["1,2,5,cat", "7,1,3,dog"], False),
        ("0,4,2,label", ["1,2,5,cat", "7,1,3,label"], False),
        ("id,age,married", ["1,39,married", "2,35,single"], True),
        ("gone,lost,pos", ["pos,,a b c", "neg,,pos"], False),
        ("gone,3,pos", ["1,2,pos", "2,7,neg"], False),
    ],
)
def test_headers(tmp_path: Path, first: str, below: list[str], header: bool) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([first, *below]))
    form, body = read_form(path)
    assert form.header is header
    assert len(body) == len(below) + (not header)


def test_scoring_takes_the_test_split(tmp_path: Path) -> None:
    save(tmp_path / "a_train.csv", texts(24))
    save(tmp_path / "a_test.csv", texts(6))
    options = DataOptions(str(tmp_path / "a_test.csv"))
    data = prepare(options, tmp_path / "out")
    assert data.spec.num_test == 6
    assert len(list(labelled(options, data.spec))) == 6


@pytest.mark.parametrize(
    ("name", "counts", "classes", "tokens"),
    [
        ("1d/text_mr/mr.csv", {None: 10_662}, 2, 51),
        ("1d/text_trec", {"train": 5_452, "test": 500}, 6, 33),
        ("1d/text_trec/train.csv", {"train": 5_452, "test": 500}, 6, 33),
    ],
)
def test_sentences(
    test_data: Path, name: str, counts: dict[str, int], classes: int, tokens: int
) -> None:
    scan, plan, _ = read(test_data / name)
    assert Counter(sample.split for sample in scan.samples) == counts
    assert len(scan.classes) == classes
    assert plan.layout.shape == (tokens, 1)
