"""The most promising configurations, by a model of what was seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from scipy.special import ndtr

from automl.oracles.blas import one_thread
from automl.oracles.encoding import Encoding
from automl.oracles.gaussian_process import GaussianProcess
from automl.oracles.history import History, mapped_to_top
from automl.oracles.hypervolume import expected_hypervolume_improvement
from automl.oracles.pareto import pareto_front

FEWEST_OBSERVATIONS = 4
_MOST_POINTS, _BEST_POINTS = 170, 90
_NUM_CANDIDATES, _NUM_PARENTS = 200, 5
_LOWEST_TARGET = -1.0


def rank_candidates(
    encoding: Encoding,
    history: History,
    generator: np.random.Generator,
    *,
    is_new: Callable[[dict[str, Any]], bool],
    starts: Sequence[np.ndarray] = (),
) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Return new configurations, the most promising first.

    A Gaussian process over hyperparameters and rung is fitted; candidates are ranked
    by the improvement that it expects of them on the highest rung. Where there are
    costs, each has a model of its own, and what counts is the hypervolume of the front.

    Args:
        encoding: The space.
        history: What was seen; `FEWEST_OBSERVATIONS` sound ones at least.
        generator: Source of every draw.
        is_new: Whether a configuration was never tried.
        starts: Parameters of the last fits: of the score, then of each cost.

    Returns:
        The candidates and the parameters of these fits; where the space around the
        best is used up, no candidates and `starts`.

    Source:
        Jones, Schonlau, Welch (1998), Efficient global optimization, for the
        expected improvement; Swersky, Snoek, Adams (2013), Multi-task Bayesian
        optimization, for the fidelity as a coordinate; White et al. (2021), BANANAS,
        arXiv:1910.11858, for mutations of the best as candidates.
    """
    mapped = mapped_to_top(history.scores)
    best = _best(mapped, history, generator)
    parents = [history.values[index] for index in best]
    candidates = _candidates(encoding, parents, generator=generator, is_new=is_new)
    if not candidates:
        return [], list(starts)
    rows = encoding.rows(candidates)
    start, *cost_starts = starts or (None,)
    with one_thread():
        model = _fit(encoding, history, mapped=mapped, generator=generator, start=start)
        _believe_pending(model, encoding, history)
        cost_fits: list[np.ndarray] = []
        if history.costs.shape[1]:
            gains, cost_fits = _front_gains(
                model, encoding, history, rows, generator, starts=cost_starts
            )
        else:
            gains = _gains(model, parents=encoding.rows(parents), candidates=rows)
    order = np.argsort(-gains, kind="stable")
    return [candidates[index] for index in order], [model.parameters, *cost_fits]


