from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from automl.metrics.answers import Answers
from automl.metrics.resampling import bootstrap, percentile_interval
from automl.metrics.scores import score
from automl.selection.choice import Choice, Finalist, choose
from automl.selection.scores import score_with_interval
from automl.selection.statistics import mcnemar_p_value, wilson_interval


@given(st.integers(1, 500), st.data())
def test_wilson_holds_the_share_and_stays_in_bounds(
    total: int, data: st.DataObject
) -> None:
    correct = data.draw(st.integers(0, total))
    low, high = wilson_interval(correct, total)
    assert 0 <= low <= correct / total + 1e-12
    assert correct / total - 1e-12 <= high <= 1


def test_wilson_against_published_figures() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263 and 0 of 20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_mcnemar_is_symmetric_and_exact() -> None:
    first = np.array([True] * 10 + [False] * 2 + [True] * 50)
    second = np.array([False] * 10 + [True] * 2 + [True] * 50)
    # Two-sided binomial, 2 of 12: 2 * (1 + 12 + 66) / 4096.
    assert mcnemar_p_value(first, second) == pytest.approx(158 / 4096)
    assert mcnemar_p_value(second, first) == pytest.approx(158 / 4096)
    assert mcnemar_p_value(first, first) == 1.0


def finalist(
    name: str, wrong: range, macs: int, *, total: int = 1000, loss: float = 0.1
) -> Finalist:
    """Return a finalist that is wrong on some samples, all of class 0."""
    right = np.full(total, np.exp(-loss)) - np.linspace(0, 1e-3, total)
    right[list(wrong)] = 0.1
    predictions = np.stack([right, 1 - right], axis=1)
    score = float(np.mean(right > 0.5))
    return Finalist(name, score, predictions, macs, 1)


