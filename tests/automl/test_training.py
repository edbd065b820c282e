"""One assignment, run in this process."""

import dataclasses
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
import pytest

from automl.training.assignment import (
    Assignment,
    EpochEnded,
    Fold,
    ModelCost,
    ModelFacts,
    SpaceRequest,
)
from automl.training.best import Best
from automl.training.checkpoint import (
    BEST,
    checkpoint_file,
    load_arrays,
    remove_checkpoints,
    save_checkpoint,
)
from automl.training.errors import TrialFailedError, TrialSkippedError
from automl.training.pipeline import evaluation_batches, training_batches
from automl.training.samples import training_and_validation
from automl.training.scoring import ScoringRequest, load_trained_model
from automl.training.spaces import discover_hyperparameters, load_space
from automl.training.trial import run_assignment
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_search_spaces.limits import Limits
from automl_search_spaces.pace import Pace


class Recorder:
    """A channel that keeps what it is told."""

    def __init__(self, answer: str = "", stop_after: int | None = None) -> None:
        self.said: list[Any] = []
        self.answer = answer
        self.stop_after = stop_after
        self.polls = 0

    def send(self, message: object) -> None:
        self.said.append(message)

    def ask(self, message: object) -> str:
        self.said.append(message)
        return self.answer

    def stop_requested(self) -> bool:
        self.polls += 1
        return self.stop_after is not None and self.polls > self.stop_after

    def losses(self) -> list[tuple[float, float]]:
        rows = [m.row for m in self.said if isinstance(m, EpochEnded)]
        return [(row["loss"], row["val_loss"]) for row in rows]


