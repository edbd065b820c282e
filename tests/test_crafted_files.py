"""Files of a run that a stranger put there, which would execute if unpickled."""

from __future__ import annotations

import json
import pickle
import shutil
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.cli import main
from automl.errors import RequestError
from automl.export.predictor import load_predictor
from automl.run.directory import FORMAT
from automl.training.checkpoint import load_arrays

KEPT = Path(__file__).parent / "old_runs"


class Caught:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the newest kept run."""
    copy: Path = shutil.copytree(KEPT / f"format-{FORMAT}", tmp_path / "run")
    return copy


def shortlisted(run: Path) -> Path:
    """Return the folder of the recommended training."""
    chosen = json.loads((run / "run.json").read_text(encoding="utf-8"))["selection"]
    trial = chosen["recommended"]
    return run / "trials" / str(trial) / str(chosen["trainings"][trial])


def write(file: Path, content: object, *, form: str) -> None:
    if form == "pickle":
        file.write_bytes(pickle.dumps(content))
    else:
        np.save(file, np.array([content], object), allow_pickle=True)


def pack(folder: Path) -> None:
    """Put the two arrays of a folder into an archive beside them."""
    with zipfile.ZipFile(folder / "data.npz", "w") as archive:
        for name in ("x.npy", "y.npy"):
            archive.write(folder / name, name)


def exit_code(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, arguments)])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


@pytest.mark.parametrize("form", ["npy", "pickle"])
@pytest.mark.parametrize("what", ["predictions", "targets"])
def test_arrays_of_objects_are_refused(
    run: Path, what: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shortlisted(run) / "test_predictions.npy"
    if what == "targets":
        file = run / "data" / "test_targets.npy"
    caught = run.parent / "caught"
    write(file, Caught(caught), form=form)
    np.load(file, allow_pickle=True)
    caught.unlink()  # it would execute, where it is let
    assert exit_code("report", run) == 2
    assert str(file) in capsys.readouterr().err
    assert not caught.exists()


@pytest.mark.parametrize("name", ["x.npy", "data.npz"])
@pytest.mark.parametrize("form", ["npy", "pickle"])
def test_data_of_objects_is_refused(
    tmp_path: Path, name: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    caught = tmp_path / "caught"
    np.save(tmp_path / "x.npy", np.arange(80.0).reshape(8, 10))
    np.save(tmp_path / "y.npy", np.arange(8) % 2)
    pack(tmp_path)
    assert exit_code("inspect", tmp_path / name) == 0
    write(tmp_path / "x.npy", Caught(caught), form=form)
    pack(tmp_path)
    assert exit_code("inspect", tmp_path / name) == 2
    assert name in capsys.readouterr().err
    assert not caught.exists()


def test_weights_of_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "best.npz", np.array([Caught(tmp_path / "caught")], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_arrays(tmp_path / "best.npz")
    assert not (tmp_path / "caught").exists()


@pytest.mark.filterwarnings("ignore:Skipping invalid path")
def test_an_archive_is_not_unpacked_outside(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "one" / "two" / "three"
    scratch.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    model = run / "best" / "model.keras"
    load_predictor(model)
    with zipfile.ZipFile(model, "a") as archive:
        for name in ("assets/../../../caught", str(tmp_path / "caught")):
            archive.writestr(name, "caught")
    with suppress(RequestError, ValueError):  # to refuse it is as good
        load_predictor(model)
    assert not [f for f in tmp_path.rglob("caught") if scratch not in f.parents]
