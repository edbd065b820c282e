"""What is left of a search whose model a format can't hold."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.engine import handover
from automl.engine.handover import hand_over
from automl.engine.judgement import Judgement
from automl.engine.setting import Setting
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.verification import Verification
from automl.run.request import SearchRequest
from automl.selection.choice import Choice
from automl.workers.messages import Broke, Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import make_setting, write_targets

LIMIT = FailedExport("litert", "LiteRT can't hold the layer x.", limited=True)
PREDICTIONS = np.eye(2, dtype=np.float32)
ONLY = Choice("0001", "0001", tied=("0001",), near=("0001",), compared=("0001",))
JUDGED = Judgement(ONLY, {"0001": "search"})


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


def setting_of(folder: Path, event: Event, *formats: str) -> Setting:
    """Return a search that is judged, and whose export ends with an event."""
    request = SearchRequest("data", export=formats)
    setting = make_setting(folder, request=request, pool=OneWorker([event]))
    setting.run.write({"request": request.to_json()})
    write_targets(setting, test=np.arange(2))
    return setting


def test_a_format_that_can_not_hold_the_model_costs_nothing_else(
    tmp_path: Path, explained: list[Any]
) -> None:
    setting = setting_of(tmp_path, Ended(0, [LIMIT]), "litert")
    hand_over(setting, JUDGED)
    assert setting.run.read()["exports"] == []
    assert setting.run.read()["failed_exports"] == [vars(LIMIT)]
    assert explained == [(setting, JUDGED)]


def test_a_worker_that_breaks_costs_the_formats_alone(
    tmp_path: Path, explained: list[Any]
) -> None:
    broke = Broke(0, "it was killed by signal 11")
    setting = setting_of(tmp_path, broke, "keras", "onnx")
    hand_over(setting, JUDGED)
    failed = setting.run.read()["failed_exports"]
    assert [failure["format"] for failure in failed] == ["keras", "onnx"]
    assert all("signal 11" in failure["reason"] for failure in failed)
    assert not any(failure["limited"] for failure in failed)
    assert len(explained) == 1


@pytest.mark.usefixtures("explained")
def test_after_a_full_disk_the_run_goes_on_with_the_export(tmp_path: Path) -> None:
    reason = f"OSError: {os.strerror(errno.ENOSPC)}"
    for event in (Broke(0, reason), Ended(0, [FailedExport("keras", reason)])):
        setting = setting_of(tmp_path, event, "keras")
        with pytest.raises(ExportFailedError, match="No space"):
            hand_over(setting, JUDGED)
        assert "exports" not in setting.run.read()


@pytest.mark.usefixtures("explained")
def test_best_holds_nothing_of_another_model(tmp_path: Path) -> None:
    setting = setting_of(tmp_path, Ended(0, [LIMIT]), "keras", "litert")
    run = setting.run
    run.best.mkdir()
    for name in ("model.keras", "model.tflite", "model.onnx", "notes.txt"):
        (run.best / name).write_text("old")
    hand_over(setting, JUDGED)
    assert {file.name: file.read_text() for file in run.best.iterdir()} == {
        "model.keras": "new",
        "labels.txt": "new",
        "notes.txt": "old",
    }
    assert [row["path"] for row in run.read()["exports"]] == ["model.keras"]
