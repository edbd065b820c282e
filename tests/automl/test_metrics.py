"""Metrics against scikit-learn, known values, and what is undefined."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from automl.metrics.answers import Answers, correct, losses
from automl.metrics.baselines import baseline_score
from automl.metrics.catalog import (
    DEFAULTS,
    METRICS,
    OBJECTIVES,
    metric_of,
    metrics_of,
    objectives_of,
)
from automl.metrics.resampling import (
    bootstrap,
    differing_units,
    percentile_interval,
    smoothed_bootstrap,
)
from automl.metrics.scores import score, scores, weighted_scores
from automl_datasets.prepared import Split
from automl_datasets.spec import TASKS, DataSpec


def classes(seed: int, count: int = 60, size: int = 3) -> tuple[np.ndarray, Answers]:
    """Return probabilities, some of them equal, and targets of every class."""
    rng = np.random.default_rng(seed)
    targets = np.concatenate([np.arange(size), rng.integers(size, size=count - size)])
    guesses = rng.integers(1, 5, size=(count, size)).astype(float)
    guesses[np.arange(count), targets] += 1
    return guesses / guesses.sum(1, keepdims=True), Answers("classification", targets)


def labels(seed: int) -> tuple[np.ndarray, Answers]:
    rng = np.random.default_rng(seed)
    targets = rng.integers(2, size=(50, 4)).astype(np.float32)
    targets[0], targets[1] = 0, 1
    return np.round(rng.random((50, 4)), 1), Answers("multilabel", targets)


def values(seed: int) -> tuple[np.ndarray, Answers]:
    rng = np.random.default_rng(seed)
    targets = rng.normal(100, (1, 20), size=(40, 2))
    guesses = targets + rng.normal(size=(40, 2))
    return guesses, Answers("regression", targets, (1.0, 20.0))


@given(st.integers(0, 10_000))
def test_classification_as_scikit_learn(seed: int) -> None:
    guesses, answers = classes(seed)
    called = guesses.argmax(1)
    truth = answers.targets
    found = scores(["balanced_accuracy", "f1", "auc", "loss"], guesses, answers)
    assert found == pytest.approx(
        {
            "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(truth, called),
            "f1": sklearn_metrics.f1_score(truth, called, average="macro"),
            "auc": sklearn_metrics.roc_auc_score(truth, guesses, multi_class="ovr"),
            "loss": sklearn_metrics.log_loss(truth, guesses),
        }
    )
    assert score("accuracy", guesses, answers) == np.mean(called == truth)


@given(st.integers(0, 10_000))
def test_binary_auc_is_that_of_the_second_class(seed: int) -> None:
    guesses, answers = classes(seed, size=2)
    expected = sklearn_metrics.roc_auc_score(answers.targets, guesses[:, 1])
    assert score("auc", guesses, answers) == pytest.approx(expected)


@given(st.integers(0, 10_000))
def test_multilabel_as_scikit_learn(seed: int) -> None:
    guesses, answers = labels(seed)
    truth, called = answers.targets, guesses >= 0.5
    assert score("auc", guesses, answers) == pytest.approx(
        sklearn_metrics.roc_auc_score(truth, guesses, average="macro")
    )
    assert score("f1", guesses, answers) == pytest.approx(
        sklearn_metrics.f1_score(truth, called, average="macro")
    )
    assert score("accuracy", guesses, answers) == pytest.approx(
        sklearn_metrics.accuracy_score(truth, called)
    )


@given(st.integers(0, 10_000))
def test_regression_as_scikit_learn(seed: int) -> None:
    guesses, answers = values(seed)
    truth = answers.targets
    found = scores(["mae", "rmse", "r2", "loss"], guesses, answers)
    scaled = (guesses - truth) / np.array([1.0, 20.0])
    assert found == pytest.approx(
        {
            "mae": sklearn_metrics.mean_absolute_error(truth, guesses),
            "rmse": sklearn_metrics.root_mean_squared_error(truth, guesses),
            "r2": sklearn_metrics.r2_score(truth, guesses),
            "loss": np.mean(scaled**2),
        }
    )


MAKERS = {"classification": classes, "multilabel": labels, "regression": values}


@pytest.mark.parametrize(
    ("task", "name"), [(task, m.name) for task in TASKS for m in metrics_of(task)]
)
def test_a_weight_counts_a_sample_that_often(task: str, name: str) -> None:
    guesses, answers = MAKERS[task](1)
    rng = np.random.default_rng(2)
    weights = rng.integers(1, 4, size=(3, len(answers)))
    found = weighted_scores(name, guesses, answers, weights.astype(float))
    for row, value in zip(weights, found, strict=True):
        drawn = np.repeat(np.arange(len(answers)), row)
        again = Answers(answers.task, answers.targets[drawn], answers.scale)
        assert value == pytest.approx(score(name, guesses[drawn], again))


def test_what_is_undefined_is_still_a_number() -> None:
    guesses = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]])
    one_class = Answers("classification", np.array([0, 0]))
    found = scores(["auc", "balanced_accuracy", "f1"], guesses, one_class)
    assert found == {"auc": 0.5, "balanced_accuracy": 1.0, "f1": 1.0}
    no_label = Answers("multilabel", np.zeros((2, 3)))
    assert score("f1", guesses * 0, no_label) == 0.0
    assert score("auc", guesses, no_label) == 0.5
    constant = Answers("regression", np.full((2, 1), 3.0))
    assert score("r2", np.array([[3.0], [3.0]]), constant) == 1.0
    assert score("r2", np.array([[3.0], [4.0]]), constant) == 0.0


def test_an_absent_class_is_left_out_of_the_mean() -> None:
    guesses = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.7, 0.2, 0.1]])
    answers = Answers("classification", np.array([0, 1, 1]))
    assert score("balanced_accuracy", guesses, answers) == pytest.approx(0.75)
    assert score("auc", guesses, answers) == pytest.approx(1.0)


def test_a_certain_mistake_has_a_finite_loss() -> None:
    answers = Answers("classification", np.array([0, 1]))
    found = losses(np.array([[0.0, 1.0], [0.0, 1.0]]), answers)
    assert found == pytest.approx([-np.log(1e-7), 0.0])


def test_right_and_wrong() -> None:
    answers = Answers("multilabel", np.array([[1, 0], [1, 1]], np.float32))
    guesses = np.array([[0.5, 0.4], [0.9, 0.4]])
    assert correct(guesses, answers).tolist() == [True, False]
    with pytest.raises(ValueError, match="regression"):
        correct(guesses, Answers("regression", guesses))


@pytest.mark.parametrize("task", TASKS)
def test_the_default_comes_first_and_every_metric_has_words(task: str) -> None:
    names = [metric.name for metric in metrics_of(task)]
    assert names[0] == DEFAULTS[task]
    assert "loss" in names
    assert [f"val_{name}" for name in names] == list(objectives_of(task))
    assert all(OBJECTIVES[objective] for objective in objectives_of(task))
    assert all(metric.words[task] for metric in metrics_of(task))


def test_directions() -> None:
    falling = {name for name, direction in OBJECTIVES.items() if direction == "min"}
    assert falling == {"val_loss", "val_mae", "val_rmse"}
    assert metric_of("val_auc") is METRICS["auc"]


@pytest.mark.parametrize(
    ("task", "name"),
    [("classification", "auc"), ("classification", "f1"), ("multilabel", "auc")],
)
def test_the_bootstrap_surrounds_the_score(task: str, name: str) -> None:
    guesses, answers = MAKERS[task](3)
    drawn = bootstrap(name, guesses, answers)
    low, high = percentile_interval(drawn)
    assert drawn.shape == (1000,)
    assert low < score(name, guesses, answers) < high
    assert (drawn == bootstrap(name, guesses, answers)).all()


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    """95 % nominal; the binomial spread of 100 repeats is about 2 points."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        errors = rng.normal(scale=2.0, size=(150, 1))
        answers = Answers("regression", np.zeros((150, 1)))
        low, high = percentile_interval(bootstrap("rmse", errors, answers))
        covered += low <= 2.0 <= high
    assert covered >= 86


