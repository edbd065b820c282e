"""MLflow: a run for the search, and within it a run for every trial."""

from __future__ import annotations

import logging
import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from automl.run.atomic import read_json, write_json
from automl.run.directory import MODEL_CARD
from automl.tracking.callback import Callback
from automl.tracking.scores import SEARCH_TRAINING, curves, epochs_of, scores_of

# The search waits for its trackers: a server that does not answer is given up soon,
# unless the user sets these otherwise. Nobody is told that the user tracks anything.
_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_EXPERIMENT = "automl"
_IDENTITY_FILE = "tracking.json"
_SEARCH_TAG, _TRIAL_TAG = "automl.search", "automl.trial"
_MOST_RUNS = 50_000
_MOST_PARAMS = 100
_STATES = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_ARTIFACTS = ("leaderboard.html", "leaderboard.csv", "leaderboard.json")
_MODEL_CARD = f"best/{MODEL_CARD}"


class MLflow(Callback):
    """Logs to a tracking server or a database.

    The runs are found again by tags, and points that the store holds are not logged
    again, so that a resumed search goes on where its MLflow runs end.
    """

    def __init__(self, uri: str, folder: Path) -> None:
        """Name the store; it is opened when the search begins.

        Args:
            uri: Address of the store.
            folder: Folder of the run.
        """
        self.uri = uri
        self.folder = folder
        self._runs: dict[str, _Run] = {}
        self._client: Any = None
        self._experiment = ""
        self._search = ""

    def search_began(self, run: Mapping[str, Any]) -> None:
        """Begin the run of the search, or go on with it."""
        self._client = _client(self.uri)
        self._experiment = _experiment(self._client)
        self._search = _identity(self.folder)
        found = self._client.search_runs(
            [self._experiment],
            f"tags.`{_SEARCH_TAG}` = '{self._search}'",
            max_results=_MOST_RUNS,
        )
        self._runs = {
            entry.data.tags.get(_TRIAL_TAG, ""): _Run(
                self._client, entry.info.run_id, known=True
            )
            for entry in found
        }
        self._go_on("", self.folder.name, run["request"])

    def trial_began(self, trial: Mapping[str, Any], training: str) -> None:
        """Begin the trial's run, with its hyperparameters, or go on with it."""
        del training
        name = f"{trial['trial']} {trial['architecture']}".strip()
        self._go_on(trial["trial"], name, trial["hyperparameters"])

    def epoch_ended(self, trial: str, training: str, row: Mapping[str, float]) -> None:
        """Log one point of each curve; those of further trainings have a prefix."""
        prefix = "" if training == SEARCH_TRAINING else f"{training}/"
        values = {prefix + name: value for name, value in curves(row).items()}
        self._runs[trial].log(values, int(row["epoch"]))

    def trial_ended(self, trial: Mapping[str, Any]) -> None:
        """Log how a trial stands, unless it was never begun."""
        run = self._runs.get(trial["trial"])
        if run is None:
            return
        run.log(scores_of(trial), epochs_of(trial))
        status = {"failed": "FAILED", "running": "KILLED"}
        run.end(
            status.get(trial["status"], "FINISHED"),
            {"automl.status": trial["status"], "automl.reason": trial["reason"]},
        )

    def search_ended(
        self, run: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]
    ) -> None:
        """Log the final scores and the report, and end the runs."""
        for trial in trials:
            self.trial_ended(trial)
        own = self._runs[""]
        for name in (*_ARTIFACTS, _MODEL_CARD):
            if (self.folder / name).exists():
                self._client.log_artifact(own.identity, str(self.folder / name))
        best = (run.get("selection") or {}).get("recommended")
        for trial in trials:
            if trial["trial"] == best:
                own.log(scores_of(trial), epochs_of(trial))
        tags = {"automl.state": run["state"], "automl.recommended": best or ""}
        own.end(_STATES.get(run["state"], "KILLED"), tags)

    def _go_on(self, trial: str, name: str, values: Mapping[str, Any]) -> None:
        """Begin the run of a trial, or the search's own, unless it is there."""
        if trial in self._runs:
            self._runs[trial].go_on()
            return
        tags = {_SEARCH_TAG: self._search}
        if trial:
            tags |= {_TRIAL_TAG: trial, "mlflow.parentRunId": self._runs[""].identity}
        begun = self._client.create_run(self._experiment, tags=tags, run_name=name)
        self._runs[trial] = _Run(self._client, begun.info.run_id, known=False)
        self._runs[trial].log_params(values)


class _Run:
    """One of MLflow's runs, and how far its curves reach."""

    def __init__(self, client: Any, identity: str, *, known: bool) -> None:
        self.identity = identity
        self._client = client
        self._known = known
        self._last_steps: dict[str, int] = {}
        self._ended: tuple[str, dict[str, str]] | None = None

    def go_on(self) -> None:
        self._ended = None
        self._client.update_run(self.identity, status="RUNNING")

    def log_params(self, values: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        params = [Param(_allowed(name), str(value)) for name, value in values.items()]
        for first in range(0, len(params), _MOST_PARAMS):
            part = params[first : first + _MOST_PARAMS]
            self._client.log_batch(self.identity, params=part)

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Log the values whose curves do not reach this step yet."""
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [
            Metric(name, float(value), now, step)
            for name, value in values.items()
            if step > self._last_step(name)
        ]
        if metrics:
            self._client.log_batch(self.identity, metrics=metrics)
            self._last_steps |= dict.fromkeys(values, step)

    def end(self, status: str, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        ending = status, dict(tags)
        if ending == self._ended:
            return
        self._client.log_batch(
            self.identity, tags=[RunTag(name, text) for name, text in tags.items()]
        )
        self._client.set_terminated(self.identity, status)
        self._ended = ending

    def _last_step(self, name: str) -> int:
        if name not in self._last_steps:
            points = (
                self._client.get_metric_history(self.identity, name)
                if self._known
                else ()
            )
            self._last_steps[name] = max((point.step for point in points), default=-1)
        return self._last_steps[name]


def _client(uri: str) -> Any:
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from mlflow.tracking import MlflowClient

    for library in ("alembic", "mlflow"):  # they tell about every table they make
        logging.getLogger(library).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri)


def _experiment(client: Any) -> str:
    """Return the identity of the experiment that the user set, or of ours."""
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", _EXPERIMENT)
    known = client.get_experiment_by_name(name)
    return str(known.experiment_id if known else client.create_experiment(name))


def _identity(folder: Path) -> str:
    """Return what the runs of this search are tagged with, in every session."""
    file = folder / _IDENTITY_FILE
    if not file.exists():
        write_json(file, {"id": uuid.uuid4().hex})
    return str(read_json(file)["id"])


def _allowed(name: str) -> str:
    """Return a name with the characters that MLflow knows."""
    return re.sub(r"[^\w\-. /:]", "_", name)
