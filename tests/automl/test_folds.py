"""Cross-validation, from the rows to a search by the real command."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from automl.metrics.answers import Answers
from automl.metrics.scores import score
from automl.reporting import run_report
from automl.run.directory import RunDirectory
from automl.run.predictions import load_predictions
from automl.run.trial import REFIT
from automl.training import trial
from automl.training.assignment import Assignment, Fold, SpaceRequest
from automl.training.errors import TrialSkippedError
from automl.training.pipeline import evaluation_batches, training_batches
from automl.training.samples import held_out_rows, training_and_validation
from automl.training.spaces import load_space
from automl.training.trial import run_assignment, validation_stride
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_search_spaces.bounds import batch_sizes
from automl_search_spaces.limits import Limits


class Silence:
    """A channel that nobody listens to."""

    def send(self, message: object) -> None:
        self.last = message

    def ask(self, message: object) -> str:
        return ""

    def stop_requested(self) -> bool:
        return False


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 series whose amplitude is their target."""
    rng = np.random.default_rng(0)
    size = rng.uniform(1, 3, size=80).astype(np.float32)
    wave = np.sin(np.linspace(0, 20, 24, dtype=np.float32))[None, :, None]
    x = size[:, None, None] * wave + rng.normal(0, 0.1, (80, 24, 1)).astype(np.float32)
    file = tmp_path_factory.mktemp("folds") / "waves.npz"
    np.savez(file, x=x, y=10 * size)
    return file


