"""What a run searches on stays what it was begun on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl.engine.run_data import refuse_changed_data, run_data
from automl.errors import RequestError
from automl.run.directory import FORMAT, INTERRUPTED, RunDirectory
from automl.run.request import SearchRequest
from automl_datasets.errors import DataError
from automl_datasets.prepared import PreparedData
from automl_reports.terminal.silent import SilentProgress


def write_data(path: Path, samples: int) -> None:
    generator = np.random.default_rng(samples)
    x = generator.integers(0, 255, (samples, 8, 8, 1), "uint8")
    np.savez(path, x=x, y=np.arange(samples) % 2)


@pytest.fixture
def begun(tmp_path: Path) -> tuple[RunDirectory, SearchRequest]:
    """Return a run whose data is prepared."""
    write_data(tmp_path / "data.npz", 40)
    run = RunDirectory(tmp_path / "run")
    request = SearchRequest(str(tmp_path / "data.npz"))
    values = {"format": FORMAT, "name": "run", "state": INTERRUPTED, "seconds": 1.0}
    run.write({**values, "request": request.to_json()})
    run_data(run, request)
    return run, request


class ToldProgress(SilentProgress):
    """Keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


def size_of(data: PreparedData) -> int:
    return data.spec.num_train + data.spec.num_val + data.spec.num_test


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_a_run_goes_on_with_its_copy_of_data_that_is_gone(
    begun: tuple[RunDirectory, SearchRequest],
) -> None:
    run, request = begun
    before = contents(run.prepared)
    Path(request.data).unlink()
    progress = ToldProgress()
    refuse_changed_data(run, request, progress)
    (text,) = progress.messages
    assert f"no data at {request.data} now" in text
    assert size_of(run_data(run, request)) == 40
    assert contents(run.prepared) == before


def test_changed_data_is_refused_and_the_copy_is_kept(
    begun: tuple[RunDirectory, SearchRequest],
) -> None:
    run, request = begun
    before = contents(run.path)
    write_data(Path(request.data), 60)
    with pytest.raises(RequestError, match="has changed since"):
        refuse_changed_data(run, request, SilentProgress())
    assert contents(run.path) == before
    assert size_of(run_data(run, request)) == 40  # for an export


def test_a_missing_copy_is_made_again_of_the_same_data_only(
    begun: tuple[RunDirectory, SearchRequest],
) -> None:
    run, request = begun
    (run.prepared / "test_inputs.npy").unlink()
    assert size_of(run_data(run, request)) == 40
    assert (run.prepared / "test_inputs.npy").exists()
    (run.prepared / "test_inputs.npy").unlink()
    before = contents(run.path)
    write_data(Path(request.data), 60)
    with pytest.raises(RequestError, match="has changed since"):
        run_data(run, request)
    Path(request.data).unlink()
    with pytest.raises(DataError):
        refuse_changed_data(run, request, SilentProgress())
    assert contents(run.path) == before
