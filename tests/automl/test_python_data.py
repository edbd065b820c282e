"""Whatever a person holds in Python becomes a path that reads the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from automl.errors import RequestError
from automl.python_data.writing import is_path, write_data
from tests.automl.prepared_samples import COUNT, all_inputs, same_samples


def test_a_path_is_no_data() -> None:
    assert is_path("x.npz")
    assert is_path(Path("x.npz"))
    assert not is_path(([], []))


def test_arrays(read: Any, series: Any) -> None:
    data = read(series)
    assert (data.spec.kind, data.spec.classes) == ("series", ("0", "1", "2"))
    assert same_samples(data, series[0])


def test_splits_as_keras_datasets_gives_them(read: Any, series: Any) -> None:
    x, y = series
    data = read(((x[:40], y[:40]), (x[40:], y[40:])))
    assert (np.asarray(data.split("test").inputs) == x[40:]).all()
    assert (data.split("test").targets == y[40:]).all()


def test_a_dict_of_arrays(read: Any, series: Any) -> None:
    x, y = series
    names = np.array(["wave", "noise", "rest"])
    data = read(
        {"x_train": x[:40], "y_train": y[:40], "x_test": x[40:], "y_test": y[40:]}
        | {"classes": names}
    )
    assert data.spec.classes == tuple(names)
    assert data.spec.num_test == 20


def test_a_list_of_series_of_unequal_length(read: Any, series: Any) -> None:
    x, y = series
    ragged = [sample[: 10 + index % 11] for index, sample in enumerate(x)]
    data = read((ragged, y))
    assert data.spec.missing
    assert data.spec.shape == (20, 2)
    lengths = np.sort((~np.isnan(all_inputs(data)[..., 0])).sum(axis=1))
    assert (lengths == np.sort([len(sample) for sample in ragged])).all()


def test_a_list_of_texts(read: Any) -> None:
    texts = [f"number {i} is {'odd' if i % 2 else 'even'} I say" for i in range(COUNT)]
    data = read((texts, ["odd" if i % 2 else "even" for i in range(COUNT)]))
    assert data.spec.kind == "text"
    assert data.spec.classes == ("even", "odd")


def test_a_regression_and_several_labels(read: Any, series: Any) -> None:
    x, y = series
    assert read((x, y + x[:, 0, 0])).spec.task == "regression"


def test_a_matrix_of_labels(read: Any, series: Any) -> None:
    x, y = series
    rows = np.stack([y > 0, y > 1, y < 3], axis=1).astype(int)
    assert read((x, rows)).spec.task == "multilabel"


def test_a_frame_with_a_column_of_paths(
    read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    rows = []
    rng = np.random.default_rng(1)
    for index in range(30):
        name = f"photos/{index} ü.png"
        Image.fromarray(rng.integers(255, size=(8, 8, 3), dtype=np.uint8)).save(name)
        split = "test" if index >= 24 else "train"
        rows.append({"photo": name, "label": "ab"[index % 2], "split": split})
    data = read(pd.DataFrame(rows))
    assert (data.spec.kind, data.spec.classes) == ("image", ("a", "b"))
    assert data.spec.num_test == 6


def test_a_frame_of_texts(read: Any) -> None:
    frame = pd.DataFrame(
        {
            "text": [f"sentence {i}, of the {'ab'[i % 2]} kind" for i in range(COUNT)],
            "label": ["ab"[i % 2] for i in range(COUNT)],
        }
    )
    assert read(frame).spec.kind == "text"


@pytest.mark.parametrize("batch", [None, 7])
def test_a_tf_dataset(read: Any, series: Any, batch: int | None) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(series)
    data = read(dataset.batch(batch) if batch else dataset)
    assert same_samples(data, series[0])
    assert data.spec.num_classes == 3


@pytest.mark.parametrize("batch", [None, 12])
def test_a_tf_dataset_of_as_many_steps_as_classes(
    read: Any, series: Any, batch: int | None
) -> None:
    x, y = series[0], np.eye(20, dtype=np.float32)[np.arange(COUNT) % 20]
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    if batch:
        dataset = dataset.batch(batch, drop_remainder=True)
    data = read(dataset)
    assert same_samples(data, x)
    assert data.spec.num_classes == 20


def test_batches_of_one_length(read: Any, series: Any) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(series)
    data = read(dataset.batch(20, drop_remainder=True))
    assert same_samples(data, series[0])


def test_a_tf_dataset_of_unknown_length(read: Any, series: Any) -> None:
    def samples() -> Iterator[tuple[np.ndarray, int]]:
        yield from zip(*series, strict=True)

    signature = (tf.TensorSpec((None, 2)), tf.TensorSpec((), tf.int64))
    dataset = tf.data.Dataset.from_generator(samples, output_signature=signature)
    assert same_samples(read(dataset), series[0])


def test_a_tf_dataset_that_never_ends(tmp_path: Path, series: Any) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(series).repeat()
    with pytest.raises(RequestError, match="repeat"):
        write_data(dataset, tmp_path)


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series(["a", "b", np.nan] * 20),
        pd.Series(["a", "b", pd.NA] * 20, dtype="string"),
        np.array(["a", "b", None] * 20, object),
        ["a", "b", float("nan")] * 20,
    ],
)
def test_texts_without_a_label_are_skipped_and_counted(read: Any, labels: Any) -> None:
    texts = [f"sentence {i}, of the {'ab'[i % 2]} kind" for i in range(COUNT)]
    data = read((texts, labels))
    assert data.spec.classes == ("a", "b")
    assert "20 entries skipped: has no label (20)." in data.profile.notes


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (pd.Series(["a", "b", np.nan] * 20), "nan"),
        (pd.Series([0, 1, pd.NA] * 20, dtype="Int64"), "(nan|<NA>)"),
        (np.array([0.5, 1.5, np.nan] * 20), "nan"),
        (np.array([[0, 1], [1, 0], [1, np.nan]] * 20), r"\[ *1\. +nan\]"),
        (["a", "b", None] * 20, "None"),
    ],
)
def test_arrays_without_a_label_are_refused(
    tmp_path: Path, series: Any, labels: Any, told: str
) -> None:
    sentence = f"^y holds {told} for sample 2; leave out samples without a label.$"
    with pytest.raises(RequestError, match=sentence):
        write_data((series[0], labels), tmp_path)
    assert not list(tmp_path.iterdir())


def test_any_text_survives_the_table(tmp_path: Path) -> None:
    texts = ["\rone", "two\r", "three\r\n\nfour", 'five, "six"', "seven\teight", ";"]
    labels = ["a\rb", "c"] * 3
    path = write_data((texts, labels), tmp_path)
    frame = pd.read_csv(path)
    assert frame["text"].tolist() == texts
    assert frame["label"].tolist() == labels
    path = write_data((["half \ud83d a pair", "b"], ["a", "b"]), tmp_path)
    assert pd.read_csv(path)["text"].tolist() == ["half ? a pair", "b"]


def test_a_keras_py_dataset(read: Any, series: Any) -> None:
    class Batches(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            rows = slice(10 * index, 10 * index + 10)
            return series[0][rows], series[1][rows]

    assert same_samples(read(Batches()), series[0])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (3, "int"),
        (([1], [2], [3]), "tuple of 3"),
        ({"x": [1.0]}, "has x"),
        ((np.zeros((3, 4)), [1, 2]), "3 samples"),
        (([np.zeros((4, 4, 3)), np.zeros((5, 4, 3))], [0, 1]), "Sample 1"),
        (([], []), "no samples"),
        (([{"a": 1}, {"a": 2}], [0, 1]), "object"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, data: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        write_data(data, tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