def softened(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return the answers of a network that is less sure of each."""
    powers = probabilities ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def chosen(*finalists: Finalist) -> Choice:
    zeros = np.zeros(len(finalists[0].predictions), np.int64)
    answers = Answers("classification", zeros)
    return choose(finalists, "val_accuracy", answers)


def test_the_cheapest_of_equals_is_recommended() -> None:
    best = finalist("best", range(20), 100)
    cheap = finalist("cheap", range(1, 22), 10)
    bad = finalist("bad", range(200), 1)
    choice = chosen(best, cheap, bad)
    assert (choice.best, choice.recommended) == ("best", "cheap")
    assert set(choice.tied) == {"best", "cheap"}
    assert choice.compared == ("best", "cheap", "bad")


@pytest.mark.parametrize(("macs", "recommended"), [(92, "best"), (90, "other")])
def test_what_costs_a_tenth_less_at_most_is_no_cheaper(
    macs: int, recommended: str
) -> None:
    best = finalist("best", range(20), 100)
    other = finalist("other", range(1, 22), macs)
    assert chosen(best, other).recommended == recommended


def test_a_small_split_does_not_make_points_apart_equal() -> None:
    best = finalist("best", range(1), 100, total=50)
    cheap = finalist("cheap", range(1, 6), 10, total=50)
    choice = chosen(best, cheap)
    assert set(choice.tied) == {"best", "cheap"}  # too few samples to tell
    assert choice.near == ("best",)
    assert choice.recommended == "best"  # but the better one is the better bet


def test_what_was_asked_to_be_small_says_what_is_cheap() -> None:
    quick = replace(finalist("quick", range(20), 100), costs=(0.2,))
    slow = replace(finalist("slow", range(1, 22), 10), costs=(0.3,))
    assert chosen(quick, slow).recommended == "quick"


def test_where_all_are_right_the_loss_tells() -> None:
    sure = finalist("sure", range(0), 100, loss=0.01)
    unsure = finalist("unsure", range(0), 10, loss=0.2)
    choice = chosen(unsure, sure)
    assert set(choice.tied) == {"sure", "unsure"}
    assert (choice.best, choice.recommended) == ("sure", "sure")


def test_who_was_trained_to_be_unsure_is_no_worse() -> None:
    generator = np.random.default_rng(0)
    ease = generator.normal(0.8, 0.2, 400)

    def answers_of(temperature: float) -> np.ndarray:
        right = np.clip(ease + generator.normal(0.0, 0.05, 400), 0.01, 0.99)
        return softened(np.stack([right, 1 - right], axis=1), temperature)

    finalists = [
        Finalist("sure", 0.96, answers_of(1.0), 100, 1),
        Finalist("unsure", 0.95, answers_of(2.0), 10, 1),
    ]
    answers = Answers("classification", np.zeros(400, np.int64))
    losses = [score("loss", f.predictions, answers) for f in finalists]
    assert losses[1] > 1.2 * losses[0]
    assert choose(finalists, "val_accuracy", answers).recommended == "unsure"


def called(
    targets: np.ndarray,
    wrong: list[int],
    *,
    macs: int,
    groups: np.ndarray | None = None,
) -> tuple[Finalist, Answers]:
    """Return a finalist of two classes that is wrong on some samples."""
    right = 0.1 + 0.8 * np.eye(2)[targets]
    right[wrong] = 1 - right[wrong]
    score = balanced_accuracy_score(targets, right.argmax(axis=1))
    answers = Answers("classification", targets, groups=groups)
    return Finalist(f"{macs}", float(score), right, macs, 1), answers


@pytest.mark.parametrize("wrong", [[0], [0, 1, 2, 3, 4]])
def test_a_few_samples_of_a_rare_class_tell_nobody_apart(wrong: list[int]) -> None:
    targets = np.array([1] * len(wrong) + [0] * 60)
    best, answers = called(targets, [], macs=9)
    other, _ = called(targets, wrong, macs=1)
    choice = choose([best, other], "val_balanced_accuracy", answers)
    assert set(choice.tied) == {"9", "1"}


def test_many_samples_of_a_rare_class_tell() -> None:
    targets = np.array([1] * 12 + [0] * 60)
    best, answers = called(targets, [], macs=9)
    other, _ = called(targets, list(range(9)), macs=1)
    assert choose([best, other], "val_balanced_accuracy", answers).tied == ("9",)


@pytest.mark.parametrize("objective", ["val_accuracy", "val_balanced_accuracy"])
def test_samples_of_few_groups_tell_nobody_apart(objective: str) -> None:
    targets = np.arange(100) % 2
    wrong = list(range(20))  # all samples of two patients of ten
    groups = np.arange(100) // 10
    best, alone = called(targets, [], macs=9)
    other, _ = called(targets, wrong, macs=1)
    assert choose([best, other], objective, alone).tied == ("9",)
    grouped = replace(alone, groups=groups)
    assert set(choose([best, other], objective, grouped).tied) == {"9", "1"}
    many = replace(alone, groups=np.arange(100) // 2)
    assert choose([best, other], objective, many).tied == ("9",)


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1", "auc", "loss"])
def test_groups_widen_every_interval(name: str) -> None:
    rng = np.random.default_rng(6)
    groups = np.arange(200) // 10
    targets = np.arange(200) % 2
    hardness = rng.normal(scale=1.5, size=20)[groups]
    shares = 1 / (1 + np.exp(-(2 * targets - 1) * (1 + hardness)))
    guesses = np.stack([1 - shares, shares], axis=1)
    answers = Answers("classification", targets)
    widths = []
    for known in (answers, replace(answers, groups=groups)):
        value, (low, high) = score_with_interval(f"val_{name}", guesses, known)
        assert low < value < high
        widths.append(high - low)
    assert widths[1] > 1.8 * widths[0]


def test_five_patients_that_are_all_right_are_five_samples() -> None:
    right, answers = all_right("classification", 500)
    grouped = replace(answers, groups=np.arange(500) // 100)
    low, high = score_with_interval("val_accuracy", right, grouped)[1]
    assert low == pytest.approx(wilson_interval(5, 5)[0], abs=0.08)
    assert high == 1


def test_choosing_from_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        choose([], "val_accuracy", Answers("classification", np.zeros(1, np.int64)))


def regressions(
    errors: dict[str, float], *, total: int = 400
) -> tuple[list[Finalist], Answers]:
    """Return finalists that miss by so much on average; the later the cheaper."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(total, 1))
    common = rng.normal(size=(total, 1))
    own = {name: rng.normal(scale=0.1, size=(total, 1)) for name in errors}
    finalists = [
        Finalist(
            name,
            float(np.sqrt(np.mean((size * (common + own[name])) ** 2))),
            values + size * (common + own[name]),
            macs,
            1,
        )
        for macs, (name, size) in zip((9, 5, 1), errors.items(), strict=False)
    ]
    return finalists, Answers("regression", values, (1.0,))


def test_regressions_are_compared_by_a_paired_bootstrap() -> None:
    finalists, answers = regressions({"best": 1.0, "close": 1.0, "worse": 1.2})
    choice = choose(finalists, "val_rmse", answers)
    # Unpaired, 1.0 and 1.2 of 400 samples would have intervals that overlap.
    assert set(choice.tied) == {"best", "close"}
    assert choice.best in ("best", "close")
    assert choice.recommended == "close"


def test_each_metric_of_each_finalist_is_resampled_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, bytes]] = []

    def counted(name: str, predictions: np.ndarray, answers: Answers) -> np.ndarray:
        asked.append((name, predictions.tobytes()))
        return bootstrap(name, predictions, answers)

    monkeypatch.setattr("automl.selection.choice.bootstrap", counted)
    finalists, answers = regressions({"best": 1.0, "close": 1.0, "worse": 1.2})
    choose(finalists, "val_rmse", answers)
    assert len(asked) == len(set(asked)) >= 4


