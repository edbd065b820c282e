"""Rows of the scratch file are read where they lie."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl_datasets import storage
from automl_datasets.storage import RawRows, chunks_of


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.sets(st.integers(0, 99)).map(sorted),
    at_once=st.sampled_from([6, 60, 6000]),
)
def test_rows_are_those_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: list[int], at_once: int
) -> None:
    monkeypatch.setattr(storage, "_CHUNK_BYTES", at_once)
    values = np.arange(600, dtype=np.uint16).reshape(100, 3, 2)
    values.tofile(tmp_path / "rows.raw")
    rows = RawRows(tmp_path / "rows.raw", (3, 2), np.dtype(np.uint16))
    order = np.array(places, np.int64)
    assert np.array_equal(rows[order], values[order])
    chunks = [*chunks_of(rows, order), np.zeros((0, 3, 2), np.uint16)]
    assert np.array_equal(np.concatenate(chunks), values[order])


def test_rows_far_apart_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.raw"
    np.zeros((80, 2**20), np.uint8).tofile(path)
    rows = RawRows(path, (2**10,), np.dtype(np.uint8))
    tracemalloc.start()
    chosen = rows[np.arange(0, 80 * 2**10, 2**10)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert chosen.shape == (80, 2**10)
    assert peak < 20 * 2**20
