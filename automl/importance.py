"""Which hyperparameters told of the score, and which are no more than noise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import KFold

from automl.run.atomic import read_json, write_json
from automl_reports.importance import Importance
from automl_reports.rows import RunReport, TrialRow

_LEAST_TRIALS = 30
_LEAST_R2 = 0.1
_FOLDS = 5
_TREES = 100
_SHUFFLES = 5
_FITS = 3
_MOST_TRIALS = 500
_LOG_FROM = 50.0


@dataclass(frozen=True)
class _Table:
    """What is learned from.

    Attributes:
        names: Names of the hyperparameters.
        inputs: float64 `(trials, hyperparameters)`; -1 below the rest where unused.
        ranks: Rank of each trial's score, 0 to 1, shape `(trials,)`.
    """

    names: tuple[str, ...]
    inputs: np.ndarray
    ranks: np.ndarray


def hyperparameter_importance(
    rows: Sequence[TrialRow], objective: str, *, rungs: Sequence[int] = ()
) -> Importance:
    """Return how much each hyperparameter tells of held-out trials' ranks.

    An ensemble of extremely randomised trees learns the rank of a trial's score from
    its hyperparameters and from a shuffled copy of each, in five folds. What the
    shuffling of one costs on the trials held out is its importance; the most that a
    shuffled copy costs is the noise. Ranks, because a few diverged trainings would
    else be all that there is to explain.

    Args:
        rows: The trials.
        objective: For example `val_accuracy`, a column of the histories.
        rungs: Epochs at which the strategy compares trials: scores are then those
            after the first, which all have reached, because a trial that was stopped
            early is not to be compared with one that was trained out.

    Returns:
        The importance, or why there is none: fewer than 30 trials, nothing that
        differs, or less than a tenth of the variance explained.

    Source:
        Breiman (2001), Random Forests, Machine Learning 45, section 10 (permutation);
        Geurts et al. (2006), Extremely randomized trees, Machine Learning 63;
        Stoppiglia et al. (2003), Ranking a random feature, JMLR 3 (random probes).
    """
    epochs = rungs[0] if len(rungs) > 1 else None
    scored = [
        (row, value)
        for row in rows
        if (value := _score(row, objective, epochs)) is not None
    ][:_MOST_TRIALS]
    count = len(scored)
    if count < _LEAST_TRIALS:
        reason = (
            f"Trials that can be compared: {count}; it takes at least {_LEAST_TRIALS} "
            "to tell what mattered from chance."
        )
        return Importance(count, epochs=epochs, hidden=reason)
    table = _table([row for row, _ in scored], [value for _, value in scored])
    if not table.names:
        return Importance(count, epochs=epochs, hidden="All trials chose the same.")
    fits = [_permutation_drops(table, seed) for seed in range(_FITS)]
    r2 = float(np.mean([fit[0] for fit in fits]))
    if r2 < _LEAST_R2:
        reason = (
            f"The hyperparameters explain too little of the ranks of {count} trials "
            f"(R\N{SUPERSCRIPT TWO} = {r2:.2f} on held-out trials, below {_LEAST_R2}): "
            "any order would be chance."
        )
        return Importance(count, r2=r2, epochs=epochs, hidden=reason)
    drops = np.stack([fit[1] for fit in fits])
    return _judged(table.names, drops, Importance(count, r2=r2, epochs=epochs))


def importance_of(report: RunReport, file: Path) -> Importance:
    """Return the importance that `file` holds of these trials, else compute it."""
    if file.exists():
        stored = read_json(file)
        if stored["key"] == _key(report):
            return _from_json(stored["importance"])
    return hyperparameter_importance(
        report.trials, report.objective, rungs=report.rungs
    )


def store_importance(file: Path, report: RunReport) -> None:
    """Write the importance that a report holds, for `importance_of` to find."""
    if report.importance is None:
        raise ValueError("The report holds no importance to store.")
    write_json(file, {"key": _key(report), "importance": asdict(report.importance)})


def _key(report: RunReport) -> str:
    """Return a text that changes with whatever the importance depends on."""
    scores = [(row.trial, row.status, row.search_score) for row in report.trials]
    text = json.dumps([report.objective, list(report.rungs), scores])
    return hashlib.sha256(text.encode()).hexdigest()


def _from_json(values: Mapping[str, Any]) -> Importance:
    drops = tuple((name, drop, spread) for name, drop, spread in values["drops"])
    return Importance(**{**values, "drops": drops})


def _score(row: TrialRow, objective: str, epochs: int | None) -> float | None:
    """Return the score that a trial is compared by; `None` where it has none.

    It is of the one validation split: means over folds are of another kind.
    """
    if epochs is None:
        return row.search_score if row.status == "completed" else None
    values = {int(entry["epoch"]): entry.get(objective) for entry in row.history}
    return values.get(epochs)


def _table(rows: Sequence[TrialRow], scores: Sequence[float]) -> _Table:
    settings = [_settings(row) for row in rows]
    names = list(dict.fromkeys(name for setting in settings for name in setting))
    columns = {name: _column([s.get(name) for s in settings]) for name in names}
    kept = {name: c for name, c in columns.items() if len(np.unique(c)) > 1}
    inputs = np.column_stack(list(kept.values())) if kept else np.empty((len(rows), 0))
    return _Table(tuple(kept), inputs, rankdata(scores) / len(scores))


def _settings(row: TrialRow) -> dict[str, Any]:
    """Return what was chosen; each optimizer's own rate is one learning rate."""
    chosen = {
        name: value
        for name, value in row.hyperparameters.items()
        if not name.startswith("learning_rate")
    }
    if row.learning_rate is not None:
        chosen["learning_rate"] = row.learning_rate
    return chosen