@pytest.fixture(scope="module")
def data(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return prepare(DataOptions(str(digits)), tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def assignment(data: PreparedData, tmp_path: Path) -> Assignment:
    space = SpaceRequest("auto", max_epochs=4)
    landmarks = load_space(space, data.spec).landmarks()
    values = next(m.values for m in landmarks if m.name == "vgg-small")
    return Assignment(
        trial="0001",
        training="search",
        folder=tmp_path / "search",
        data=data.directory,
        space=space,
        hyperparameters={**values, "batch_size": 64},
        seed=5,
        initial_epoch=0,
        epochs=4,
        objective="val_accuracy",
        direction="max",
    )


def test_an_epoch_sees_every_sample_at_most_once(data: PreparedData) -> None:
    split = data.split("train")
    batches = [
        training_batches(split, batch_size=32, seed=1, epochs=[e]) for e in (0, 0, 1)
    ]
    targets = [np.concatenate([y.numpy() for _, y in batch]) for batch in batches]
    assert (targets[0] == targets[1]).all()
    assert (targets[0] != targets[2]).any()
    assert len(targets[0]) == len(split) // 32 * 32
    counts = np.bincount(targets[0], minlength=10)
    assert (counts <= np.bincount(split.targets)).all()


def test_evaluation_sees_every_sample_in_order(data: PreparedData) -> None:
    split = data.split("val")
    pairs = [(x.numpy(), y.numpy()) for x, y in evaluation_batches(split)]
    assert (np.concatenate([x for x, _ in pairs]) == split.inputs).all()
    assert (np.concatenate([y for _, y in pairs]) == split.targets).all()


#: Everything that a training has a state of its own for.
STATEFUL = {
    "weight_averaging": True,
    "augmentation": "strong",
    "mixing": "mixup",
    "schedule": "one_cycle",
    "gradient_clipping": "norm",
    "clip_norm": 1.0,
    "label_smoothing": 0.1,
}


@pytest.mark.parametrize("values", [{}, STATEFUL])
def test_in_one_go_or_in_three_the_losses_are_the_same(
    assignment: Assignment, tmp_path: Path, values: dict[str, Any]
) -> None:
    assignment = dataclasses.replace(
        assignment,
        space=SpaceRequest("auto", max_epochs=5),  # so that the end has a checkpoint
        hyperparameters={**assignment.hyperparameters, **values},
    )
    straight = Recorder()
    run_assignment(assignment, straight)
    parts = Recorder()
    score: float | None = None
    for start, end in ((0, 1), (1, 2), (2, 4)):
        part = dataclasses.replace(
            assignment,
            folder=tmp_path / "parts",
            initial_epoch=start,
            epochs=end,
            best_score=score,
        )
        score = run_assignment(part, parts).best_score
    assert parts.losses() == straight.losses()
    for name in (BEST, checkpoint_file(tmp_path, 4).name):
        pairs = zip(
            load_arrays(assignment.folder / name),
            load_arrays(tmp_path / "parts" / name),
            strict=True,
        )
        assert all((a == b).all() for a, b in pairs)


@pytest.mark.parametrize("values", [{}, {"weight_averaging": True}])
def test_an_epoch_s_weights_come_back_whatever_rungs_led_to_it(
    assignment: Assignment, tmp_path: Path, values: dict[str, Any]
) -> None:
    """Short epochs share a validation, and rungs shift which of them do."""
    straight = dataclasses.replace(
        assignment,
        space=SpaceRequest("auto", max_epochs=60),
        hyperparameters={**assignment.hyperparameters, "batch_size": 128, **values},
        epochs=3,
        last_wins=True,
    )
    result = run_assignment(straight, Recorder())
    assert (result.epochs, result.best_epoch) == (3, 3)
    assert {path.name for path in straight.folder.iterdir()} == {BEST}
    folder = tmp_path / "parts"
    first = dataclasses.replace(straight, folder=folder, epochs=1, last_wins=False)
    run_assignment(first, Recorder())
    run_assignment(
        dataclasses.replace(straight, folder=folder, initial_epoch=1), Recorder()
    )
    again, known = load_arrays(folder / BEST), load_arrays(straight.folder / BEST)
    assert all((a == b).all() for a, b in zip(again, known, strict=True))


def test_where_nothing_is_left_to_train_there_is_no_checkpoint(
    assignment: Assignment,
) -> None:
    run_assignment(dataclasses.replace(assignment, epochs=1), Recorder())
    last = dataclasses.replace(assignment, initial_epoch=1)
    run_assignment(last, Recorder())
    names = {path.name for path in assignment.folder.iterdir()}
    assert names == {BEST, "epoch-0001.npz"}  # until the search has put it on record
    remove_checkpoints(assignment.folder)
    assert {path.name for path in assignment.folder.iterdir()} == {BEST}
    run_assignment(
        dataclasses.replace(assignment, folder=assignment.folder / "anew"), Recorder()
    )
    assert {p.name for p in (assignment.folder / "anew").iterdir()} == {BEST}


def test_a_stretch_begun_again_takes_up_its_beginning(
    assignment: Assignment,
) -> None:
    """As after a kill between the checkpoint and the record."""
    run_assignment(dataclasses.replace(assignment, epochs=1), Recorder())
    rest = dataclasses.replace(assignment, initial_epoch=1, epochs=3)
    first, second = Recorder(), Recorder()
    run_assignment(rest, first)
    run_assignment(rest, second)
    assert first.losses() == second.losses()
    names = sorted(path.name for path in assignment.folder.glob("epoch-*"))
    assert names == ["epoch-0001.npz", "epoch-0003.npz"]


@pytest.mark.parametrize("where", ["in its second step", "while it is validated"])
def test_a_stopped_training_goes_on_from_its_last_whole_epoch(
    where: str, assignment: Assignment, data: PreparedData
) -> None:
    straight = Recorder()
    run_assignment(assignment, straight)
    asked = len(data.split("train")) // 64 + 1  # in an epoch: each step, validation
    begun = 1 if where == "in its second step" else asked - 1
    stopped, going_on = Recorder(stop_after=2 * asked + begun), Recorder()
    first = dataclasses.replace(
        assignment, folder=assignment.folder.with_name("stopped")
    )
    result = run_assignment(first, stopped)
    assert result.stopped
    assert result.epochs == 2
    assert {path.name for path in first.folder.iterdir()} == {BEST, "epoch-0002.npz"}
    whole = [m.row["seconds"] for m in stopped.said if isinstance(m, EpochEnded)]
    assert result.seconds > sum(whole)  # the steps of the epoch that was cut short
    rest = dataclasses.replace(
        first, initial_epoch=result.epochs, best_score=result.best_score
    )
    run_assignment(rest, going_on)
    assert stopped.losses() + going_on.losses() == straight.losses()


def test_checkpoints_are_removed_by_their_number(tmp_path: Path) -> None:
    for epochs in (4999, 5000, 10000):
        save_checkpoint(tmp_path, [np.zeros(1)], epochs=epochs)
    remove_checkpoints(tmp_path, before=5000)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"epoch-5000.npz", "epoch-10000.npz"}


@pytest.mark.parametrize("values", [{}, {"weight_averaging": True}])
def test_the_best_weights_give_the_best_score_back(
    assignment: Assignment, data: PreparedData, values: dict[str, Any]
) -> None:
    assignment = dataclasses.replace(
        assignment, hyperparameters={**assignment.hyperparameters, **values}
    )
    result = run_assignment(assignment, Recorder())
    model = load_trained_model(
        ScoringRequest(
            assignment.folder,
            assignment.data,
            assignment.space,
            assignment.hyperparameters,
        )
    )
    split = data.split("val")
    predicted = model.predict(np.asarray(split.inputs), verbose=0).argmax(axis=1)
    assert np.mean(predicted == split.targets) == pytest.approx(result.best_score)
    assert result.best_epoch is not None
    assert result.epochs == 4


def test_it_says_what_the_model_costs_before_it_trains(assignment: Assignment) -> None:
    channel = Recorder()
    run_assignment(dataclasses.replace(assignment, epochs=1), channel)
    cost, facts, epoch = channel.said
    assert isinstance(cost, ModelCost)
    assert isinstance(facts, ModelFacts)
    assert isinstance(epoch, EpochEnded)
    assert cost.size_mb == pytest.approx(4e-6 * cost.params)
    assert facts.latency_ms > 0


def test_an_optimizer_is_called_alike_in_every_trial(assignment: Assignment) -> None:
    values = {**assignment.hyperparameters, "optimizer": "adamw", "repeats": 1}
    for seed in (1, 2):
        channel = Recorder(answer="enough is known")
        trial = dataclasses.replace(assignment, hyperparameters=values, seed=seed)
        with pytest.raises(TrialSkippedError, match="enough is known"):
            run_assignment(trial, channel)
        assert channel.said[-1].optimizer == "adamw"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(max_params=100), "--max-params 100"),
        (Limits(max_macs=100), "--max-macs 100"),
        (Limits(max_size_mb=1e-5), "--max-size 1e-05"),
        (Limits(max_latency_ms=1e-6), "--max-latency 1e-06"),
        (Limits(max_training_bytes=9), "MB of memory"),
        (
            Limits(max_sample_seconds=1e-9, pace=Pace()),
            "would not fit the budget",
        ),
    ],
)
def test_limits_are_heeded_before_training(
    assignment: Assignment, limits: Limits, words: str
) -> None:
    channel = Recorder()
    with pytest.raises(TrialSkippedError, match=words):
        run_assignment(dataclasses.replace(assignment, limits=limits), channel)
    assert not channel.losses()


