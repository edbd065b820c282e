from pathlib import Path

import pytest

from automl.engine.opening import reopen_run
from automl.errors import RequestError
from automl.run.atomic import read_json, write_atomically, write_json
from automl.run.directory import RunDirectory, lock_run
from automl.run.trial import Training, TrialRecord


def test_a_failing_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"value": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(file, {"value": float("nan")})

    def fail(handle: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_atomically(file, fail)
    assert read_json(file) == {"value": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_trials_come_back_in_order(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    second = TrialRecord("0002", {"filters": 8}, "auto")
    first = TrialRecord(
        "0001",
        {},
        "lenet5",
        landmark=True,
        trainings=[Training("search", 1, 9, 3, 2, 0.5, 1.0, 2.0)],
    )
    for record in (second, first):
        run.write_trial(record)
    assert list(run.read_trials().values()) == [first, second]


def test_history_round_trip(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    rows = [{"epoch": 1.0, "loss": 0.1}, {"epoch": 2.0, "loss": 1e-30}]
    run.write_history("0001", "search", rows)
    run.write_history("0001", "seed-1", rows[:1])
    assert run.read_history("0001") == rows
    assert run.read_history("0001", "seed-1") == rows[:1]
    assert run.read_history("0009") == []


def test_a_run_is_locked_once(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with lock_run(run), pytest.raises(RequestError, match="Another command"):
        lock_run(run)
    lock_run(run).close()


@pytest.mark.parametrize("content", [None, "{", "[]", '{"state": "finished"}'])
def test_what_is_no_run_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(RequestError, match=tmp_path.name):
        RunDirectory(tmp_path).read()


def test_discarding_spares_what_is_not_ours(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    run.write({"request": {}})
    (run.path / "mine.txt").write_text("keep")
    run.discard()
    assert [p.name for p in run.path.iterdir()] == ["mine.txt"]


def test_a_further_budget_counts_from_where_the_run_stopped(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.write({"seconds": 90.0, "plan": {}, "request": {"budget_seconds": 100.0}})
    reopen_run(run, {"budget_seconds": 100.0})
    assert "budget_since" not in run.read()
    reopen_run(run, {"budget_seconds": 150.0})
    assert run.read()["budget_since"] == 90.0
    assert run.read()["plan"] == {}