def rare_class(guess: float) -> tuple[np.ndarray, Answers]:
    """Return 50 samples that are right, 49 of one class, and the only one of another.

    Args:
        guess: Probability that this one has of its own class.
    """
    targets = np.array([0] * 49 + [1])
    guesses = np.eye(2)[targets]
    guesses[-1] = 1 - guess, guess
    return guesses, Answers("classification", targets)


def test_the_only_sample_of_a_class_is_not_in_every_resample() -> None:
    drawn = bootstrap("balanced_accuracy", *rare_class(0.1))
    without = (drawn == 1.0).mean()
    assert without == pytest.approx((49 / 50) ** 50, abs=0.05)
    assert (drawn[drawn < 1] == 0.5).all()


def test_what_is_never_wrong_may_be_wrong() -> None:
    drawn = smoothed_bootstrap("balanced_accuracy", *rare_class(0.9))
    low, high = percentile_interval(drawn)
    assert low < 0.6  # one sample says next to nothing of its class
    assert high > 0.99


def test_a_class_or_label_that_never_occurs_is_not_thought_up() -> None:
    guesses, answers = classes(3)
    more = np.concatenate([guesses, np.zeros((len(guesses), 2))], axis=1)
    for name in ("balanced_accuracy", "f1"):
        found = [smoothed_bootstrap(name, g, answers) for g in (guesses, more)]
        assert found[1] == pytest.approx(found[0])
    none = Answers("multilabel", np.zeros((4, 3)))
    assert (smoothed_bootstrap("f1", np.zeros((4, 3)), none) == 0).all()


