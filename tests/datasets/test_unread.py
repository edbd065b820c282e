"""What is known and yet not read is refused with its reason."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import noise

Sentence = Callable[[object], str]
SERIES = "".join(
    f"{i % 2}\t" + "\t".join(map(str, noise(i, 9))) + "\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("data.pkl", "opening one can run any code"),
        ("data.pickle", "opening one can run any code"),
        ("weights.pt", "opening one can run any code"),
        ("train_32x32.mat", r"a MATLAB file.*scipy\.io\.loadmat"),
        ("a.h5", r"an HDF5 file.*h5py\.File"),
        ("a.hdf5", "an HDF5 file"),
        ("a.parquet", "a file of columns.*pandas"),
        ("a.arrow", "a file of columns.*pandas"),
        ("a.XLSX", "a spreadsheet.*pandas"),
        ("a.edf", "an EDF recording.*pyedflib"),
        ("a.jsonl", "a JSON file.*read_json"),
        ("a.tfrecord", "a file of TensorFlow records"),
        ("a.tfrecord-00000-of-00010", "a file of TensorFlow records"),
    ],
)
@pytest.mark.parametrize("given", [".", "inner", "inner/{}"])
def test_files_of_formats_that_are_not_read(
    tmp_path: Path, assert_sentence: Sentence, name: str, reason: str, given: str
) -> None:
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / name
    path.write_bytes(b"\x89 not opened")
    with pytest.raises(DataError, match=reason) as caught:
        recognise(tmp_path / given.format(name))
    assert str(path) in assert_sentence(caught.value)
    assert "np.savez" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("{}.svg", "a drawing.*save {} as PNG"),
        ("{}.1.gz", "is compressed.*unpack {}"),
        ("{}.npy", r"without labels beside it.*np\.savez"),
    ],
)
def test_folders_of_files_that_are_not_read(
    tmp_path: Path, assert_sentence: Sentence, name: str, reason: str
) -> None:
    for folder in ("de", "fr"):
        (tmp_path / folder).mkdir()
        for i in range(3):
            (tmp_path / folder / name.format(i)).write_bytes(b"\x89 not opened")
    (tmp_path / "about.json").write_text("{}")
    first = tmp_path / "de" / name.format(0)
    for given, which in ((tmp_path, "all such files"), (first, "it")):
        with pytest.raises(DataError, match=reason.format(which)) as caught:
            recognise(given)
        assert name.format("")[1:] in assert_sentence(caught.value)


def test_a_few_files_of_such_endings_tell_nothing(tmp_path: Path) -> None:
    for name in ("a.json", "b.js", "c.js", "d.css"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(DataError, match="not understood"):
        recognise(tmp_path)


@pytest.mark.parametrize("name", ["photos.zip", "photos.tar.gz", "PHOTOS.TGZ"])
def test_archives_are_told_in_their_folder_too(
    tmp_path: Path, assert_sentence: Sentence, name: str
) -> None:
    (tmp_path / name).write_bytes(b"not opened")
    (tmp_path / "terms.html").write_text("<p>")
    for given in (tmp_path, tmp_path / name):
        with pytest.raises(DataError, match=r"is an archive.*unpack it") as caught:
            recognise(given)
        assert str(tmp_path / name) in assert_sentence(caught.value)


def test_arrays_of_objects_are_pickles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "recordings.npy"
    np.save(path, np.array({"X": [_Trap()]}, dtype=object), allow_pickle=True)
    for given in (path, path.parent):
        with pytest.raises(DataError, match=r"recordings\.npy is a pickle"):
            recognise(given)
    assert not (tmp_path / "opened").exists()


class _Trap:
    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return Path.touch, (Path("opened"),)  # type: ignore[return-value]


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_pickles_are_known_by_their_content_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "data_batch_1"
    path.write_bytes(pickle.dumps({"data": _Trap()}, protocol))
    for given in (path, path.parent):
        with pytest.raises(DataError, match="data_batch_1 is a pickle"):
            recognise(given)
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize("ending", [".tsv", ".ts", ".arff"])
def test_folders_of_data_sets_are_no_classes(
    tmp_path: Path, assert_sentence: Sentence, ending: str
) -> None:
    for name in ("Coffee", "GunPoint", "Wafer", "Yoga"):
        (tmp_path / name).mkdir()
        for split in ("TRAIN", "TEST"):
            (tmp_path / name / f"{name}_{split}{ending}").write_text(SERIES)
    with pytest.raises(DataError, match="Wafer and 1 other") as caught:
        recognise(tmp_path)
    assert f"like {tmp_path / 'Coffee'}." in assert_sentence(caught.value)
    if ending == ".tsv":
        assert inspect(DataOptions(str(tmp_path / "Coffee"))).kind == "series"


def test_archives_that_are_no_splits(tmp_path: Path, assert_sentence: Sentence) -> None:
    for name in ("path", "organ"):
        np.savez(tmp_path / f"{name}mnist.npz", x=noise(1, 4, 8, 8), y=[0, 1, 0, 1])
    with pytest.raises(DataError, match=r"2 \.npz files \(organmnist") as caught:
        recognise(tmp_path)
    assert_sentence(caught.value)


@pytest.mark.parametrize("suffix", [".txt", ".csv"])
@pytest.mark.parametrize("letters", ["Xy", "xy", "XY"])
@pytest.mark.parametrize(
    "given", [".", "train", "train/{}_train{}", "train/{1}_train{2}"]
)
def test_labels_in_a_text_file_beside(
    tmp_path: Path, assert_sentence: Sentence, suffix: str, letters: str, given: str
) -> None:
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        samples = tmp_path / split / f"{letters[0]}_{split}{suffix}"
        samples.write_text(SERIES.replace("\t", ","))
        labels = tmp_path / split / f"{letters[1]}_{split}{suffix}"
        labels.write_text("1\n2\n" * 4)
    names = {
        "train/{}_train{}": f"train/{letters[0]}_train{suffix}",
        "train/{1}_train{2}": f"train/{letters[1]}_train{suffix}",
    }
    with pytest.raises(DataError, match=r"np\.savez") as caught:
        recognise(tmp_path / names.get(given, given))
    told = assert_sentence(caught.value)
    assert f"lie in {letters[1]}_train{suffix} beside it" in told
    (tmp_path / "train" / f"{letters[1]}_train{suffix}").unlink()
    if given == "train/{}_train{}":
        recognise(tmp_path / names[given])


@pytest.mark.parametrize("protocol", [0, 1])
@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_old_pickles_are_no_texts(
    tmp_path: Path, protocol: int, arrays: bool, several: bool
) -> None:
    numbers = np.arange(9) if arrays else list(range(9))
    held = {"data": numbers, "labels": [0, 1]} if several else numbers
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(4):
            (tmp_path / name / f"batch_{i}").write_bytes(pickle.dumps(held, protocol))
    with pytest.raises(DataError, match="batch_0 is a pickle"):
        recognise(tmp_path)


@pytest.mark.parametrize("text", ["cat\ndog\n", "(dear all)\n", "(d\n", "]quit[\n"])
def test_texts_that_begin_nearly_like_pickles_are_read(
    tmp_path: Path, text: str
) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(8):
            (tmp_path / name / f"{i}").write_text(f"{text}{name} {i}")
    assert inspect(DataOptions(str(tmp_path))).kind == "text"
