"""Arrays in `.npz` files: names, labels, shapes, numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.shapes import form_of
from automl_datasets.sources import _npz_arrays
from tests.datasets.forms import noise
from tests.datasets.npz_files import LABELS, Save, prepare_npz


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (LABELS, ("0", "1")),
        (LABELS * 9 - 2, ("-2", "7")),
        (LABELS.astype(np.float64), ("0", "1")),
        (LABELS.astype(bool), ("False", "True")),
        (LABELS[:, None].astype(np.uint8), ("0", "1")),
        (np.eye(2)[LABELS], ("0", "1")),
        (np.array(["10", "9"])[LABELS], ("9", "10")),
        (np.array(["größe", "<b>"])[LABELS], ("<b>", "größe")),
        (np.array([b"cat", b"dog"])[LABELS], ("cat", "dog")),
    ],
)
def test_labels(
    tmp_path: Path, save_npz: Save, labels: Any, classes: tuple[str, ...]
) -> None:
    data = prepare_npz(save_npz(x=noise(0, 20, 6, 6), y=labels), tmp_path)
    assert data.spec.classes == classes


def test_classes_name_labels(tmp_path: Path, save_npz: Save) -> None:
    path = save_npz(x=noise(0, 20, 6, 6), y=LABELS, classes=["zebra", "ant"])
    data = prepare_npz(path, tmp_path)
    assert data.spec.classes == ("zebra", "ant")
    split = data.split("train")
    place = int(split.names[0].removeprefix("x[").removesuffix("]"))
    assert split.targets[0] == LABELS[place]


def test_classes_order_text_labels(tmp_path: Path, save_npz: Save) -> None:
    text = np.array(["ant", "zebra"])[LABELS]
    path = save_npz(x=noise(0, 20, 6, 6), y=text, classes=["zebra", "ant"])
    assert prepare_npz(path, tmp_path).spec.classes == ("zebra", "ant")


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": noise(0, 20, 6, 6)}, "without labels"),
        ({"a": noise(0, 20, 6, 6)}, "holds a, but x_train"),
        ({"x": noise(0, 20, 6, 6), "y": LABELS[:9]}, "equally long"),
        ({"x": np.array([{}] * 20), "y": LABELS}, "Python objects"),
        ({"x": noise(0, 20, 6), "y": np.array([None] * 20)}, "Python objects"),
        ({"x": np.array(["a"] * 20), "y": LABELS}, "numbers are needed"),
        ({"x": noise(0, 20), "y": LABELS}, "2 to 5 axes"),
        ({"x": noise(0, 20, 6, 0), "y": LABELS}, "2 to 5 axes"),
        ({"x": noise(0, 20, 6), "y": np.full(20, 0.5)}, "nothing to learn"),
        ({"x": noise(0, 20, 6), "y": np.full(20, np.nan)}, "hold NaN"),
        ({"x": noise(0, 20, 6), "y": np.ones((20, 3))}, "the same labels"),
        ({"x": noise(0, 20, 6), "y": LABELS[:, None, None] + [[1, 2]]}, "(20, 1, 2)"),
        ({"x": noise(0, 20, 6), "y": LABELS, "classes": ["a"]}, "`classes` names 1"),
        ({"x": noise(0, 0, 6), "y": LABELS[:0]}, "holds no samples"),
        (
            {"x": noise(0, 20, 6), "y": np.array(["a", "b"])[LABELS], "classes": ["a"]},
            "'b'",
        ),
        (
            {
                "x_train": noise(0, 20, 6, 6),
                "y_train": LABELS,
                "x_test": noise(0, 20, 7, 7),
                "y_test": LABELS,
            },
            "samples of one shape",
        ),
        (
            {
                "x_train": noise(0, 20, 6, 6),
                "y_train": LABELS,
                "x_test": noise(0, 20, 6, 6),
                "y_test": np.array(["a", "b"])[LABELS],
            },
            "text in one split",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path,
    save_npz: Save,
    assert_sentence: Callable[[object], str],
    arrays: dict[str, Any],
    reason: str,
) -> None:
    path = save_npz(**arrays)
    with pytest.raises(DataError, match=reason) as caught:
        prepare_npz(path, tmp_path)
    assert str(path) in assert_sentence(caught.value)


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_truncated_archives_are_refused(
    tmp_path: Path, save_npz: Save, keep: float
) -> None:
    path = save_npz(x=noise(0, 20, 6, 6), y=LABELS)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DataError, match=r"not a readable \.npz file"):
        prepare_npz(path, tmp_path)


def test_damaged_member_is_refused(tmp_path: Path, save_npz: Save) -> None:
    path = save_npz(x=noise(0, 20, 60, 60), y=LABELS)
    content = bytearray(path.read_bytes())
    content[5000:5100] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        prepare_npz(path, tmp_path)


def test_zip_files_without_the_suffix_are_recognised(
    tmp_path: Path, save_npz: Save
) -> None:
    path = save_npz(x=noise(0, 20, 6, 6), y=LABELS).rename(tmp_path / "data.bin")
    assert inspect(DataOptions(str(path))).kind == "image"


@pytest.mark.parametrize(
    ("shape", "kind", "sample"),
    [
        ((9, 40), "series", (40, 1)),
        ((9, 100, 6), "series", (100, 6)),
        ((9, 64, 16), "series", (64, 16)),
        ((9, 63, 16), "image", (63, 16, 1)),
        ((9, 28, 28), "image", (28, 28, 1)),
        ((9, 8, 8), "image", (8, 8, 1)),
        ((9, 32, 32, 3), "image", (32, 32, 3)),
        ((9, 32, 32, 4), "image", (32, 32, 4)),
        ((9, 16, 16, 16), "volume", (16, 16, 16, 1)),
        ((9, 12, 40, 40), "volume", (12, 40, 40, 1)),
        ((9, 8, 16, 16, 3), "volume", (8, 16, 16, 3)),
    ],
)
def test_kind_follows_from_shape(
    shape: tuple[int, ...], kind: str, sample: tuple[int, ...]
) -> None:
    form = form_of(shape, source="x.npz")
    assert (form.kind, form.shape) == (kind, sample)


@pytest.mark.parametrize("shape", [(9, 3, 32, 32), (9, 1, 28, 28), (9, 4, 8, 8)])
def test_images_with_channels_first_are_refused(
    shape: tuple[int, ...], assert_sentence: Callable[[object], str]
) -> None:
    with pytest.raises(DataError, match=r"channels first.*kind volume") as caught:
        form_of(shape, source="x.npz")
    assert_sentence(caught.value)
    with pytest.raises(DataError, match=r"moveaxis\(x, 1, -1\)\.$"):
        form_of(shape, source="x.npz", kind="image")
    assert form_of(shape, source="x.npz", kind="volume").shape == (*shape[1:], 1)
    assert form_of(shape, source="x.npz", kind="video").kind == "video"


@pytest.mark.parametrize("kind", ["auto", "series"])
@pytest.mark.parametrize("shape", [(9, 6, 200), (9, 28, 28), (9, 200, 6)])
def test_series_that_may_have_channels_first(kind: str, shape: tuple[int, ...]) -> None:
    why = form_of(shape, source="x.npz", kind=kind).why
    assert ("channels first" in why) == (shape == (9, 6, 200))


@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("uint8", "uint8"),
        ("bool", "uint8"),
        ("uint16", "uint16"),
        ("int64", "float32"),
        ("float16", "float32"),
        ("float64", "float32"),
        (">f4", "float32"),
        (">u2", "uint16"),
    ],
)
def test_dtypes(tmp_path: Path, save_npz: Save, given: str, prepared: str) -> None:
    x = noise(0, 20, 6, 6).astype(given)
    data = prepare_npz(save_npz(x=x, y=LABELS), tmp_path)
    assert data.spec.dtype == prepared
    rows = {data.split("train").names[i]: data.split("train").inputs[i] for i in (0, 1)}
    for name, row in rows.items():
        assert np.array_equal(row[..., 0], x[int(name[2:-1])].astype(prepared))


def test_moments_are_those_of_the_training_split(
    tmp_path: Path, save_npz: Save
) -> None:
    x = noise(0, 20, 6, 6, 3).astype(np.float32) + 1e6
    x[..., 2] = 5
    data = prepare_npz(save_npz(x=x, y=LABELS), tmp_path)
    train = np.asarray(data.split("train").inputs, np.float64)
    assert data.spec.mean == pytest.approx(train.mean(axis=(0, 1, 2)))
    std = train.std(axis=(0, 1, 2))
    assert data.spec.std[:2] == pytest.approx(std[:2])
    assert data.spec.std[2] == 1  # never zero


def test_too_large_for_float32_is_refused_one_by_one(
    tmp_path: Path, save_npz: Save
) -> None:
    x = np.ones((20, 6, 6))
    x[4] = 1e300
    x[7, 0, 0] = np.inf
    data = prepare_npz(save_npz(x=x, y=LABELS), tmp_path)
    assert [name for name, _ in data.profile.skipped] == ["x[4]", "x[7]"]


def test_images_can_be_resized_and_series_cannot(
    tmp_path: Path, save_npz: Save
) -> None:
    path = save_npz(x=noise(0, 20, 6, 6, 2), y=LABELS)
    data = prepare(DataOptions(str(path), image_size=(3, 4)), tmp_path / "out")
    assert data.spec.shape == (3, 4, 2)
    assert data.spec.resized
    path = save_npz(x=noise(0, 20, 50), y=LABELS)
    with pytest.raises(DataError, match="image size is for images"):
        prepare(DataOptions(str(path), image_size=(3, 4)), tmp_path / "out")


def test_mnist(test_data: Path, tmp_path: Path) -> None:
    data = prepare_npz(test_data / "2d" / "mnist" / "mnist.npz", tmp_path)
    assert data.spec.classes == tuple("0123456789")
    assert (data.spec.num_train, data.spec.num_val) == (55_000, 5_000)
    assert data.spec.num_test == 10_000
    assert data.spec.mean[0] == pytest.approx(33.3, abs=0.1)
    assert data.spec.std[0] == pytest.approx(78.6, abs=0.1)


def test_large_arrays_are_read_in_blocks(
    tmp_path: Path, save_npz: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = noise(0, 50, 6, 6)
    path = save_npz(x=inputs, y=np.arange(50) % 2)
    monkeypatch.setattr(_npz_arrays, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(_npz_arrays, "_BLOCK_BYTES", 7 * inputs[0].nbytes)
    rows = _npz_arrays.rows_of(path, "x")
    assert isinstance(rows, _npz_arrays.MemberRows)
    for place in (0, 6, 7, 49, 3, 21):
        assert np.array_equal(rows[place], inputs[place])
    data = prepare_npz(path, tmp_path)
    for name in ("train", "val", "test"):
        split = data.split(name)
        places = [int(sample.strip("x[]")) for sample in split.names]
        assert np.array_equal(split.inputs[..., 0], inputs[places])


def test_no_row_of_a_damaged_large_array_is_used(
    tmp_path: Path, save_npz: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_npz(x=noise(0, 5000, 6, 6), y=np.arange(5000) % 2)
    content = bytearray(path.read_bytes())
    content[90_000] ^= 0xFF  # among the numbers: only the checksum tells
    path.write_bytes(content)
    monkeypatch.setattr(_npz_arrays, "_WHOLE_BYTES", 0)
    with pytest.raises(DataError, match=r"`x` in .* cannot be read \(Bad CRC"):
        _npz_arrays.rows_of(path, "x")
