"""Finalists scored on all workers at once, and again where that fails."""

from pathlib import Path
from typing import Any

import pytest

from automl.engine.scoring import score_all
from automl.workers.messages import Broke, Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import add_trial, make_setting

BROKE = Broke(0, "it was killed: it used 2.1 GB of memory")
DONE = Ended(0, None)


def scored(
    folder: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, str], list[str], list[str]]:
    """Return why two trials failed, in which order both were tried, what was told."""
    pool, told = OneWorker(list(events)), list[str]()
    setting = make_setting(folder, pool=pool)
    for score in (0.9, 0.8):
        add_trial(setting, score)
    monkeypatch.setattr(setting.progress, "message", told.append)
    reasons = score_all(setting, {"0001": "search", "0002": "search"})
    assert pool.events == []
    requests: list[Any] = [job.argument for _, job in pool.submitted]
    return reasons, [request.folder.parent.name for request in requests], told


def test_what_can_not_be_scored_beside_others_may_be_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons, order, told = scored(tmp_path, [BROKE, DONE, DONE], monkeypatch)
    assert order == ["0001", "0002", "0001"]
    assert (reasons, told) == ({}, [])


def test_what_can_not_be_scored_at_all_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons, order, told = scored(tmp_path, [BROKE, DONE, BROKE], monkeypatch)
    assert order == ["0001", "0002", "0001"]
    assert reasons == {"0001": BROKE.reason}
    assert told == [f"0001 search can't be scored: {BROKE.reason}"]


def test_a_full_disk_is_no_fault_of_a_finalist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Broke(0, "OSError: [Errno 28] No space left on device")
    with pytest.raises(OSError, match="No space left"):
        scored(tmp_path, [full], monkeypatch)
