"""The finalists explained, and the data shown, once the model is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl.engine.judgement import Judgement
from automl.engine.scoring import scoring_request
from automl.engine.setting import Setting
from automl.explanations.job import ExamplesRequest, explain_model, show_data
from automl.explanations.record import is_explained, save_explanation
from automl.workers.messages import Broke, Ended, Job
from automl_reports.explanation import Explanation

_LONGEST_SECONDS = 60.0
_LEAST_SECONDS = 1.0


def explain_finalists(setting: Setting, judgement: Judgement) -> None:
    """Explain every finalist that is not explained yet, the recommended one first.

    Nothing here can lose a run that is finished but for it: a model that can't be
    explained, or for which the budget has no time left, gets a note of why.
    """
    setting.progress.phase("explaining the finalists")
    waiting = list(_tasks(setting, judgement))
    running: dict[int, Path | None] = {}
    while waiting or running:
        for worker in setting.pool.idle()[: len(waiting)]:
            folder, function, argument = waiting.pop(0)
            seconds = min(_LONGEST_SECONDS, setting.clock.remaining())
            if seconds < _LEAST_SECONDS:
                _note(folder, "the budget left no time for it")
                continue
            running[worker] = folder
            setting.pool.submit(worker, Job(function, argument, seconds))
        for event in setting.pool.wait() if running else ():
            if isinstance(event, Ended | Broke):
                folder = running.pop(event.worker)
                if isinstance(event, Broke):
                    setting.run.log(f"explaining {folder}: {event}")
                    _note(folder, event.reason)


def _tasks(
    setting: Setting, judgement: Judgement
) -> Iterator[tuple[Path | None, Any, Any]]:
    """Yield where the outcome is noted, what is called, and with what."""
    first = judgement.choice.recommended
    order = sorted(judgement.trainings, key=lambda trial: trial != first)
    for place, trial in enumerate(order):
        training = judgement.trainings[trial]
        folder = setting.run.training(trial, training)
        if not is_explained(folder):
            record = setting.ledger.records[trial]
            request = scoring_request(setting, record, training)
            yield folder, explain_model, request
        if place == 0:
            yield (
                None,
                show_data,
                ExamplesRequest(setting.run.path, setting.data.directory),
            )


def _note(folder: Path | None, reason: str) -> None:
    if folder is not None:
        note = f"This model is not explained: {reason}."
        save_explanation(folder, Explanation(notes=(note,)))
