"""Data that tests make for themselves, and what they can't do without."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "google-chrome")
BROWSER_PACKAGES = ("selenium", "axe_playwright_python")
LACKING = {
    "browser": "install chromium, chromedriver and the group dev of packages",
    "data": "let AUTOML_TEST_DATA name the folder of data sets",
}


def has_browser() -> bool:
    """Whether pages can be tested in a browser."""
    browser = any(shutil.which(name) for name in BROWSERS)
    packages = all(find_spec(name) for name in BROWSER_PACKAGES)
    return browser and packages and shutil.which("chromedriver") is not None


def data_folder() -> Path:
    """Return where real data is looked for: `AUTOML_TEST_DATA`, or beside us."""
    return Path(os.environ.get("AUTOML_TEST_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure() -> None:
    """Refuse to test without what `AUTOML_REQUIRE` names; else such tests skip."""
    there = {"browser": has_browser(), "data": data_folder().is_dir()}
    for name in filter(None, os.environ.get("AUTOML_REQUIRE", "").split(",")):
        if name not in there:
            raise pytest.UsageError(
                f"AUTOML_REQUIRE must name some of {', '.join(there)}, with commas "
                f"between them, but got {name!r}."
            )
        if not there[name]:
            raise pytest.UsageError(f"AUTOML_REQUIRE asks for {name}: {LACKING[name]}.")


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
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set AUTOML_TEST_DATA")
    return folder