@pytest.fixture(scope="module")
def data(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return prepare(DataOptions(str(archive)), tmp_path_factory.mktemp("prepared"))


def test_every_sample_is_held_out_once(data: PreparedData) -> None:
    rows = [held_out_rows(data, Fold(i, 4, 1)) for i in range(4)]
    count = data.spec.num_train + data.spec.num_val
    assert sorted(np.concatenate(rows)) == list(range(count))


def test_a_fold_reads_the_rows_of_both_splits(data: PreparedData) -> None:
    both = [data.split("train"), data.split("val")]
    inputs = np.concatenate([split.inputs for split in both])
    targets = np.concatenate([split.targets for split in both])
    fold = Fold(1, 4, 1)
    rows = held_out_rows(data, fold)
    training, held_out = training_and_validation(data, fold)
    pairs = [(x.numpy(), y.numpy()) for x, y in evaluation_batches(held_out)]
    assert (np.concatenate([x for x, _ in pairs]) == inputs[rows]).all()
    assert (np.concatenate([y for _, y in pairs]) == targets[rows]).all()
    batches = training_batches(training, batch_size=4, seed=0, epochs=[0, 1])
    seen = np.concatenate([y.numpy() for _, y in batches])
    assert not np.isin(seen, targets[rows]).any()
    assert len(seen) == 2 * (len(training.targets) // 4 * 4)


def assignment_of(
    data: PreparedData, folder: Path, *, space: SpaceRequest, **options: Any
) -> Assignment:
    """Return a training of a trial from its first epoch to its last."""
    return Assignment(
        trial="0001",
        training=folder.name,
        folder=folder,
        data=data.directory,
        space=space,
        seed=5,
        initial_epoch=0,
        epochs=space.max_epochs,
        **{"limits": None, **options},
    )


def assignment_of_fold(data: PreparedData, folder: Path, fold: Fold) -> Assignment:
    """Return two epochs of the first landmark, validated on a fold."""
    space = SpaceRequest("auto", max_epochs=2)
    return assignment_of(
        data,
        folder,
        space=space,
        hyperparameters=load_space(space, data.spec).landmarks()[0].values,
        objective="val_rmse",
        direction="min",
        fold=fold,
    )


def test_a_fold_leaves_its_predictions_and_nothing_else(
    data: PreparedData, tmp_path: Path
) -> None:
    fold = Fold(0, 4, 1)
    assignment = assignment_of_fold(data, tmp_path / "fold-0", fold)
    result = run_assignment(assignment, Silence())
    files = [file.name for file in (tmp_path / "fold-0").iterdir()]
    assert files == ["val_predictions.npy"]
    _, held_out = training_and_validation(data, fold)
    predictions = load_predictions(tmp_path / "fold-0", "val")
    found = score("rmse", predictions, Answers.of(data.spec, held_out.targets))
    assert found == pytest.approx(result.best_score, rel=1e-5)
    again = dataclasses.replace(assignment, folder=tmp_path / "again")
    assert run_assignment(again, Silence()).best_score == result.best_score


class Stopping(Silence):
    """A channel that asks to stop from some sign of life on."""

    def __init__(self, after: float) -> None:
        self.after = after
        self.polls = 0

    def stop_requested(self) -> bool:
        self.polls += 1
        return self.polls > self.after


def test_a_fold_that_is_trained_predicts_what_it_held_out_although_it_is_to_stop(
    data: PreparedData, tmp_path: Path
) -> None:
    fold = Fold(0, 4, 1)
    assignment = assignment_of_fold(data, tmp_path / "fold-0", fold)
    heard = Stopping(np.inf)
    run_assignment(assignment, heard)
    late = dataclasses.replace(assignment, folder=tmp_path / "late")
    assert not run_assignment(late, Stopping(heard.polls - 1)).stopped
    assert len(load_predictions(late.folder, "val")) == len(held_out_rows(data, fold))
    sooner = dataclasses.replace(assignment, folder=tmp_path / "sooner")
    assert run_assignment(sooner, Stopping(heard.polls - 2)).stopped


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    """Series with labels: so many that folds and refits admit larger batches."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (170, 24, 1)).astype(np.float32)
    folder = tmp_path_factory.mktemp("labelled")
    np.savez(folder / "labels.npz", x=x, y=rng.uniform(size=(170, 3)) < 0.2)
    options = DataOptions(str(folder / "labels.npz"))
    return prepare(options, tmp_path_factory.mktemp("prepared"))


class Enough(Silence):
    """A channel that knows enough of a model before it is trained."""

    def ask(self, message: object) -> str:
        return "enough"


def test_a_fold_and_a_refit_are_trained_as_the_trial_was(
    labelled: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[float], int]] = []

    def look(model: keras.Model, batch_size: int, limits: Limits) -> None:
        schedule = model.optimizer.get_config()["learning_rate"]["config"]
        steps = schedule["warmup_steps"] + schedule["decay_steps"]
        seen.append((batch_size, model.loss.weights, steps))

    monkeypatch.setattr(trial, "check_training", look)
    assert batch_sizes(labelled.spec.num_train) == (8,)
    assert batch_sizes(labelled.spec.num_train + labelled.spec.num_val) == (8, 16)
    assignment = assignment_of(
        labelled,
        tmp_path / "refit",
        space=SpaceRequest("auto", max_epochs=10),
        hyperparameters={"class_weights": "balanced", "schedule": "cosine"},
        objective="val_f1",
        direction="max",
        limits=Limits(),
    )
    for fold in (None, Fold(0, 8, 1), Fold(None, 8, 1)):
        with pytest.raises(TrialSkippedError):
            run_assignment(dataclasses.replace(assignment, fold=fold), Enough())
    assert {batch_size for batch_size, _, _ in seen} == {8}
    assert seen[0][1] == seen[1][1] == seen[2][1]
    samples = labelled.spec.num_train + labelled.spec.num_val
    assert seen[2][2] == 10 * (samples // 8)


def test_short_epochs_share_a_validation() -> None:
    assert validation_stride(1000, 60) == 1
    assert validation_stride(4, 4) == 1
    assert validation_stride(1, 600) == 20
    assert validation_stride(5, 600) == 4
    assert validation_stride(1, 60) == 2  # never too few of them


@pytest.mark.slow
def test_a_search_with_folds(archive: Path, tmp_path: Path) -> None:
    from tests.end_to_end.test_tasks import automl

    run = tmp_path / "run"
    automl(
        "search", "--data", archive, "--out", run, "--trials", 2, "--epochs", 2,
        "--folds", 2, "--workers", 1, "--quiet",
    )  # fmt: skip
    records = RunDirectory(run).read_trials()
    chosen = json.loads((run / "run.json").read_text())["selection"]["recommended"]
    for record in records.values():
        scores = [fold.val_score for fold in record.folds]
        assert record.fold_score == pytest.approx(np.mean(scores))  # type: ignore[arg-type]
        assert len(scores) == 2
        assert not list(run.glob(f"trials/{record.trial}/fold-*/*best*"))
    rows = run_report(RunDirectory(run)).trials
    assert {row.val_score for row in rows} == {r.fold_score for r in records.values()}
    # Only the winner is trained once more, on everything but the test split.
    assert [t for t, r in records.items() if len(r.trainings) > 1] == [chosen]
    refit = records[chosen].best_training("max")
    assert refit is not None
    assert (refit.name, refit.val_score) == (REFIT, records[chosen].fold_score)
    assert (run / "trials" / chosen / REFIT / "best.npz").exists()


@pytest.mark.slow
def test_more_folds_than_samples(archive: Path, tmp_path: Path) -> None:
    from tests.end_to_end.test_tasks import automl

    answer = automl(
        "search", "--data", archive, "--out", tmp_path / "run", "--trials", 1,
        "--folds", 500, "--quiet", code=2,
    )  # fmt: skip
    assert "500 folds" in answer.stderr
    assert not (tmp_path / "run").exists()