def _column(values: Sequence[Any]) -> np.ndarray:
    """Return one hyperparameter as numbers for trees; unused lies below the rest."""
    given = [value for value in values if value is not None]
    numeric = all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in given
    )
    if not numeric:
        texts = sorted(set(map(str, given)))
        places = {text: place for place, text in enumerate(texts)}
        return np.array([-1.0 if v is None else places[str(v)] for v in values])
    numbers = np.array([np.nan if v is None else float(v) for v in values])
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    if low > 0 and high / low >= _LOG_FROM:
        numbers = np.log(numbers)
        low, high = np.log(low), np.log(high)
    below: float = low - max(1.0, high - low)
    return np.where(np.isnan(numbers), below, numbers)


def _permutation_drops(table: _Table, seed: int) -> tuple[float, np.ndarray]:
    """Return R2 on held-out trials, and the drops `(shuffles, 2 x hyperparameters)`.

    The second half of the columns are the shuffled copies.
    """
    chance = np.random.default_rng(seed)
    copies = chance.permuted(table.inputs, axis=0)
    inputs, ranks = np.hstack([table.inputs, copies]), table.ranks
    errors = np.zeros((_SHUFFLES, inputs.shape[1]))
    plain = 0.0
    for train, test in KFold(_FOLDS, shuffle=True, random_state=seed).split(inputs):
        trees = ExtraTreesRegressor(_TREES, min_samples_leaf=2, random_state=seed)
        trees.fit(inputs[train], ranks[train])
        plain += float(((trees.predict(inputs[test]) - ranks[test]) ** 2).sum())
        shuffled = _shuffled(inputs[test], chance)
        guesses = trees.predict(shuffled.reshape(-1, inputs.shape[1]))
        guesses = guesses.reshape(shuffled.shape[:3])
        errors += ((guesses - ranks[test]) ** 2).sum(axis=2)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    return 1 - plain / total, (errors - plain) / total


def _shuffled(inputs: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Return copies with one column shuffled, `(shuffles, columns, rows, columns)`."""
    count, width = inputs.shape
    copies = np.broadcast_to(inputs, (_SHUFFLES, width, count, width)).copy()
    for column in range(width):
        for copy in copies[:, column]:
            chance.shuffle(copy[:, column])
    return copies


def _judged(names: Sequence[str], drops: np.ndarray, found: Importance) -> Importance:
    """Return the drops in order, and the noise.

    Args:
        names: The hyperparameters.
        drops: `(fits, shuffles, 2 x hyperparameters)`.
        found: What else is known.
    """
    size = len(names)
    probes = drops[..., size:].mean(axis=1)
    # Of the few probes the largest alone would be passed by chance too often.
    noise = max(0.0, float(probes.max()), float(probes.mean() + 3 * probes.std()))
    means = drops[..., :size].mean(axis=(0, 1))
    spreads = drops[..., :size].std(axis=(0, 1))
    order = np.argsort(-means)
    if means[order[0]] <= noise:
        reason = "No hyperparameter told more of the score than shuffled copies did."
        return replace(found, noise=noise, hidden=reason)
    ranked = tuple((names[n], float(means[n]), float(spreads[n])) for n in order)
    return replace(found, noise=noise, drops=ranked)