def test_an_answer_is_the_reason_to_skip(assignment: Assignment) -> None:
    with pytest.raises(TrialSkippedError, match="a repeat"):
        run_assignment(assignment, Recorder(answer="a repeat"))


def test_a_diverging_training_fails_with_its_epoch(assignment: Assignment) -> None:
    values = {
        **assignment.hyperparameters,
        "optimizer": "sgd",
        "learning_rate_sgd": 1e30,
        "normalization": "none",
        "momentum": 0.9,
        "nesterov": False,
        "weight_decay_sgd": 1e-5,
        "schedule": "constant",
    }
    with pytest.raises(TrialFailedError, match=r"became (nan|inf) in epoch 1"):
        run_assignment(
            dataclasses.replace(assignment, hyperparameters=values), Recorder()
        )


def test_every_conditional_hyperparameter_is_discovered(data: PreparedData) -> None:
    space = load_space(SpaceRequest("auto", 2), data.spec)
    names = {hp.name for hp in discover_hyperparameters(space).space}
    for seed in range(40):
        hp = discover_hyperparameters(space)
        hp.values = {h.name: h.random_sample(seed) for h in hp.space}
        drawn = keras_tuner.HyperParameters()
        drawn.values = dict(hp.values)
        space.declare_hyperparameters(drawn)
        assert {h.name for h in drawn.space} <= names


def test_of_equal_scores_the_smaller_loss_is_better() -> None:
    best = Best(None, None, None, 1)
    rows = [(0.9, 0.5), (0.9, 0.4), (0.8, 0.1), (0.9, 0.45)]
    taken = [
        best.offer({"epoch": epoch, "val_f1": score, "val_loss": loss}, "val_f1")
        for epoch, (score, loss) in enumerate(rows, start=1)
    ]
    assert taken == [True, True, False, False]
    assert (best.score, best.loss, best.epoch) == (0.9, 0.4, 2)


def test_nothing_is_held_out_of_a_refit(data: PreparedData) -> None:
    train, val = training_and_validation(data, Fold(None, 5, 0))
    assert len(train.targets) == data.spec.num_train + data.spec.num_val
    assert len(val.targets) == data.spec.num_val
    last = np.array([-1])
    assert np.array_equal(train.inputs[last], val.inputs[last])


def test_where_nothing_is_held_out_the_last_epoch_wins() -> None:
    best = Best(None, None, None, 1, last_wins=True)
    for epoch, score in enumerate((0.9, 0.2), start=1):
        assert best.offer({"epoch": epoch, "val_f1": score, "val_loss": 1.0}, "val_f1")
    assert (best.score, best.epoch) == (0.2, 2)
