"""The model: its gradient, its predictions, and what it is given."""

from typing import Any

import keras_tuner
import numpy as np
import pytest
from scipy.optimize import check_grad

from automl.oracles.gaussian_process import (
    GaussianProcess,
    mixed_distances,
    negative_log_posterior,
    prior_mean,
)
from automl.oracles.history import gather, mapped_to_top
from automl.oracles.proposal import expected_improvement

CATEGORICAL = np.array([False, True, False])


def points(number: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    rows = generator.random((number, 3))
    rows[:, 1] = generator.integers(3, size=number)
    return rows


def truth(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.sin(3 * rows[:, 0]) + np.where(rows[:, 1] == 2, 1.0, 0.0))


def test_gradient_is_that_of_the_value() -> None:
    rows = points(20)
    distances = mixed_distances(rows, rows, CATEGORICAL)
    targets = truth(rows) - truth(rows).mean()
    for seed in range(3):
        shift = 0.3 * np.random.default_rng(seed).standard_normal(5)
        error = check_grad(
            lambda p: negative_log_posterior(p, distances, targets)[0],
            lambda p: negative_log_posterior(p, distances, targets)[1],
            prior_mean(3) + shift,
        )
        assert error < 1e-4


def test_categories_are_equal_or_not() -> None:
    rows = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.5]])
    distances = mixed_distances(rows, rows, CATEGORICAL)
    assert distances[:, 0, 1].tolist() == [0.0, 1.0, 0.5]


def test_it_predicts_what_it_was_not_shown() -> None:
    model = GaussianProcess(CATEGORICAL).fit(points(80), truth(points(80)))
    fresh = points(200, seed=1)
    mean, deviation = model.predict(fresh)
    errors = mean - truth(fresh)
    assert np.abs(errors).mean() < 0.2 * truth(fresh).std()
    assert np.mean(np.abs(errors) < 2 * deviation) > 0.8


def test_it_finds_the_coordinate_that_does_not_matter() -> None:
    model = GaussianProcess(CATEGORICAL).fit(points(80), truth(points(80)))
    weights = model.parameters[:3]
    assert weights[2] < min(weights[:2])


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    rows = points(40)
    cold = GaussianProcess(CATEGORICAL).fit(rows, truth(rows))
    warm = GaussianProcess(CATEGORICAL).fit(rows, truth(rows), start=cold.parameters)
    assert np.allclose(cold.predict(points(9, 2)), warm.predict(points(9, 2)), atol=0.1)


def test_equal_targets_are_no_trouble() -> None:
    model = GaussianProcess(CATEGORICAL).fit(points(10), np.full(10, 0.5))
    assert np.allclose(model.predict(points(3, 1))[0], 0.5)


def test_belief_pulls_the_prediction_and_narrows_it() -> None:
    rows = points(20)
    model = GaussianProcess(CATEGORICAL).fit(rows, truth(rows))
    place = np.array([[0.5, 1.0, 0.5]])
    before, unsure = model.predict(place)
    model.believe(place, before - 5 * unsure)
    after, surer = model.predict(place)
    assert after[0] < before[0]
    assert surer[0] < unsure[0]


def test_expected_improvement_is_the_mean_gain() -> None:
    draws = np.random.default_rng(0).normal(0.3, 0.5, 200_000)
    expected = np.maximum(draws - 0.6, 0).mean()
    found = expected_improvement(np.array([0.3]), np.array([0.5]), 0.6)[0]
    assert found == pytest.approx(expected, rel=0.02)


def test_lower_rungs_are_mapped_by_configurations_on_both() -> None:
    low = np.linspace(0.0, 1.0, 12)
    high = np.where(low > 0.4, 0.8 * low + 0.3, np.nan)
    mapped = mapped_to_top(np.column_stack([low, high]))
    assert np.array_equal(mapped[:, 1], high, equal_nan=True)
    slope, offset = np.polyfit(low, mapped[:, 0], 1)
    assert 0.8 < slope < 0.9  # drawn towards one
    both = np.isfinite(high)
    assert mapped[both, 0].mean() == pytest.approx(high[both].mean())
    assert offset == pytest.approx(high[both].mean() - slope * low[both].mean())


def test_mapping_goes_through_every_rung() -> None:
    scores = np.array([[0.1, np.nan, np.nan], [0.2, 0.4, np.nan], [0.3, 0.5, 0.9]])
    mapped = mapped_to_top(scores)
    assert mapped[:, 1].tolist()[1:] == pytest.approx([0.8, 0.9])
    assert mapped[:, 0].tolist() == pytest.approx([0.7, 0.8, 0.9])


def test_rungs_that_nobody_reached_change_nothing() -> None:
    scores = np.array([[0.1, np.nan], [0.2, np.nan]])
    assert np.array_equal(mapped_to_top(scores), scores, equal_nan=True)


def trial(
    name: str,
    status: str,
    score: float | None = None,
    *,
    message: str | None = None,
    **tuner: Any,
) -> keras_tuner.engine.trial.Trial:
    hp = keras_tuner.HyperParameters()
    hp.values = {"x": name[0], **{f"tuner/{key}": v for key, v in tuner.items()}}
    made = keras_tuner.engine.trial.Trial(hp, name, status, message)
    made.score = score
    return made


def test_history_joins_promotions_and_leaves_out_the_skipped() -> None:
    trials = [
        trial("a", "COMPLETED", 0.5, round=0),
        trial("b", "FAILED", round=0),
        trial("c", "FAILED", round=0, message="skipped"),
        trial("d", "RUNNING", round=0),
        trial("a1", "COMPLETED", 0.7, round=1, trial_id="a"),
        trial("a2", "RUNNING", round=2, trial_id="a1"),
    ]
    history = gather(trials, num_rungs=3, maximize=True)
    assert history.values == [{"x": "a"}, {"x": "b"}]
    assert history.pending == [{"x": "d"}]
    expected = [[0.5, 0.7, np.nan], [np.nan] * 3]
    assert np.array_equal(history.scores, expected, equal_nan=True)
    assert history.failed.tolist() == [[False] * 3, [True, False, False]]
    assert history.sound().tolist() == [True, False]


def test_history_turns_losses_round_and_infinite_ones_into_failures() -> None:
    trials = [
        trial("a", "COMPLETED", 0.5, round=0),
        trial("b", "COMPLETED", float("inf"), round=0),
    ]
    history = gather(trials, num_rungs=1, maximize=False)
    assert history.scores[0, 0] == -0.5
    assert history.failed[:, 0].tolist() == [False, True]
