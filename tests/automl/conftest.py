"""What tests of data from Python share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.python_data.writing import write_data
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from tests.automl.prepared_samples import COUNT


@pytest.fixture
def series() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(COUNT, 20, 2)).astype(np.float32), np.arange(COUNT) % 3


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., PreparedData]:
    def write_and_prepare(data: Any, **options: Any) -> PreparedData:
        asked = {name: options.get(name) for name in ("target", "group")}
        path = write_data(data, tmp_path / "input", **asked)
        assert not list((tmp_path / "input").glob(".*"))  # nothing half-written
        return prepare(DataOptions(str(path), **options), tmp_path / "prepared")

    return write_and_prepare
