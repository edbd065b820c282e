"""What tests of `.npz` files share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare

Save = Callable[..., Path]
LABELS = np.arange(20) % 2


def prepare_npz(path: Path, tmp_path: Path) -> PreparedData:
    return prepare(DataOptions(str(path)), tmp_path / "out")
