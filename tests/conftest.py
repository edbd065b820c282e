"""Data that tests make for themselves."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


def write_digits(folder: Path, per_class: int, *, classes: int = 10) -> Path:
    """Write scikit-learn's digits as grey 8x8 PNG files in class folders."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    for label in range(classes):
        images = digits.images[digits.target == label][:per_class]
        (folder / str(label)).mkdir(parents=True)
        for index, image in enumerate(images):
            pixels = np.round(image * 255 / 16).astype(np.uint8)
            Image.fromarray(pixels).save(folder / str(label) / f"{index:03d}.png")
    return folder


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 images of each of ten digits."""
    return write_digits(tmp_path_factory.mktemp("data") / "digits", 40)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of real data, from `AUTOML_TEST_DATA`."""
    folder = Path(os.environ.get("AUTOML_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set AUTOML_TEST_DATA")
    return folder
