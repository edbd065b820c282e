"""IDX files: what they hold, how they find each other, and what is refused."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._idx_file import read_idx_header
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import noise

Sentence = Callable[[object], str]
DASHED = "{}-{}-idx{}-ubyte"
IMAGES, LABELS = noise(1, 20, 6, 5), (np.arange(20) % 4).astype(np.uint8)


def packed(array: NDArray[Any], *, shape: tuple[int, ...] | None = None) -> bytes:
    """Return an array of bytes in the IDX format; its header may lie."""
    shape = array.shape if shape is None else shape
    head = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return head + array.tobytes()


def save(
    folder: Path,
    split: str = "train",
    images: NDArray[Any] = IMAGES,
    labels: NDArray[Any] = LABELS,
    *,
    name: str = DASHED,
    ending: str = "",
) -> Path:
    """Write images and labels; return the path of the images."""
    folder.mkdir(parents=True, exist_ok=True)
    pack = gzip.compress if ending else bytes
    path = folder / (name.format(split, "images", images.ndim) + ending)
    path.write_bytes(pack(packed(images)))
    beside = folder / (name.format(split, "labels", 1) + ending)
    beside.write_bytes(pack(packed(labels)))
    return path


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("name", [DASHED, "{}-{}.idx{}-ubyte", "my-{}-{}-idx{}-ubyte"])
def test_any_file_finds_all_four(tmp_path: Path, name: str, ending: str) -> None:
    folder = tmp_path / "MNIST" / "raw"
    save(folder, name=name, ending=ending)
    test = noise(2, 8, 6, 5)
    save(folder, "t10k", test, LABELS[:8], name=name, ending=ending)
    for path in (*folder.iterdir(), folder, tmp_path / "MNIST"):
        source, _ = recognise(path)
        assert source.NAME == "idx files"
        found = inspect(DataOptions(str(path)))
        assert (found.kind, found.shape, found.dtype) == ("image", (6, 5, 1), "uint8")
        assert found.classes == ("0", "1", "2", "3")
        assert found.samples["test"] == 8
        others = set(source.beside(path.absolute()))
        assert others == (set() if path.is_dir() else {*folder.iterdir()} - {path})
    data = prepare(DataOptions(str(folder)), tmp_path / "out")
    assert np.array_equal(data.split("test").inputs[..., 0], test)
    assert data.split("test").targets.tolist() == LABELS[:8].tolist()


@pytest.mark.parametrize(
    ("train", "test"), [("training", "testing"), ("train", "test-set")]
)
def test_splits_by_all_their_words(tmp_path: Path, train: str, test: str) -> None:
    save(tmp_path, train)
    save(tmp_path, test, noise(2, 8, 6, 5), LABELS[:8])
    assert inspect(DataOptions(str(tmp_path))).samples["test"] == 8


def test_one_split_declares_none_and_colours_are_channels(tmp_path: Path) -> None:
    images = noise(3, 20, 6, 5, 3)
    path = save(tmp_path, images=images)
    spec = prepare(DataOptions(str(path)), tmp_path / "out").spec
    assert (spec.shape, spec.num_test > 0) == ((6, 5, 3), True)
    read = [array for _, array, _ in labelled(DataOptions(str(path)), spec)]
    assert np.array_equal(np.stack(read), images)


def test_plain_files_are_preferred_to_packed_ones(tmp_path: Path) -> None:
    plain = save(tmp_path)
    packed_path = save(tmp_path, ending=".gz")
    source, _ = recognise(packed_path)
    scan = source.scan(packed_path, DataOptions(str(packed_path)))
    assert {sample.location for sample in scan.samples} == {str(plain)}


def test_many_labels_are_classes(tmp_path: Path) -> None:
    path = save(tmp_path, images=noise(1, 60, 6, 5), labels=np.arange(60, dtype="u1"))
    source, _ = recognise(path)
    scan = source.scan(path, DataOptions(str(path)))
    assert (scan.task, len(scan.classes)) == ("classification", 60)


def test_images_are_resized_if_asked(tmp_path: Path) -> None:
    path = save(tmp_path)
    data = prepare(DataOptions(str(path), image_size=(3, 4)), tmp_path / "out")
    assert data.split("train").inputs.shape[1:] == (3, 4, 1)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "does not begin as an IDX file"),
        (b"\0\0\x08\x09" + bytes(90), "does not begin as an IDX file"),
        (b"\0\0\x0d\x01\0\0\0\x01", "0x0d"),
        (b"\0\0\x08\x03\0\0", "ends within its header"),
        (packed(IMAGES, shape=(20, 6, 2**30)), "claims an array"),
        (packed(IMAGES, shape=(2**32 - 1,) * 3), "claims an array"),
        (packed(IMAGES, shape=(20, 6, 7)), "claims an array|there are 600"),
        (packed(IMAGES, shape=(20, 6, 4)), "there are more"),
        (packed(IMAGES, shape=(20, 0, 5)), "none of length 0"),
        (packed(IMAGES, shape=(600,)), "no set of series"),
        (packed(IMAGES[:9]), "equally long"),
    ],
)
def test_broken_images_are_refused(
    tmp_path: Path, assert_sentence: Sentence, content: bytes, reason: str, ending: str
) -> None:
    path = save(tmp_path, ending=ending)
    path.write_bytes(gzip.compress(content) if ending else content)
    with pytest.raises(DataError, match=reason) as caught:
        inspect(DataOptions(str(tmp_path)))
    assert str(path) in assert_sentence(caught.value)


@pytest.mark.parametrize("kept", [5, 30, -9])
def test_damaged_gzip_is_refused(
    tmp_path: Path, assert_sentence: Sentence, kept: int
) -> None:
    path = save(tmp_path, ending=".gz")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="damaged") as caught:
        inspect(DataOptions(str(path)))
    assert_sentence(caught.value)


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(packed(IMAGES) + bytes(50 * 2**20)))
    read: list[int] = []
    plain = gzip.GzipFile.read

    def counted(file: gzip.GzipFile, size: int | None = -1) -> bytes:
        content = plain(file, size)
        read.append(len(content))
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    with pytest.raises(DataError, match="there are more"):
        read_idx_header(path).check()
    assert sum(read) == 16 + IMAGES.size + 1


def test_a_missing_file_is_named(tmp_path: Path, assert_sentence: Sentence) -> None:
    images = save(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="train-labels-idx1-ubyte beside") as caught:
        inspect(DataOptions(str(images)))
    assert_sentence(caught.value)


def test_several_data_sets_are_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    letters = save(tmp_path, name="letters-{}-{}-idx{}-ubyte")
    save(tmp_path, name="digits-{}-{}-idx{}-ubyte")
    with pytest.raises(DataError, match="2 data sets of IDX") as caught:
        inspect(DataOptions(str(tmp_path)))
    assert_sentence(caught.value)
    assert sum(inspect(DataOptions(str(letters))).samples.values()) == 20


@pytest.mark.parametrize("asked", [{"group": "a"}, {"target": "a"}, {"kind": "series"}])
def test_what_such_files_do_not_have_is_refused(
    tmp_path: Path, assert_sentence: Sentence, asked: dict[str, Any]
) -> None:
    save(tmp_path)
    with pytest.raises(DataError, match="asked for") as caught:
        inspect(DataOptions(str(tmp_path), **asked))
    assert_sentence(caught.value)
