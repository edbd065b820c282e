"""Trackers and callbacks: each epoch once, and no search lost because of one."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import automl
from automl.engine.ledger import Ledger
from automl.errors import RequestError
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import Training
from automl.tracking import catalog
from automl.tracking.callback import Callback, Callbacks, check_callbacks
from automl.tracking.catalog import make_trackers, settled
from automl.training.assignment import EpochEnded

RUN = {"request": {"data": "digits", "seed": 0}, "state": "finished"}
#: Rows that two sessions bring: the second trains epochs 2 and 3 again.
SESSIONS = ((1, 2, 3), (2, 3, 4))


def record(status: str = "running", epochs: int = 0) -> dict[str, Any]:
    score = 0.5 if epochs else None
    return {
        "trial": "0001",
        "architecture": "cnn",
        "hyperparameters": {"filters": 8, "odd=name": [3, 5], "rate": 0.1},
        "status": status,
        "reason": "",
        "trainings": [{"name": "search", "epochs": epochs, "val_score": score}],
        "folds": [],
    }


def row(epoch: int) -> dict[str, float]:
    return {"epoch": float(epoch), "loss": 1 / epoch, "val_loss": 2 / epoch}


def tell(tracker: Callback, epochs: tuple[int, ...], *, killed: bool) -> None:
    """Tell a tracker what one session of a search tells."""
    tracker.search_began(RUN)
    tracker.trial_began(record(), "search")
    for epoch in epochs:
        tracker.epoch_ended("0001", "search", row(epoch))
    if killed:
        return
    tracker.trial_began(record(), "seed-1")
    tracker.epoch_ended("0001", "seed-1", row(1))
    ended = record("completed", epochs[-1])
    tracker.trial_ended(ended)
    skipped = {**record("skipped"), "trial": "0002"}
    tracker.trial_ended(skipped)
    scored = {**ended, "test_score": 0.75}
    tracker.search_ended(
        {**RUN, "selection": {"recommended": "0001"}}, [scored, skipped]
    )


class Recorder(Callback):
    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def search_began(self, run: Any) -> None:
        self.events.append(("began", run["request"]["seed"], Path(run["path"]).name))

    def trial_began(self, trial: Any, training: str) -> None:
        self.events.append(("trial", trial["trial"], training))

    def epoch_ended(self, trial: str, training: str, row: Any) -> None:
        self.events.append(("epoch", trial, training, int(row["epoch"])))

    def trial_ended(self, trial: Any) -> None:
        self.events.append(("ended", trial["trial"], trial["status"]))

    def search_ended(self, run: Any, trials: Any) -> None:
        self.events.append(("end", run["state"], len(trials)))


class Failing(Callback):
    def epoch_ended(self, trial: str, training: str, row: Any) -> None:
        raise ConnectionError("no route to host\nfurther lines")


def test_a_callback_that_fails_is_said_once_and_the_others_go_on() -> None:
    said: list[str] = []
    recorder = Recorder()
    callbacks = Callbacks([Failing(), recorder], said.append)
    for epoch in (1, 2):
        callbacks.epoch_ended("0001", "search", row(epoch))
    assert said == [
        "Failing failed in epoch_ended (ConnectionError: no route to host); "
        "the search goes on without it."
    ]
    assert [event[-1] for event in recorder.events] == [1, 2]


@pytest.mark.parametrize("wrong", [Recorder, print, "mlflow"])
def test_what_is_no_callback_is_refused(wrong: Any) -> None:
    with pytest.raises(RequestError, match="must be instances"):
        check_callbacks([wrong])


def test_the_ledger_tells_epochs_and_ends(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    recorder = ledger.callbacks = Recorder()
    trial = ledger.open({}, origin="auto", landmark=False)
    trial.trainings.append(Training("search", 1, 9))
    ledger.begin(trial, "search")
    ledger.add_epoch(trial, "search", EpochEnded(row(1), 0.5))
    ledger.close(trial, "failed", "the loss became nan")
    assert recorder.events == [
        ("trial", "0001", "search"),
        ("epoch", "0001", "search", 1),
        ("ended", "0001", "failed"),
    ]


def test_targets_hold_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "find_spec", lambda name: name)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    server = "mlflow:http://tracking:5000"
    given = ("tensorboard", "tensorboard:logs", "mlflow", server, "mlflow")
    stores = ("mlflow:mlruns", "mlflow:file:mlruns", f"mlflow:file://{tmp_path}/mlruns")
    assert {settled([store]) for store in stores} == {(stores[-1],)}
    database = f"mlflow:sqlite:///{tmp_path}/mlflow.db"
    logs = f"tensorboard:{tmp_path}/logs"
    assert settled(given) == ("tensorboard", logs, database, server)
    assert settled(settled(given)) == settled(given)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:secret@tracking")
    assert settled(["mlflow"]) == ("mlflow",)


def test_bad_requests_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError, match=r"'wandb' is not known; choose one of"):
        SearchRequest(data="x", track=("wandb:team",))
    monkeypatch.setattr(catalog, "find_spec", lambda name: name)
    with pytest.raises(RequestError, match="password"):
        settled(["mlflow:https://me:secret@tracking"])
    monkeypatch.setattr(catalog, "find_spec", lambda name: None)
    for name in ("mlflow", "tensorboard"):
        with pytest.raises(RequestError, match=rf'install "conv-automl\[{name}\]"'):
            settled([name])


def test_a_request_keeps_its_trackers() -> None:
    request = SearchRequest(data="x", track=("tensorboard", "mlflow:http://server"))
    assert SearchRequest.from_json(request.to_json()) == request


def test_tensorboard_holds_each_epoch_once(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for epochs in SESSIONS:
        (tracker,) = make_trackers(["tensorboard"], tmp_path)
        tell(tracker, epochs, killed=epochs == SESSIONS[0])
        folder = tmp_path / "tensorboard" / "0001"
        newest = max((folder / "search").iterdir())
        with newest.open("ab") as file:  # what a kill in the middle of a write leaves
            file.write(b"\x18\0\0\0\0\0\0\0\xa3")
    logs = {name: EventAccumulator(str(folder / name)) for name in ("search", "seed-1")}
    for log in logs.values():
        log.Reload()
    points = logs["search"].Scalars("val_loss")
    assert [(p.step, p.value) for p in points] == [
        (epoch, pytest.approx(2 / epoch)) for epoch in (1, 2, 3, 4)
    ]
    assert [p.step for p in logs["seed-1"].Scalars("loss")] == [1]
    assert [p.value for p in logs["search"].Scalars("test_score")] == [0.75]
    assert [p.value for p in logs["search"].Scalars("best_val_score")] == [0.5]
    assert "_hparams_/session_start_info" in logs["search"].summary_metadata
    assert not (tmp_path / "tensorboard" / "0002").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_mlflow_holds_each_epoch_once(tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    pytest.importorskip("alembic")
    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    client = MlflowClient(tracking_uri=uri)
    client.create_experiment("automl", artifact_location=str(tmp_path / "artifacts"))
    (tmp_path / "leaderboard.csv").write_text("rank,trial\n")
    for epochs in SESSIONS:
        (tracker,) = make_trackers([f"mlflow:{uri}"], tmp_path)
        tell(tracker, epochs, killed=epochs == SESSIONS[0])
    experiment = client.get_experiment_by_name("automl")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    trial, search = sorted(runs, key=lambda run: "automl.trial" not in run.data.tags)
    assert len(runs) == 2
    assert search.info.status == trial.info.status == "FINISHED"
    assert trial.data.tags["mlflow.parentRunId"] == search.info.run_id
    assert trial.data.params == {"filters": "8", "odd_name": "[3, 5]", "rate": "0.1"}
    history = client.get_metric_history(trial.info.run_id, "val_loss")
    assert [(p.step, p.value) for p in history] == [(e, 2 / e) for e in (1, 2, 3, 4)]
    assert trial.data.metrics["seed-1/val_loss"] == 2
    assert search.data.metrics == {"best_val_score": 0.5, "test_score": 0.75}
    artifacts = client.list_artifacts(search.info.run_id)
    assert [artifact.path for artifact in artifacts] == ["leaderboard.csv"]


class Interrupting(Recorder):
    def epoch_ended(self, trial: str, training: str, row: Any) -> None:
        super().epoch_ended(trial, training, row)
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_a_search_tells_and_a_resumed_one_goes_on(digits: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = tmp_path / "run"
    options: dict[str, Any] = {"trials": 1, "epochs": 3, "workers": 1}
    first = Interrupting()
    run = automl.search(
        str(digits), out=folder, callbacks=[first], track=("tensorboard",),
        export=("keras",), **options,
    )  # fmt: skip
    assert run.state == "interrupted"
    assert first.events[0] == ("began", 0, "run")
    assert first.events[-1] == ("end", "interrupted", 1)
    second = Recorder()
    _resume(folder, second)
    assert second.events[-1] == ("end", "finished", 1)
    log = EventAccumulator(str(folder / "tensorboard" / "0001" / "search"))
    log.Reload()
    assert [point.step for point in log.Scalars("val_loss")] == [1, 2, 3]


def _resume(folder: Path, callback: Callback) -> None:
    from automl.api import resume

    resume(folder, callbacks=[callback])
