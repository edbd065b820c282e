"""TensorBoard's logs: scalars of every training, hyperparameters of every trial."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api as hparams
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from automl.tracking.callback import Callback
from automl.tracking.scores import SEARCH_TRAINING, curves, epochs_of, scores_of

_HYPERPARAMETERS = "_hparams_/session_start_info"


class TensorBoard(Callback):
    """Writes a folder of event files for every training: `FOLDER/<trial>/<training>`.

    What the folder holds already is not written again, so that a resumed search goes
    on where the logs end.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder of the logs."""
        self.folder = folder
        self._logs: dict[tuple[str, str], _Log] = {}

    def trial_began(self, trial: Mapping[str, Any], training: str) -> None:
        """Write the hyperparameters."""
        log = self._log(trial["trial"], training)
        if training == SEARCH_TRAINING:
            log.write_hyperparameters(trial["hyperparameters"])

    def epoch_ended(self, trial: str, training: str, row: Mapping[str, float]) -> None:
        """Write one point of each curve."""
        self._log(trial, training).write(curves(row), int(row["epoch"]))

    def trial_ended(self, trial: Mapping[str, Any]) -> None:
        """Write the best score, and close the files of the trial."""
        identity = trial["trial"]
        if (self.folder / identity / SEARCH_TRAINING).exists():
            log = self._log(identity, SEARCH_TRAINING)
            log.write(scores_of(trial), epochs_of(trial))
        for key in [key for key in self._logs if key[0] == identity]:
            self._logs.pop(key).close()

    def search_ended(
        self, run: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write the scores of all that were trained, and close the files."""
        del run
        for trial in trials:
            self.trial_ended(trial)

    def _log(self, trial: str, training: str) -> _Log:
        key = trial, training
        if key not in self._logs:
            self._logs[key] = _Log(self.folder / trial / training)
        return self._logs[key]


class _Log:
    """The event files of one training; a file is begun at the first new point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last_steps = _last_steps(folder)
        self._writer: EventFileWriter | None = None

    def write_hyperparameters(self, values: Mapping[str, Any]) -> None:
        if _HYPERPARAMETERS in self.last_steps:
            return
        plain = {name: _plain(value) for name, value in values.items()}
        self._add(hparams.hparams_pb(plain), 0)

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Write the values whose curves do not reach this step yet."""
        points = [
            Summary.Value(tag=tag, simple_value=value)
            for tag, value in values.items()
            if step > self.last_steps.get(tag, -1)
        ]
        if points:
            self._add(Summary(value=points), step)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _add(self, summary: Summary, step: int) -> None:
        if self._writer is None:
            self._writer = EventFileWriter(str(self.folder))
        self._writer.add_event(Event(wall_time=time.time(), step=step, summary=summary))
        self._writer.flush()  # whatever is killed next, this is on disk
        self.last_steps |= {value.tag: step for value in summary.value}


def _last_steps(folder: Path) -> dict[str, int]:
    """Return the last step of each curve; a file's torn end does not count."""
    steps: dict[str, int] = {}
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                steps[value.tag] = max(event.step, steps.get(value.tag, -1))
    return steps


def _plain(value: Any) -> bool | float | str:
    """Return a hyperparameter as one of the kinds that TensorBoard knows."""
    if isinstance(value, bool | str | int | float):
        return value
    return str(value)
