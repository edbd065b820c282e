"""The best networks of small data, scored by cross-validation.

A validation split of a small data set holds a few dozen samples, too few to tell good
networks apart. Every candidate is therefore trained once a fold on the rest of the
training and validation samples; its score is the mean over folds, and the best are
compared on the predictions of all folds together. The winner is then trained on all
of these samples. The test split stays untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from automl.engine.duration import fold_seconds, refit_seconds
from automl.engine.setting import Setting
from automl.engine.task_loop import Task, TaskLoop
from automl.metrics.answers import Answers
from automl.run.predictions import load_predictions
from automl.run.trial import Training, TrialRecord
from automl.seeds import derive_seed
from automl.selection.choice import Choice, Finalist, choose
from automl.training.assignment import Fold
from automl.training.samples import held_out_rows


def cross_validate(setting: Setting, candidates: Sequence[TrialRecord]) -> None:
    """Train candidates on every fold that has no score yet.

    One after another, so that where the time ends early those that are done can still
    be compared. Time is left for training the winner once more; whatever does not fit
    whole before that is not begun, but for the first.

    Args:
        setting: The search.
        candidates: The best first.
    """
    missing = [
        [
            _task(setting, record, index)
            for index in _indices(setting)
            if _name(index) not in {fold.name for fold in record.folds}
        ]
        for record in candidates
    ]
    waiting = [tasks for tasks in missing if tasks]
    end = setting.plan.final_end(setting.clock.budget_seconds)
    following = partial(_next_task, setting, waiting, candidates, end)
    TaskLoop(setting, following, partial(_keep, setting), end=end).run()


def choose_by_folds(
    setting: Setting, shortlist: Sequence[TrialRecord]
) -> Choice | None:
    """Choose among the finalists that have all folds; `None` if there is none."""
    done = [record for record in shortlist if record.cross_validated]
    if not done:
        return None
    finalists = [fold_finalist(setting, record) for record in done]
    return choose(finalists, setting.objective, fold_answers(setting))


def fold_answers(setting: Setting) -> Answers:
    """Return the right answers of all folds together, one fold after another."""
    rows = np.concatenate([_rows(setting, index) for index in _indices(setting)])
    splits = map(setting.data.split, ("train", "val"))
    return Answers.of_splits(setting.data.spec, *splits).at(rows)


def _indices(setting: Setting) -> range:
    return range(setting.plan.folds or 0)


def _name(index: int) -> str:
    return f"fold-{index}"


def _fold(setting: Setting, index: int) -> Fold:
    return Fold(index, len(_indices(setting)), setting.request.seed)


def _rows(setting: Setting, index: int) -> np.ndarray:
    return held_out_rows(setting.data, _fold(setting, index))


def _task(setting: Setting, record: TrialRecord, index: int) -> Task:
    seed = derive_seed(setting.request.seed, record.trial, _name(index))
    training = Training(_name(index), seed, setting.plan.max_epochs)
    return Task(record, training, _fold(setting, index))


def _next_task(
    setting: Setting,
    waiting: list[list[Task]],
    candidates: Sequence[TrialRecord],
    end: float,
) -> Task | None:
    """Return the next fold of the first candidate whose folds fit, if there is one."""
    while waiting:
        tasks = waiting[0]
        record = tasks[0].record
        begun = len(tasks) < len(_indices(setting)) or record is candidates[0]
        rivals = [record, *(other for other in candidates if other.folds)]
        seconds = _seconds(setting, record, 1 if begun else len(tasks))
        seconds += refit_seconds(setting, rivals, setting.plan.max_epochs)
        if setting.clock.elapsed() + seconds < end:
            task = tasks.pop(0)
            waiting[:1] = [tasks] if tasks else []
            return task
        # With the first left out, one with folds would win for want of a rival.
        waiting[:] = [] if record is candidates[0] else waiting[1:]
    return None


def _seconds(setting: Setting, record: TrialRecord, folds: int) -> float:
    """Return the time of so many folds, where all workers but one are busy yet."""
    rounds = setting.rounds(folds + setting.num_workers - 1)
    return rounds * fold_seconds(setting, record)


def _keep(setting: Setting, task: Task) -> None:
    record = task.record
    record.folds.append(task.training)
    scores = [fold.val_score for fold in record.folds if fold.val_score is not None]
    if len(scores) == setting.plan.folds:
        record.fold_score = float(np.mean(scores))
        record.fold_error = float(np.std(scores, ddof=1) / np.sqrt(len(scores)))
    setting.ledger.save(record)


def fold_finalist(setting: Setting, record: TrialRecord) -> Finalist:
    """Return a trial that has all folds with its predictions, in the same order."""
    folders = [
        setting.run.training(record.trial, _name(index)) for index in _indices(setting)
    ]
    return Finalist(
        trial=record.trial,
        score=record.fold_score or 0.0,
        predictions=np.concatenate([load_predictions(f, "val") for f in folders]),
        macs=record.counted_macs,
        params=record.params or 0,
        costs=record.costs(setting.request.costs),
    )
