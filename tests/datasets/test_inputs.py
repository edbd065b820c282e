"""New inputs for a model that exists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from automl_datasets.errors import DataError
from automl_datasets.inputs import expand, labelled, read_input
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.resizing import resize_array
from automl_datasets.spec import DataSpec
from tests.datasets.forms import (
    WriteFile,
    noise,
    write_folders,
    write_gif,
    write_png,
    write_series,
    write_text,
    write_volume,
    write_wav,
)

Images = Callable[..., Path]


def _spec(kind: str = "image", shape: tuple[int, ...] = (4, 4, 3)) -> DataSpec:
    mean, std = (0.0,) * shape[-1], (1.0,) * shape[-1]
    return DataSpec(
        kind, shape, "uint8", "classification", ("a", "b"), 9, 3, 3, mean, std, True
    )


def test_files_are_read_without_resizing(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(noise(0, 7, 5, 3)).save(path)
    array = read_input(path, _spec())
    assert np.array_equal(array, noise(0, 7, 5, 3))


def test_reading_then_resizing_is_what_preparing_does(
    tmp_path: Path, images: Images
) -> None:
    root = images({"a": 6, "b": 6})
    Image.fromarray(noise(5, 40, 30, 3)).save(root / "a" / "other.png")
    data = prepare(DataOptions(str(root), image_size=(6, 5)), tmp_path / "out")
    split = data.split("train")
    for name, row in zip(split.names, split.inputs, strict=True):
        unresized = read_input(root / name, data.spec)
        assert np.array_equal(resize_array(unresized, (6, 5)), row)


def test_npy_files_hold_one_sample(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, noise(0, 40))
    assert read_input(path, _spec("series", (40, 1))).shape == (40, 1)
    np.save(path, noise(0, 41))
    assert read_input(path, _spec("series", (40, 1))).shape == (41, 1)
    np.save(path, noise(0, 40, 2))
    with pytest.raises(DataError, match="has 2 channels, but 1 is needed"):
        read_input(path, _spec("series", (40, 1)))
    np.save(path, noise(0, 5, 4))
    with pytest.raises(DataError, match=r"has shape \(5, 4\)"):
        read_input(path, _spec())
    np.save(path, np.full((4, 4, 3), 0.5))
    with pytest.raises(DataError, match="float64 that uint8 cannot"):
        read_input(path, _spec())
    path.write_bytes(b"nonsense")
    with pytest.raises(DataError, match=r"not a readable \.npy file"):
        read_input(path, _spec("series", (40, 1)))


def _write_voxels(path: Path, seed: int) -> None:
    np.save(path, noise(seed, 6 + seed % 3, 7, 8))


@pytest.mark.parametrize(
    ("suffix", "write_file", "kind"),
    [
        (".png", write_png, "image"),
        (".wav", write_wav, "audio"),
        (".nii", write_volume, "volume"),
        (".npy", _write_voxels, "volume"),
        (".gif", write_gif, "video"),
        (".npy", write_series, "series"),
        (".txt", write_text, "text"),
    ],
)
def test_every_training_file_can_be_predicted(
    tmp_path: Path, suffix: str, write_file: WriteFile, kind: str
) -> None:
    root = write_folders(
        tmp_path, {"a": 6, "b": 6}, {}, suffix=suffix, write_file=write_file
    )
    spec = prepare(DataOptions(str(root)), tmp_path / "out").spec
    assert spec.kind == kind
    files = expand([root], spec)
    assert len(files) == 12
    assert all(read_input(file, spec).size for file in files)


def test_volumes_of_an_archive_are_predicted_from_files(tmp_path: Path) -> None:
    volumes = noise(0, 20, 6, 7, 8)
    np.savez(tmp_path / "d.npz", x=volumes, y=np.arange(20) % 2)
    spec = prepare(DataOptions(str(tmp_path / "d.npz")), tmp_path / "out").spec
    file = tmp_path / "a.npy"
    np.save(file, volumes[3])
    assert np.array_equal(read_input(file, spec), volumes[3, ..., None])
    np.save(file, noise(1, 9, 7, 8))
    assert read_input(file, spec).shape == (9, 7, 8, 1)


def test_volumes_of_many_channels_are_predicted_from_files(tmp_path: Path) -> None:
    spec = _spec("volume", (4, 5, 6, 7))
    file = tmp_path / "a.npy"
    np.save(file, noise(0, 4, 5, 6, 7))
    assert np.array_equal(read_input(file, spec), noise(0, 4, 5, 6, 7))
    np.save(file, noise(0, 5, 5, 6, 7))
    with pytest.raises(DataError, match=r"has shape \(5, 5, 6, 7\)"):
        read_input(file, spec)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.png", "nothing at"),
        ("words.txt", "is no image"),
        ("broken.png", "cannot be read: not an image"),
    ],
)
def test_unreadable_inputs_are_refused(
    tmp_path: Path, assert_sentence: Callable[[object], str], name: str, reason: str
) -> None:
    for file in ("words.txt", "broken.png"):
        (tmp_path / file).write_text("no pixels here")
    with pytest.raises(DataError, match=reason) as caught:
        read_input(tmp_path / name, _spec())
    assert name in assert_sentence(caught.value)


def test_folders_are_expanded(tmp_path: Path, images: Images) -> None:
    root = images({"a": 2, "b": 1}, b=1)
    (root / "notes.txt").write_text("no image")
    (root / "suffixless").write_bytes((root / "a" / "0.png").read_bytes())
    (root / "words").write_text("no image")
    found = [p.relative_to(root).as_posix() for p in expand([root], _spec())]
    assert sorted(found) == [
        "a/0.png",
        "a/1.png",
        "b/0.png",
        "b/broken0.png",
        "suffixless",
    ]
    alone = root / "notes.txt"
    assert expand([alone, root / "a"], _spec())[0] == alone
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no image"):
        expand([tmp_path / "empty"], _spec())
    with pytest.raises(DataError, match="nothing at"):
        expand([tmp_path / "none"], _spec())


def test_labelled_data_takes_the_test_split(tmp_path: Path) -> None:
    for folder, count in (("train/a", 2), ("train/b", 2), ("test/b", 3)):
        (tmp_path / "d" / folder).mkdir(parents=True)
        for i in range(count):
            path = tmp_path / "d" / folder / f"{i}.png"
            Image.fromarray(noise(i, 6 + i, 5, 3)).save(path)
    (tmp_path / "d" / "test" / "b" / "broken.png").write_bytes(b"no")
    (tmp_path / "d" / "test" / "b" / "notes.txt").write_bytes(b"no")
    scored = labelled(DataOptions(str(tmp_path / "d")), _spec())
    assert len(scored) == 4
    for _ in range(2):
        found = list(scored)
        assert [target for _, _, target in found] == [1, 1, 1]
        assert [array.shape for _, array, _ in found] == [
            (6 + i, 5, 3) for i in range(3)
        ]
        assert dict(scored.skipped) == {
            "test/b/notes.txt": "not an image",
            "test/b/broken.png": "not an image, or its header is broken",
        }


def test_labelled_data_must_fit_the_model(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=noise(0, 4, 50), y=np.array(["a", "b", "a", "b"]))
    with pytest.raises(DataError, match="of kind 'image'"):
        labelled(DataOptions(str(path)), _spec())
    np.savez(path, x_train=noise(0, 4, 6, 6, 3), y_train=np.array(["a", "b", "a", "b"]))
    with pytest.raises(DataError, match="no test split"):
        labelled(DataOptions(str(path)), _spec())
