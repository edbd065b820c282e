"""Small data sets made on the fly, in every form that is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Form:
    """A form of data, and how to write it.

    Attributes:
        name: What the source calls itself.
        write: Writes `samples` of each class at a folder, and as many unreadable
            ones as `broken` says; returns the path of the data.
    """

    name: str
    write: Callable[[Path, Mapping[str, int], Mapping[str, int]], Path]


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def _write_images(
    folder: Path, samples: Mapping[str, int], broken: Mapping[str, int]
) -> Path:
    root = folder / "images"
    seed = 0
    for name in {**samples, **broken}:
        (root / name).mkdir(parents=True)
        for i in range(samples.get(name, 0)):
            seed += 1
            Image.fromarray(noise(seed, 9, 8, 3)).save(root / name / f"{i}.png")
        for i in range(broken.get(name, 0)):
            (root / name / f"broken{i}.png").write_bytes(b"\x89PNG not really")
    return root


def _write_npz(
    folder: Path, samples: Mapping[str, int], broken: Mapping[str, int]
) -> Path:
    classes = list({**samples, **broken})
    inputs, labels = [], []
    for target, name in enumerate(classes):
        whole, bad = samples.get(name, 0), broken.get(name, 0)
        for i in range(whole + bad):
            sample = noise(1000 * target + i, 9, 8, 3).astype(np.float32)
            if i >= whole:
                sample[0, 0, 0] = np.nan
            inputs.append(sample)
            labels.append(target)
    path = folder / "data.npz"
    x = np.array(inputs, np.float32).reshape(-1, 9, 8, 3)
    np.savez(path, x=x, y=np.array(labels, np.int64), classes=np.array(classes))
    return path


FORMS = (Form("image folder", _write_images), Form("npz file", _write_npz))


@pytest.fixture(params=FORMS, ids=lambda form: form.name)
def form(request: pytest.FixtureRequest) -> Form:
    """Every form of data in turn: what a new source adds itself to."""
    chosen: Form = request.param
    return chosen


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of images; classes are given by keyword or mapping."""

    def write(
        samples: Mapping[str, int], broken: Mapping[str, int] | None = None
    ) -> Path:
        return _write_images(tmp_path, samples, broken or {})

    return write


@pytest.fixture
def save_npz(tmp_path: Path) -> Callable[..., Path]:
    def save(**arrays: Any) -> Path:
        path = tmp_path / "arrays.npz"
        np.savez(path, **arrays)
        return path

    return save


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real data, from `AUTOML_TEST_DATA`."""
    folder = Path(os.environ.get("AUTOML_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set AUTOML_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def assert_sentence() -> Callable[[object], str]:
    """Check that a message is one sentence that a user can read."""

    def check(error: object) -> str:
        text = str(error)
        assert text.endswith("."), text
        assert "\n" not in text
        assert "Traceback" not in text
        return text

    return check
