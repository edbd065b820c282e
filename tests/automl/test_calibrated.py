"""Probabilities brought to one temperature."""

import numpy as np
import pytest

from automl.metrics.answers import Answers, losses
from automl.metrics.calibrated import calibrated


def drawn(task: str) -> tuple[np.ndarray, Answers]:
    """Return probabilities that mean what they say, and answers drawn from them."""
    generator = np.random.default_rng(0)
    if task == "multilabel":
        shares = generator.beta(0.5, 0.5, size=(4000, 3))
        return shares, Answers(task, (generator.random(shares.shape) < shares) * 1)
    shares = generator.dirichlet([0.5] * 3, size=4000)
    below = shares.cumsum(axis=1) < generator.random((4000, 1))
    return shares, Answers(task, below.sum(axis=1))


def at(temperature: float, shares: np.ndarray, task: str) -> np.ndarray:
    """Return probabilities of another temperature."""
    powers = shares ** (1 / temperature)
    if task == "multilabel":
        return np.asarray(powers / (powers + (1 - shares) ** (1 / temperature)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("task", ["classification", "multilabel"])
@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_what_a_temperature_did_is_undone(task: str, temperature: float) -> None:
    shares, answers = drawn(task)
    found = calibrated(at(temperature, shares, task), answers)
    np.testing.assert_allclose(found, shares, atol=0.03)


@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_the_loss_is_never_more_than_before(task: str) -> None:
    shares, answers = drawn(task)
    shares = shares[::-1]  # knows nothing of the answers
    assert losses(calibrated(shares, answers), answers).mean() < (
        losses(shares, answers).mean()
    )


def test_where_all_are_right_the_order_of_the_losses_stays() -> None:
    answers = Answers("classification", np.zeros(3, np.int64))
    sure, unsure = (np.array([[p, 1 - p]] * 3) for p in (0.9, 0.7))
    found = [losses(calibrated(p, answers), answers).mean() for p in (sure, unsure)]
    assert 0 < found[0] < found[1]


def test_certainties_stay_finite() -> None:
    predictions = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = calibrated(predictions, Answers("classification", np.array([0, 0])))
    assert np.isfinite(found).all()


def test_values_of_a_regression_stay() -> None:
    values = np.array([[1.0], [2.0]], np.float32)
    answers = Answers("regression", np.array([[0.0], [5.0]]))
    np.testing.assert_array_equal(calibrated(values, answers), values)
