"""Hugging Face data sets, with the real library where it is installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from automl.errors import RequestError
from automl.python_data.writing import write_data
from tests.automl.prepared_samples import COUNT, same_samples

hugging_face = pytest.importorskip("datasets", reason="Hugging Face's library")


def test_hugging_face_images_keep_their_files(read: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = [
        Image.fromarray(rng.integers(255, size=(8 + i % 3, 9, 3), dtype=np.uint8))
        for i in range(30)
    ]
    features = hugging_face.Features(
        image=hugging_face.Image(), label=hugging_face.ClassLabel(names=["cat", "dog"])
    )
    columns = {"image": images, "label": [i % 2 for i in range(30)]}
    dataset = hugging_face.Dataset.from_dict(columns, features=features)
    data = read(hugging_face.DatasetDict(train=dataset, test=dataset.select(range(6))))
    assert data.spec.kind == "image"
    assert data.spec.classes == ("cat", "dog")
    assert data.spec.num_test == 6


def test_hugging_face_texts(read: Any) -> None:
    texts = [f"sentence {i}, of the {'ab'[i % 2]} kind" for i in range(COUNT)]
    dataset = hugging_face.Dataset.from_dict(
        {
            "idx": list(range(COUNT)),
            "text": texts,
            "label": [i % 2 for i in range(COUNT)],
        }
    )
    assert read(dataset).spec.kind == "text"


def test_hugging_face_arrays_and_lists_of_labels(read: Any, series: Any) -> None:
    names = ["low", "high", "odd"]
    features = hugging_face.Features(
        wave=hugging_face.Array2D((20, 2), "float32"),
        labels=hugging_face.Sequence(hugging_face.ClassLabel(names=names)),
    )
    held = [[0], [1, 2], []] * (COUNT // 3)
    dataset = hugging_face.Dataset.from_dict(
        {"wave": series[0], "labels": held}, features=features
    )
    data = read(dataset)
    assert (data.spec.task, data.spec.classes) == ("multilabel", tuple(names))
    assert same_samples(data, series[0])


def test_a_data_set_without_labels_is_refused(tmp_path: Path) -> None:
    dataset = hugging_face.Dataset.from_dict({"text": ["a", "b"]})
    with pytest.raises(RequestError, match="text"):
        write_data(dataset, tmp_path)


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    part = hugging_face.Dataset.from_dict({"text": ["a", "b"], "label": [0, 1]})
    both = hugging_face.DatasetDict(train=part, unsupervised=part)
    with pytest.raises(RequestError, match="unsupervised"):
        write_data(both, tmp_path)


def _sentences(count: int = COUNT) -> list[str]:
    return [f"sentence {i}, of the {'ab'[i % 2]} kind" for i in range(count)]


def _classified(labels: list[int | None], **columns: Any) -> Any:
    names = hugging_face.ClassLabel(names=["bad", "good"])
    data = hugging_face.Dataset.from_dict({**columns, "label": labels})
    return data.cast_column("label", names)


def test_a_split_without_labels_is_left_out(read: Any) -> None:
    train = _classified([0, 1] * (COUNT // 2), text=_sentences())
    test = _classified([0, 1] * 6, text=_sentences(12))
    bare = _classified([-1] * 9, text=_sentences(9))
    data = read(hugging_face.DatasetDict(train=train, test=test, unsupervised=bare))
    assert data.spec.classes == ("bad", "good")
    assert data.spec.num_test == 12
    why = "its split 'unsupervised' is none of train, val, test"
    assert f"9 entries skipped: {why} (9)." in data.profile.notes


def test_a_test_split_without_labels_is_carved_anew(read: Any, series: Any) -> None:
    x = series[0]
    train = _classified([0, 1] * (COUNT // 2), wave=x.tolist())
    bare = _classified([-1] * 12, wave=x[:12].tolist())
    data = read(hugging_face.DatasetDict(train=train, test=bare))
    assert data.spec.num_train + data.spec.num_val + data.spec.num_test == COUNT
    assert "Arrays not used: 'test (no labels)'." in data.profile.notes


@pytest.mark.parametrize("missing", [None, -1])
def test_samples_without_a_label_are_skipped(read: Any, missing: int | None) -> None:
    data = read(_classified([0, 1, missing] * (COUNT // 3), text=_sentences()))
    assert data.spec.classes == ("bad", "good")
    assert "20 entries skipped: has no label (20)." in data.profile.notes


def test_texts_of_labels_may_be_missing(read: Any) -> None:
    labels = ["bad", "good", None] * (COUNT // 3)
    data = read(hugging_face.Dataset.from_dict({"text": _sentences(), "label": labels}))
    assert data.spec.classes == ("bad", "good")


def test_arrays_and_files_without_a_label(
    read: Any, tmp_path: Path, series: Any
) -> None:
    labels = [0, 1, None] * (COUNT // 3)
    with pytest.raises(RequestError, match="label holds None for sample 2"):
        write_data(_classified(labels, wave=series[0].tolist()), tmp_path / "arrays")
    rng = np.random.default_rng(1)
    pixels = rng.integers(255, size=(COUNT, 8, 9, 3), dtype=np.uint8)
    images = _classified(labels, image=[Image.fromarray(image) for image in pixels])
    data = read(images.cast_column("image", hugging_face.Image()))
    assert "20 entries skipped: no label (20)." in data.profile.notes


def test_nothing_but_missing_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Not one sample has a label in 'label'"):
        write_data(_classified([-1, None], text=["a", "b"]), tmp_path)


def test_the_text_is_chosen_as_that_of_a_table(read: Any) -> None:
    columns = {
        "label": ["bad", "good"] * (COUNT // 2),
        "title": [f"short title {i}" for i in range(COUNT)],
        "content": _sentences(),
    }
    notes = read(hugging_face.Dataset.from_dict(columns)).profile.notes
    assert "Texts are in the column 'content'; the label is in 'label'." in notes
    assert "Columns not used: 'title'." in notes


@pytest.mark.parametrize("form", ["text", "image", "wave"])
def test_groups_are_kept_together(read: Any, series: Any, form: str) -> None:
    speakers = [index // 4 for index in range(COUNT)]
    labels: list[int | None] = [0, 1] * (COUNT // 2)
    rng = np.random.default_rng(1)
    pixels = rng.integers(255, size=(COUNT, 8, 9, 3), dtype=np.uint8)
    samples = {
        "text": _sentences(),
        "image": [Image.fromarray(image) for image in pixels],
        "wave": series[0].tolist(),
    }
    dataset = _classified(labels, **{form: samples[form]}, speaker_id=speakers)
    if form == "image":
        dataset = dataset.cast_column("image", hugging_face.Image())
    data = read(dataset, group="speaker_id")
    groups = [set(data.split(name).groups) for name in ("train", "val", "test")]
    assert sum(map(len, groups)) == len(set.union(*groups)) == COUNT // 4


def test_a_group_that_is_not_there_is_refused(tmp_path: Path) -> None:
    dataset = _classified([0, 1], text=["a", "b"])
    with pytest.raises(RequestError, match="no column 'speaker'; the data has text"):
        write_data(dataset, tmp_path, group="speaker")


def test_a_column_is_asked_for_by_its_name(read: Any, series: Any) -> None:
    feelings = ["bad", "good"] * (COUNT // 2)
    columns = {"text": _sentences(), "feeling": feelings, "label": [0] * COUNT}
    data = read(hugging_face.Dataset.from_dict(columns), target="feeling")
    assert data.spec.classes == ("bad", "good")


def test_numbers_beside_several_labels_are_none_of_them(read: Any) -> None:
    features = hugging_face.Features(
        text=hugging_face.Value("string"),
        flag=hugging_face.Value("int64"),
        category=hugging_face.Value("string"),
        labels=hugging_face.Sequence(hugging_face.ClassLabel(names=["low", "high"])),
    )
    columns = {
        "text": _sentences(),
        "flag": [0, 1] * (COUNT // 2),
        "category": ["one", "two"] * (COUNT // 2),
        "labels": [[0], [0, 1], []] * (COUNT // 3),
    }
    data = read(hugging_face.Dataset.from_dict(columns, features=features))
    assert (data.spec.task, data.spec.classes) == ("multilabel", ("low", "high"))


def test_lists_of_unequal_length_are_refused(tmp_path: Path) -> None:
    columns = {"text": ["a", "b"], "labels": [[1], [1, 2]]}
    with pytest.raises(RequestError, match="lists of 1 to 2 labels"):
        write_data(hugging_face.Dataset.from_dict(columns), tmp_path)
