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
