"""What is left of a search whose model a format can't hold."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import handover
from automl.engine.handover import hand_over
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.verification import Verification
from automl.metrics.answers import Answers
from automl.run.directory import RunDirectory
from automl.workers.messages import Broke, Ended, Event
from automl_reports.terminal.silent import SilentProgress
from tests.automl.one_worker import OneWorker

LIMIT = FailedExport("litert", "LiteRT can't hold the layer x.", limited=True)
PREDICTIONS = np.eye(2, dtype=np.float32)


def proved(
    stage: Path, formats: Sequence[str], *_: object, quantize: str
) -> tuple[list[Verification], list[FailedExport]]:
    """Write every format, as a worker does, and find it right."""
    stage.mkdir(parents=True, exist_ok=True)
    for name in (*(FILES[name] for name in formats), "labels.txt"):
        (stage / name).write_text("new")
    found = [
        Verification(name, stage / FILES[name], 0.1, 0.0, PREDICTIONS)
        for name in formats
    ]
    return found, []


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was explained; nothing is written, proved or explained in earnest."""
    explained: list[Any] = []
    monkeypatch.setattr(handover, "handed_over", lambda *_: None)
    monkeypatch.setattr(handover, "predicted", lambda *_: PREDICTIONS)
    monkeypatch.setattr(handover, "verify", proved)
    monkeypatch.setattr(
        handover, "explain_finalists", lambda *given: explained.append(given)
    )
    return explained


def setting_of(run: RunDirectory, event: Event, *formats: str) -> Any:
    run.write({"request": {}})
    return SimpleNamespace(
        pool=OneWorker([event]),
        run=run,
        request=SimpleNamespace(export=formats, quantize="none"),
        data=SimpleNamespace(split=lambda _: SimpleNamespace(file=run.path.joinpath)),
        answers=lambda _: Answers("classification", np.arange(2)),
        objective="val_accuracy",
        progress=SilentProgress(),
        refresh_report=lambda: None,
    )


def test_a_format_that_can_not_hold_the_model_costs_nothing_else(
    tmp_path: Path, explained: list[Any]
) -> None:
    run, judgement = RunDirectory(tmp_path), object()
    setting = setting_of(run, Ended(0, [LIMIT]), "litert")
    hand_over(setting, judgement)  # type: ignore[arg-type]
    assert run.read()["exports"] == []
    assert run.read()["failed_exports"] == [vars(LIMIT)]
    assert explained == [(setting, judgement)]


def test_a_worker_that_breaks_costs_the_formats_alone(
    tmp_path: Path, explained: list[Any]
) -> None:
    run = RunDirectory(tmp_path)
    broke = Broke(0, "it was killed by signal 11")
    hand_over(setting_of(run, broke, "keras", "onnx"), None)  # type: ignore[arg-type]
    failed = run.read()["failed_exports"]
    assert [failure["format"] for failure in failed] == ["keras", "onnx"]
    assert all("signal 11" in failure["reason"] for failure in failed)
    assert not any(failure["limited"] for failure in failed)
    assert len(explained) == 1


@pytest.mark.usefixtures("explained")
def test_after_a_full_disk_the_run_goes_on_with_the_export(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    reason = f"OSError: {os.strerror(errno.ENOSPC)}"
    for event in (Broke(0, reason), Ended(0, [FailedExport("keras", reason)])):
        with pytest.raises(ExportFailedError, match="No space"):
            hand_over(setting_of(run, event, "keras"), None)  # type: ignore[arg-type]
        assert "exports" not in run.read()


@pytest.mark.usefixtures("explained")
def test_best_holds_nothing_of_another_model(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.best.mkdir()
    for name in ("model.keras", "model.tflite", "model.onnx", "notes.txt"):
        (run.best / name).write_text("old")
    setting = setting_of(run, Ended(0, [LIMIT]), "keras", "litert")
    hand_over(setting, None)  # type: ignore[arg-type]
    assert {file.name: file.read_text() for file in run.best.iterdir()} == {
        "model.keras": "new",
        "labels.txt": "new",
        "notes.txt": "old",
    }
    assert [row["path"] for row in run.read()["exports"]] == ["model.keras"]
