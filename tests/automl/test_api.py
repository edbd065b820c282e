"""Where a search goes, and what it ends with."""

import shutil
from pathlib import Path

import pytest

from automl.api import ended_run, run_folder
from automl.export.outcome import FailedExport, NothingExportedError
from automl.run.directory import FORMAT, INTERRUPTED, RunDirectory
from tests.conftest import ROOT

KEPT = ROOT / "tests" / "old_runs" / f"format-{FORMAT}"
FAULT = FailedExport("savedmodel", "The savedmodel export does not run: no message.")
LIMIT = FailedExport("litert", "LiteRT can't hold the layer x.", limited=True)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("birds.v1/", "birds.v1"),
        ("birds.v2", "birds.v2"),
        ("birds", "birds"),
        ("birds.npz", "birds"),
        ("Coffee_TRAIN.ts", "Coffee_TRAIN"),
    ],
)
def test_a_run_is_called_as_its_data(
    data: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == data.rstrip("/"):
        Path(data).mkdir()
    else:
        Path(data).touch()
    assert run_folder(data) == Path("runs") / name
    assert run_folder(Path(data)) == Path("runs") / name
    assert run_folder(data, "mine") == Path("mine")
    monkeypatch.chdir(tmp_path.parent)
    assert run_folder(tmp_path / data) == Path("runs") / name


def test_data_without_a_path_has_a_folder_too() -> None:
    assert run_folder(([[1.0]], [0])) == Path("runs/data")


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A copy of the newest kept run."""
    return RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))


def test_one_export_is_enough(run: RunDirectory) -> None:
    run.update(failed_exports=[vars(FAULT)])
    assert ended_run(run.path).state == "finished"
    run.update(exports=[], failed_exports=[])
    assert ended_run(run.path).state == "finished"
    run.update(exports=[], failed_exports=[vars(FAULT)], state=INTERRUPTED)
    assert ended_run(run.path).state == INTERRUPTED


@pytest.mark.parametrize(
    ("failed", "limited", "other"),
    [
        ([LIMIT], True, "savedmodel"),
        ([LIMIT, FAULT], False, "keras"),
        ([FailedExport("litert", 200 * "long ", limited=True)], True, "savedmodel"),
    ],
)
def test_a_run_that_has_no_export_says_how_to_make_one(
    run: RunDirectory, failed: list[FailedExport], limited: bool, other: str
) -> None:
    run.update(exports=[], failed_exports=[vars(failure) for failure in failed])
    with pytest.raises(NothingExportedError) as caught:
        ended_run(run.path)
    said = str(caught.value)
    assert caught.value.limited == limited
    assert said.startswith((FAULT if not limited else failed[0]).reason[:20])
    assert said.endswith(f"`automl export {run.path} --format {other}`.")
    assert "finished" in said
    assert len(said) - 2 * len(str(run.path)) < 500


def test_a_python_file_is_named_as_it_is_executed(run: RunDirectory) -> None:
    request = {**run.read()["request"], "space": "/my spaces/a.py"}
    run.update(exports=[], failed_exports=[vars(LIMIT)], request=request)
    with pytest.raises(
        NothingExportedError, match=r"--space '/my spaces/a\.py' --format"
    ):
        ended_run(run.path)