def test_what_differs_is_what_the_metric_looks_at() -> None:
    first, answers = classes(1)
    second = first.copy()
    second[:7] *= 0.9  # as surely called the same
    second[9] = np.roll(first[9], 1)
    assert differing_units("balanced_accuracy", first, second, answers) == 1
    assert differing_units("auc", first, second, answers) == 8
    known = (first, second, replace(answers, groups=np.arange(len(answers)) // 4))
    assert differing_units("auc", *known) == 3
    truth, told = labels(1)[1], labels(1)[0]
    assert differing_units("f1", told, 1 - told, truth) == len(truth)


@pytest.mark.parametrize(
    ("task", "name"), [(task, m.name) for task in TASKS for m in metrics_of(task)]
)
def test_copies_of_a_sample_in_its_group_add_nothing(task: str, name: str) -> None:
    guesses, answers = MAKERS[task](1)
    places = np.repeat(np.arange(len(answers)), 5)
    groups = np.array([f"patient {place}" for place in places])
    copies = replace(answers.at(places), groups=groups)
    order = np.argsort(np.unique(groups[::5], return_inverse=True)[1])
    once = bootstrap(name, guesses[order], answers.at(order))
    assert bootstrap(name, guesses[places], copies) == pytest.approx(once)
    strangers = bootstrap(name, guesses[places], replace(copies, groups=None))
    assert np.std(strangers) < 0.7 * np.std(once)
    if METRICS[name].share:
        smoothed = smoothed_bootstrap(name, guesses[order], answers.at(order))
        found = smoothed_bootstrap(name, guesses[places], copies)
        assert found == pytest.approx(smoothed)


def test_splits_have_groups_if_all_of_them_have(tmp_path: Path) -> None:
    train, val = Split(tmp_path, "train"), Split(tmp_path, "val")
    for split, targets in ((train, [0, 1, 2]), (val, [2, 1])):
        np.save(split.file("targets.npy"), np.array(targets))
    val.file("groups.json").write_text("[3, 4]")
    assert Answers.of_splits(spec("classification"), train, val).groups is None
    (tmp_path / "train_groups.json").write_text("[0, 0, 1]")
    split = Split(tmp_path, "train")
    both = Answers.of_splits(spec("classification"), split, val)
    assert both.targets.tolist() == [0, 1, 2, 2, 1]
    some = both.at(np.array([4, 0]))
    assert some.targets.tolist() == [1, 0]
    assert some.groups is not None
    assert some.groups.tolist() == [4, 0]


def spec(task: str, **fields: object) -> DataSpec:
    names = ("a", "b", "c")
    held = {"classes": names} if task != "regression" else {"targets": ("t",)}
    return DataSpec(
        "series", (8, 1), "float32", task, num_train=9, num_val=3, num_test=4,
        mean=(0.0,), std=(1.0,), **{"classes": (), **held, **fields},  # type: ignore[arg-type]
    )  # fmt: skip


def test_baselines_of_classes() -> None:
    train, test = np.array([0] * 6 + [1] * 3), np.array([0, 0, 1, 2])
    names = ("accuracy", "balanced_accuracy", "auc", "f1")
    found = [baseline_score(n, spec("classification"), train, test) for n in names]
    # F1 of the majority: precision 1/2, recall 1; the other two are zero.
    assert found == pytest.approx([0.5, 1 / 3, 0.5, (2 / 3) / 3])


def test_baselines_of_labels_that_are_all_rarer_than_half() -> None:
    train = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [1, 0, 0]])
    # Every label that occurs, on the training split: F1 2/3 and 1/2. No share reaches
    # the threshold, so giving shares would call nothing and score nothing.
    assert baseline_score("f1", spec("multilabel"), train, train) == pytest.approx(
        7 / 12
    )
    test = np.array([[0, 1, 1], [1, 0, 0]])
    # The third label never occurred in training: it is not called, and missed.
    assert baseline_score("f1", spec("multilabel"), train, test) == pytest.approx(4 / 9)


@given(st.integers(0, 10_000))
def test_no_constant_set_of_labels_beats_the_baseline(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train = (rng.random((20, 3)) < rng.uniform(0.05, 0.6, size=3)).astype(np.float32)
    train[0] = 1
    answers = Answers("multilabel", train)
    sets = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    for name in ("accuracy", "f1"):
        best = max(score(name, np.tile(called, (20, 1)), answers) for called in sets)
        found = baseline_score(name, spec("multilabel"), train, train)
        assert found == pytest.approx(best)


def test_baselines_of_labels_that_are_shares() -> None:
    train = np.array([[1, 0, 1], [1, 0, 0], [1, 1, 0], [1, 1, 0]], np.float32)
    assert baseline_score("auc", spec("multilabel"), train, train) == 0.5
    entropy = np.log(2) + np.log([4, 4 / 3]) @ [0.25, 0.75]
    found = baseline_score("loss", spec("multilabel"), train, train)
    assert found == pytest.approx(entropy / 3, rel=1e-5)


def test_baselines_of_values() -> None:
    train, test = np.array([[0.0], [0.0], [9.0]]), np.array([[0.0], [6.0]])
    regression = spec("regression", target_std=(3.0,))
    assert baseline_score("rmse", regression, train, test) == pytest.approx(3.0)
    assert baseline_score("mae", regression, train, test) == pytest.approx(3.0)
    assert baseline_score("mae", regression, train, test[:1]) == 0.0  # the median
    assert baseline_score("r2", regression, train, test) == 0.0
