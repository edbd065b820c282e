"""The finalists explained, and the data shown, once the model is handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.engine.another_try import may_try_again
from automl.engine.judgement import Judgement
from automl.engine.scoring import scoring_request
from automl.engine.setting import Setting
from automl.explanations.job import ExamplesRequest, explain_model, show_data
from automl.explanations.record import is_explained, save_explanation
from automl.workers.messages import Broke, Ended, Job
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
        tries: How often it was begun.
    """

    folder: Path | None
    function: Callable[..., None]
    argument: Any
    tries: int = 1


def explain_finalists(setting: Setting, judgement: Judgement) -> None:
    """Explain every finalist that is not explained yet, the recommended one first.

    Nothing here can lose a run that is finished but for it: a model that can't be
    explained, or for which the budget has no time left, gets a note of why.
    """
    setting.progress.phase("explaining the finalists")
    waiting = list(_tasks(setting, judgement))
    running: dict[int, _Task] = {}
    while waiting or running:
        for worker in setting.pool.idle()[: len(waiting)]:
            task = waiting.pop(0)
            seconds = min(_LONGEST_SECONDS, setting.clock.remaining())
            if seconds < _LEAST_SECONDS:
                _note(task.folder, "the budget left no time for it")
                continue
            running[worker] = task
            setting.pool.submit(worker, Job(task.function, task.argument, seconds))
        for event in setting.pool.wait() if running else ():
            if isinstance(event, Ended | Broke):
                task = running.pop(event.worker)
                if isinstance(event, Broke):
                    waiting += _break_off(setting, task, event)


def _tasks(setting: Setting, judgement: Judgement) -> Iterator[_Task]:
    first = judgement.choice.recommended
    order = sorted(judgement.trainings, key=lambda trial: trial != first)
    for place, trial in enumerate(order):
        training = judgement.trainings[trial]
        folder = setting.run.training(trial, training)
        if not is_explained(folder):
            record = setting.ledger.records[trial]
            request = scoring_request(setting, record, training)
            yield _Task(folder, explain_model, request)
        if place == 0:
            examples = ExamplesRequest(setting.run.path, setting.data.directory)
            yield _Task(None, show_data, examples)


def _break_off(setting: Setting, task: _Task, event: Broke) -> list[_Task]:
    """Note why a call failed, or return it, to be made again."""
    setting.run.log(f"{task.function.__name__} {task.folder or ''}: {event}")
    if may_try_again(event, task.tries):
        return [replace(task, tries=task.tries + 1)]
    _note(task.folder, event.reason)
    return []


def _note(folder: Path | None, reason: str) -> None:
    if folder is not None:
        note = f"This model is not explained: {reason}."
        save_explanation(folder, Explanation(notes=(note,)))
