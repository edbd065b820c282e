"""A trial trained again learns from the same samples, in the same way."""

import math
from pathlib import Path
from typing import Any

import pytest

from automl.engine.retraining import retrain
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import REFIT, Training, TrialRecord
from automl.training.assignment import Assignment, Fold, SpaceRequest
from automl.training.checkpoint import BEST
from automl.training.trial import run_assignment

REQUEST = SearchRequest("data", objective="val_loss", seed=7)


def retrained(folder: Path, training: Training) -> tuple[Path, list[Assignment]]:
    """Return the folder of the weights, and what was trained for them."""
    run = RunDirectory(folder)
    run.write({"request": REQUEST.to_json(), "plan": {"folds": 5}})
    given: list[Assignment] = []

    def call(function: Any, assignment: Assignment, **options: Any) -> None:
        assert function == run_assignment
        assert options == {"seconds": math.inf, "trains": True}
        given.append(assignment)

    record = TrialRecord("0003", {"filters": 8}, "auto")
    space = SpaceRequest("auto", max_epochs=60)
    return retrain(run, record, training, space, call), given


@pytest.mark.parametrize(
    ("name", "fold"), [("seed-1", None), (REFIT, Fold(None, 5, 7))]
)
def test_a_training_is_repeated_with_its_seed_and_schedule(
    name: str, fold: Fold | None, tmp_path: Path
) -> None:
    training = Training(name, 11, planned_epochs=20, epochs=13, val_score=0.5)
    folder, (given,) = retrained(tmp_path, training)
    assert folder == given.folder
    assert folder.is_dir()
    assert folder.name == f"{name}-again"  # what is there stays
    assert (given.seed, given.hyperparameters) == (11, {"filters": 8})
    assert (given.space.max_epochs, given.initial_epoch, given.epochs) == (20, 0, 13)
    assert (given.objective, given.direction) == ("val_loss", "min")
    assert (given.fold, given.limits) == (fold, None)


def test_a_training_is_repeated_to_the_epoch_that_was_kept(tmp_path: Path) -> None:
    """In one go it might not be validated, and weights of another epoch kept."""
    training = Training("search", 11, planned_epochs=20, epochs=20, best_epoch=11)
    _, (given,) = retrained(tmp_path, training)
    assert (given.space.max_epochs, given.epochs, given.last_wins) == (20, 11, True)


def test_what_was_trained_again_before_is_taken_as_it_is(tmp_path: Path) -> None:
    training = Training("seed-1", 11, 20)
    folder, _ = retrained(tmp_path, training)
    (folder / BEST).touch()
    assert retrained(tmp_path, training) == (folder, [])
