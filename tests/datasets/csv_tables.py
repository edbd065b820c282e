"""Small CSV tables, and what reading them gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_datasets.options import DataOptions
from automl_datasets.samples import Plan, Scan
from automl_datasets.sources.registry import recognise

Sentence = Callable[[object], str]


def read(path: Path, **options: str) -> tuple[Scan, Plan, list[Any]]:
    """Return what the table gives, every sample as it is."""
    asked = DataOptions(str(path), **options)  # type: ignore[arg-type]
    source, _ = recognise(path)
    assert source.NAME == "table"
    scan = source.scan(path, asked)
    plan = source.plan(scan, asked, thorough=True)
    return scan, plan, [plan.reader.read(s, fitted=False).array for s in scan.samples]


def wide(rows: int = 12, steps: int = 10, prefix: str = "t") -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(rows, steps)).round(3)
    return pd.DataFrame(values, columns=[f"{prefix}{i}" for i in range(steps)])


def texts(rows: int = 12) -> pd.DataFrame:
    body = [f'It is "film", number {i};\nand\tanother\u00e9 line' for i in range(rows)]
    return pd.DataFrame({"text": body, "label": ["pos", "neg"] * (rows // 2)})


def save(path: Path, frame: pd.DataFrame, **options: Any) -> Path:
    frame.to_csv(path, index=False, **options)
    return path