def test_small_scores_win_where_small_is_good() -> None:
    finalists, answers = regressions({"bad": 3.0, "good": 0.5})
    assert choose(finalists, "val_mae", answers).best == "good"
    assert choose(finalists, "val_mae", answers).tied == ("good",)


def test_scores() -> None:
    probabilities = np.array(
        [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.5, 0.5]], "float32"
    )
    answers = Answers("classification", np.array([0, 1, 1, 0]))
    score, interval = score_with_interval("val_accuracy", probabilities, answers)
    assert score == 0.75
    assert interval == wilson_interval(3, 4)
    loss, (low, high) = score_with_interval("val_loss", probabilities, answers)
    assert loss == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.5]).mean(), rel=1e-5)
    assert low < loss < high


def all_right(task: str, count: int) -> tuple[np.ndarray, Answers]:
    """Return samples of two classes or labels in turn, and none that is wrong."""
    places = np.arange(count) % 2
    right = 0.05 + 0.9 * np.eye(2)[places]
    targets = places if task == "classification" else np.eye(2)[places]
    return right, Answers(task, targets)


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("classification", "balanced_accuracy"),
        ("classification", "f1"),
        ("classification", "auc"),
        ("multilabel", "f1"),
        ("multilabel", "auc"),
    ],
)
def test_ten_right_answers_leave_doubt(task: str, name: str) -> None:
    of_ten, of_many = (
        score_with_interval(f"val_{name}", *all_right(task, count))
        for count in (10, 1000)
    )
    assert of_ten[0] == of_many[0] == of_ten[1][1] == of_many[1][1] == 1
    # Wilson's of ten samples begins at .72, that of twenty labels at .84, and of the
    # five pairs of a class at .57.
    assert 0.5 < of_ten[1][0] < 0.9
    assert 0.98 < of_many[1][0] < 1


@pytest.mark.parametrize("name", ["balanced_accuracy", "f1"])
def test_one_mistake_in_twenty_is_about_what_wilson_says(name: str) -> None:
    right, answers = all_right("classification", 20)
    right[0] = right[1]
    low, high = score_with_interval(f"val_{name}", right, answers)[1]
    assert (low, high) == pytest.approx(wilson_interval(19, 20), abs=0.05)


def test_of_many_samples_the_interval_is_that_of_the_plain_bootstrap() -> None:
    rng = np.random.default_rng(4)
    targets = rng.integers(3, size=500)
    guesses = rng.random((500, 3)) + 0.5 * np.eye(3)[targets]
    answers = Answers("classification", targets)
    for name in ("balanced_accuracy", "f1", "auc"):
        plain = percentile_interval(bootstrap(name, guesses, answers))
        found = score_with_interval(f"val_{name}", guesses, answers)[1]
        assert found == pytest.approx(plain, abs=0.005)


def test_the_interval_of_an_error_holds_the_error() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(200, 1))
    predictions = targets + rng.normal(scale=2.0, size=(200, 1))
    answers = Answers("regression", targets)
    score, (low, high) = score_with_interval("val_rmse", predictions, answers)
    assert low < score < high
    assert low < 2.0 < high


def test_where_not_all_can_be_counted_parameters_say_what_is_cheap() -> None:
    best = replace(finalist("best", range(20), 100), params=9)
    uncounted = replace(finalist("other", range(1, 22), 1), macs=None, params=50)
    assert chosen(best, uncounted).recommended == "best"
    assert chosen(best, replace(uncounted, params=5)).recommended == "other"
