"""Texts: tokens as Keras makes them, and a vocabulary of the training split alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled, read_input
from automl_datasets.media import text
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.samples import Layout
from automl_datasets.vocabulary import (
    STANDARDIZE,
    as_reading,
    decoded,
    fitting,
    plan_texts,
    tokenise,
)

AWKWARD = [
    "A plain sentence, with punctuation!",
    "ÀÉÎ ÄÖÜ ŞİI ΑΒΓ АБВ ẞ",  # only ASCII letters are lowered
    "tab\there\nline\r\nvertical\vform\ffeed",
    "non\u00a0breaking\u2003em\u3000ideographic\u0085next",
    "emoji 😀👩‍👩‍👧 flag 🇫🇷 e\u0301 é",
    "don't -- it's [x] {y} `z` ~ ^ \\ / | <a> & * @ # $ % + = ; : ? \" _",
    "curly “quotes” \u2013 dash … ellipsis ¿que?",
    "  leading and trailing  ",
    "日本語のテキスト 中文 한국어",
    "١٢٣ 123 x2 3.14 1,000",
    "\x1c\x1d\x1e\x1f separators \x00 nul",
    "zero\u200bwidth \ufeffmark",
    "word " * 30,
]


@pytest.mark.parametrize("split", ["whitespace", "character"])
def test_tokens_equal_those_of_keras(split: str) -> None:
    import keras

    words = list(dict.fromkeys(t for s in AWKWARD[:-4] for t in tokenise(s, split)))
    layer = keras.layers.TextVectorization(
        standardize=STANDARDIZE,
        split=split,
        output_sequence_length=24,
        vocabulary=words,
    )
    rule = {"vocabulary": words, "split": split, "tokens": 24}
    layout = Layout("text", (24, 1), "int32", rule)
    ours = [as_reading(s, layout, fitted=True).array[:, 0] for s in AWKWARD]
    theirs = np.asarray(layer(np.array(AWKWARD, dtype=object)))
    assert np.array_equal(np.stack(ours), theirs)
    assert (np.stack(ours) == 1).any()  # unknown words occur


@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_any_text_gives_the_tokens_of_keras(texts: list[str]) -> None:
    import keras

    layer = keras.layers.TextVectorization(
        standardize=STANDARDIZE, output_sequence_length=32, vocabulary=["a", "ab"]
    )
    rows = np.asarray(layer(np.array([*texts, "a"], dtype=object)))[:-1]
    for one, row in zip(texts, rows, strict=True):
        tokens = tokenise(one, "whitespace")
        numbers = [{"a": 2, "ab": 3}.get(token, 1) for token in tokens]
        assert row.tolist() == (numbers + [0] * 32)[:32]


@pytest.mark.parametrize("empty", ["", "  \t\n", "!?", "\u2003"[:0]])
def test_a_text_without_words_is_refused(empty: str) -> None:
    layout = plan_texts(lambda: ["some words"]).layout
    with pytest.raises(DataError, match="holds no word"):
        as_reading(empty, layout, fitted=True)


def test_number_of_tokens() -> None:
    def tokens(*lengths: int) -> int:
        plan = plan_texts(lambda: ["w " * n for n in lengths])
        return int(plan.layout.shape[0])

    assert tokens(3, 10, 64) == 64
    assert tokens(*[10] * 99, 65) == 10
    assert tokens(*[500] * 5) == 400


def test_languages_without_blanks_are_divided_into_characters() -> None:
    sentences = [
        "这部电影非常好看我很喜欢它的故事情节",
        "演员的表演也非常出色值得一看再看",
    ]
    plan = plan_texts(lambda: sentences)
    assert plan.layout.preprocessing["split"] == "character"
    assert any("characters" in note for note in plan.notes)
    assert plan.layout.shape == (18, 1)


def test_vocabulary_is_of_the_given_rows_by_frequency_then_alphabet() -> None:
    texts = ["b a c", "b a", "b z unseen", "unseen words here"]
    layout = plan_texts(lambda: texts).layout
    rows = np.stack([as_reading(t, layout, fitted=True).array for t in texts])
    fitted = fitting(layout)([rows[:2], rows[2:3]])
    assert fitted.preprocessing["vocabulary"] == ["b", "a", "c", "unseen", "z"]
    assert fitted.transform is not None
    final = fitted.transform(rows)
    assert final.dtype == np.int32
    assert final[..., 0].tolist() == [[2, 3, 4], [2, 3, 0], [2, 6, 5], [5, 1, 1]]


def test_words_that_occur_once_are_kept_after_frequent_ones() -> None:
    texts = [f"often word{i}" for i in range(1_500)]
    layout = plan_texts(lambda: texts).layout
    rows = np.stack([as_reading(t, layout, fitted=True).array for t in texts])
    vocabulary = fitting(layout)([rows]).preprocessing["vocabulary"]
    assert vocabulary == ["often", *sorted(f"word{i}" for i in range(1_500))]


def test_encodings() -> None:
    assert decoded("é😀".encode()) == ("é😀", "")
    assert decoded("é".encode("utf-8-sig")) == ("é", "")
    assert decoded("é😀".encode("utf-16")) == ("é😀", "")
    found, remark = decoded(b"caf\xe9 \x93x\x94 \x81")
    assert found.startswith("café “x”")
    assert "Windows-1252" in remark


def write_reviews(root: Path) -> Path:
    for name, word in {"good": "great", "bad": "awful"}.items():
        (root / name).mkdir(parents=True)
        for i in range(12):
            body = f"An {word} film, number {i}.\nReally {word}!"
            (root / name / f"{i}.txt").write_text(body, encoding="utf-8")
    return root


def test_class_folders_of_texts(tmp_path: Path) -> None:
    root = write_reviews(tmp_path / "reviews")
    (root / "good" / "empty.txt").touch()
    (root / "good" / "dots.txt").write_text("...")
    (root / "bad" / "old.txt").write_bytes("trop awful à voir".encode("cp1252"))
    data = prepare(DataOptions(str(root)), tmp_path / "out")
    spec = data.spec
    assert (spec.kind, spec.dtype, spec.shape) == ("text", "int32", (7, 1))
    words = spec.preprocessing["vocabulary"]
    reasons = dict(data.profile.skipped)
    assert reasons == {"good/empty.txt": "empty file", "good/dots.txt": "holds no word"}
    assert any("Windows-1252" in note for note in data.profile.notes)
    train = data.split("train")
    seen = Counter(np.asarray(train.inputs).ravel().tolist())
    assert len(words) + 2 == max(seen) + 1  # every word occurs in the training split
    counts = [seen[index] for index in range(2, len(words) + 2)]
    assert counts == sorted(counts, reverse=True)
    places = {word: index for index, word in enumerate(words, start=2)}
    for name, row in zip(train.names, train.inputs, strict=True):
        tokens = tokenise(decoded((root / name).read_bytes())[0], "whitespace")
        assert row[: len(tokens), 0].tolist() == [places[token] for token in tokens]


def test_texts_to_predict_stay_texts(tmp_path: Path) -> None:
    root = write_reviews(tmp_path / "reviews")
    spec = prepare(DataOptions(str(root)), tmp_path / "out").spec
    array = read_input(root / "good" / "1.txt", spec)
    assert array.shape == ()
    assert array.item() == "An great film, number 1.\nReally great!"
    rows = list(labelled(DataOptions(str(root)), spec))
    assert len(rows) == 24
    assert all(isinstance(row[1].item(), str) for row in rows)


def test_binary_files_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(DataError, match="no text"):
        text.peek(str(path))
