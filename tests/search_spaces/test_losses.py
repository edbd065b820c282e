"""Losses and class weights against numpy."""

from __future__ import annotations

import keras
import keras_tuner
import numpy as np
import pytest

from automl_search_spaces.imbalance import class_weights, imbalance
from automl_search_spaces.losses import loss_of
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import make_spec

SHAPE = (8, 8, 1)


def loss(spec: object, values: dict[str, str], y: np.ndarray, p: np.ndarray) -> float:
    return float(loss_of(spec, values)(y, p))  # type: ignore[arg-type]


def test_squared_errors_are_in_standard_deviations() -> None:
    spec = make_spec(SHAPE, task="regression")
    y = np.array([[1000.0, -2.0], [1400.0, -2.0]], "float32")
    p = np.array([[1000.0, -1.0], [1000.0, -2.0]], "float32")
    assert loss(spec, {}, y, p) == pytest.approx((4 + 4) / 4)


def test_balanced_classes_weigh_the_same() -> None:
    spec = make_spec(SHAPE, classes=2, class_counts=(90, 10))
    y = np.array([0] * 9 + [1])
    p = np.full((10, 2), 0.5, "float32")
    p[9] = [0.9, 0.1]
    entropies = -np.log(np.array([0.5] * 9 + [0.1]))
    weights = np.array([100 / 180] * 9 + [5.0])
    assert loss(spec, {}, y, p) == pytest.approx(entropies.mean(), rel=1e-5)
    weighted = loss(spec, {"class_weights": "balanced"}, y, p)
    assert weighted == pytest.approx((entropies * weights).mean(), rel=1e-5)


def test_rare_labels_weigh_more_where_they_are() -> None:
    spec = make_spec(
        SHAPE, classes=2, task="multilabel", num_train=1000, class_counts=(500, 100)
    )
    y = np.array([[1, 1], [0, 0]], "float32")
    p = np.array([[0.5, 0.25], [0.5, 0.25]], "float32")
    expected = -(2 * np.log(0.5) + 9 * np.log(0.25) + np.log(0.75)) / 4
    got = loss(spec, {"class_weights": "balanced"}, y, p)
    assert got == pytest.approx(expected, rel=1e-5)


def test_weights_are_limited_and_empty_classes_do_not_divide_by_zero() -> None:
    spec = make_spec(SHAPE, classes=2, class_counts=(1000, 0))
    assert class_weights(spec) == (0.5, 10.0)
    assert imbalance(spec) == 1000.0


@pytest.mark.parametrize(
    ("counts", "objective", "default"),
    [
        ((60, 40), "val_f1", None),
        ((80, 20), "val_accuracy", "none"),
        ((80, 20), None, "none"),
        ((80, 20), "val_f1", "balanced"),
        ((80, 20), "val_balanced_accuracy", "balanced"),
    ],
)
def test_class_weights_are_offered_where_classes_are_unequal(
    counts: tuple[int, int], objective: str | None, default: str | None
) -> None:
    spec = make_spec(SHAPE, classes=2, class_counts=counts)
    hp = keras_tuner.HyperParameters()
    space = SearchSpace(spec, max_epochs=2, objective=objective)
    space.declare_hyperparameters(hp)
    assert hp.values.get("class_weights") == default


def test_losses_are_saved_with_their_settings() -> None:
    spec = make_spec(SHAPE, classes=2, class_counts=(90, 10))
    first = loss_of(spec, {"class_weights": "balanced"})
    again = type(first).from_config(first.get_config())
    y, p = np.array([0, 1]), np.array([[0.7, 0.3], [0.6, 0.4]], "float32")
    assert float(first(y, p)) == float(again(y, p))
    for task in ("multilabel", "regression"):
        made = loss_of(make_spec(SHAPE, classes=2, task=task), {})
        assert isinstance(type(made).from_config(made.get_config()), keras.losses.Loss)