def _gains(
    model: GaussianProcess, *, parents: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    """Return the expected improvement of the candidates over the best."""
    level = model.predict(_at_top(parents))[0].max()
    mean, deviation = model.predict(_at_top(candidates))
    return expected_improvement(mean, deviation, level)


def _front_gains(
    model: GaussianProcess,
    encoding: Encoding,
    history: History,
    candidates: np.ndarray,
    generator: np.random.Generator,
    *,
    starts: Sequence[np.ndarray],
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the expected growth of the hypervolume, and the fits of the costs.

    A network below the median score is worth nothing, however small it is, nor one
    that costs more than all of the others.
    """
    sound = history.sound()
    known = encoding.rows([history.values[index] for index in np.flatnonzero(sound)])
    costs = history.costs[sound]
    scores = model.predict(_at_top(known))[0]
    usable = scores >= np.median(scores)
    models = [
        _cost_model(encoding, known, cost, start)
        for cost, start in zip_longest(costs.T, starts)
    ]
    forecasts = [model.predict(_at_top(candidates))]
    forecasts += [cost_model.predict(candidates) for cost_model in models]
    gains = expected_hypervolume_improvement(
        np.column_stack([mean for mean, _ in forecasts]),
        np.column_stack([deviation for _, deviation in forecasts]),
        front=np.column_stack([scores, costs])[usable],
        reference=np.append(np.median(scores), costs[usable].min(axis=0)),
        generator=generator,
    )
    return gains, [cost_model.parameters for cost_model in models]


def _cost_model(
    encoding: Encoding, known: np.ndarray, cost: np.ndarray, start: np.ndarray | None
) -> GaussianProcess:
    """Return a model of one cost, by the configurations seen last."""
    model = GaussianProcess(encoding.categorical)
    return model.fit(known[-_MOST_POINTS:], cost[-_MOST_POINTS:], start=start)


def expected_improvement(
    mean: np.ndarray, deviation: np.ndarray, level: float
) -> np.ndarray:
    """Return by how much a normal variable exceeds a level in expectation."""
    score = (mean - level) / deviation
    density = np.exp(-0.5 * score**2) / math.sqrt(2 * math.pi)
    return np.asarray(deviation * (score * ndtr(score) + density))


def _fit(
    encoding: Encoding,
    history: History,
    *,
    mapped: np.ndarray,
    generator: np.random.Generator,
    start: np.ndarray | None,
) -> GaussianProcess:
    targets = _targets(mapped)
    targets[history.failed] = _LOWEST_TARGET
    chosen = _chosen(targets, generator)
    top = chosen[:, 1].max()
    # The only rung that was seen stands for the highest, where candidates are judged.
    rung = chosen[:, 1] / top if top else np.ones(len(chosen))
    points = encoding.rows([history.values[index] for index in chosen[:, 0]])
    return GaussianProcess(np.append(encoding.categorical, False)).fit(
        np.column_stack([points, rung]), targets[tuple(chosen.T)], start=start
    )


def _targets(mapped: np.ndarray) -> np.ndarray:
    """Scale scores: the median is 0, the best twentieth above 1, the lowest clipped.

    How bad the bad are tells nothing of the good, and would rule the fit.
    """
    latest = _latest(mapped)
    latest = latest[np.isfinite(latest)]
    median = float(np.median(latest))
    width = float(np.percentile(latest, 95)) - median or float(latest.std()) or 1.0
    return np.maximum((mapped - median) / width, _LOWEST_TARGET)


def _chosen(targets: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return configuration and rung of the data to fit, int `(points, 2)`.

    The two highest rungs of a configuration count; of too many points, the best and
    some of the others.
    """
    seen = np.isfinite(targets)
    above = seen[:, ::-1].cumsum(axis=1)[:, ::-1]  # scores on this rung or higher
    where = np.argwhere(seen & (above <= 2))
    if len(where) <= _MOST_POINTS:
        return where
    order = np.argsort(-targets[tuple(where.T)], kind="stable")
    others = generator.permutation(order[_BEST_POINTS:])[: _MOST_POINTS - _BEST_POINTS]
    kept = np.sort(np.concatenate([order[:_BEST_POINTS], others]))
    return np.asarray(where[kept])


def _best(
    mapped: np.ndarray, history: History, generator: np.random.Generator
) -> list[int]:
    """Return the best configurations; where there are costs, some of the front."""
    latest = np.where(history.sound(), _latest(mapped), -np.inf)
    number = min(_NUM_PARENTS, history.sound().sum())
    if not history.costs.shape[1]:
        order = np.argsort(-latest, kind="stable")
        return [int(index) for index in order[:number]]
    usable = np.flatnonzero(latest >= np.median(latest[history.sound()]))
    merits = np.column_stack([latest, history.costs])[usable]
    front = generator.permutation(usable[pareto_front(merits)])
    return [int(index) for index in front[:number]]


def _latest(scores: np.ndarray) -> np.ndarray:
    """Return the score on the highest rung of each configuration, NaN without one."""
    latest = np.full(len(scores), np.nan)
    for column in scores.T:
        latest = np.where(np.isfinite(column), column, latest)
    return latest


def _candidates(
    encoding: Encoding,
    parents: list[dict[str, Any]],
    *,
    generator: np.random.Generator,
    is_new: Callable[[dict[str, Any]], bool],
) -> list[dict[str, Any]]:
    drawn = []
    for number in range(_NUM_CANDIDATES):
        if number % 3 == 2:
            drawn.append(encoding.random(generator))
            continue
        parent = parents[int(generator.integers(len(parents)))]
        changes = 1 + int(generator.random() < 0.5) + int(generator.random() < 0.25)
        drawn.append(encoding.mutated(parent, generator, changes=changes))
    return [values for values in drawn if is_new(values)]


def _believe_pending(
    model: GaussianProcess, encoding: Encoding, history: History
) -> None:
    """Count what runs as a poor result, so that others look elsewhere.

    Source:
        Ginsbourger et al. (2010), Kriging is well-suited to parallelize optimization.
    """
    if not history.pending:
        return
    rows = _at_top(encoding.rows(history.pending))
    mean, deviation = model.predict(rows)
    model.believe(rows, mean - deviation)


def _at_top(rows: np.ndarray) -> np.ndarray:
    return np.column_stack([rows, np.ones(len(rows))])
