"""The finalists explained, and the data shown, once the model is handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from automl.engine.jobs import run_jobs
from automl.engine.judgement import Judgement
from automl.engine.scoring import scoring_request
from automl.engine.setting import Setting
from automl.explanations.job import ExamplesRequest, explain_model, show_data
from automl.explanations.record import (
    is_explained,
    load_explanation,
    save_explanation,
)
from automl.workers.messages import Broke, Job
from automl_reports.explanation import Explanation

_LONGEST_SECONDS = 60.0
_LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class _Task:
    """One call.

    Attributes:
        folder: Where it is noted that it failed; nowhere by default.
        function: What is called.
        argument: With what.
    """

    folder: Path | None
    function: Callable[..., None]
    argument: Any


def explain_finalists(setting: Setting, judgement: Judgement) -> None:
    """Explain every finalist that is not explained yet, the recommended one first.

    Nothing here can lose a run that is finished but for it: a model that can't be
    explained, or for which the budget has no time left, gets a note of why.
    """
    setting.progress.phase("explaining the finalists")
    tasks = dict(_tasks(setting, judgement))
    jobs = {name: partial(_job, setting, task) for name, task in tasks.items()}
    outcomes = run_jobs(setting.pool, jobs, setting.run.log, setting.refresh_report)
    for name, event in outcomes:
        if isinstance(event, Broke):
            _note(tasks[name].folder, event.reason)


def _tasks(setting: Setting, judgement: Judgement) -> Iterator[tuple[str, _Task]]:
    first = judgement.choice.recommended
    order = sorted(judgement.trainings, key=lambda trial: trial != first)
    for place, trial in enumerate(order):
        training = judgement.trainings[trial]
        folder = setting.run.training(trial, training)
        if not is_explained(folder):
            record = setting.ledger.records[trial]
            request = scoring_request(setting, record, training)
            yield f"explaining {trial}", _Task(folder, explain_model, request)
        if place == 0:
            examples = ExamplesRequest(setting.run.path, setting.data.directory)
            yield "showing the data", _Task(None, show_data, examples)


def _job(setting: Setting, task: _Task) -> Job | None:
    """Return a call with the time that is left for it, or note that there is none."""
    seconds = min(_LONGEST_SECONDS, setting.clock.remaining())
    if seconds < _LEAST_SECONDS:
        _note(task.folder, "the budget left no time for it")
        return None
    return Job(task.function, task.argument, seconds)


def _note(folder: Path | None, reason: str) -> None:
    """Note that a model is not explained, unless an earlier version explained it."""
    known = None if folder is None else load_explanation(folder)
    if folder is not None and not (known and known.layers):
        note = f"This model is not explained: {reason}."
        save_explanation(folder, Explanation(notes=(note,)))
