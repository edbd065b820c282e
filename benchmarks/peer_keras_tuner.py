"""KerasTuner under a wall-clock limit: one contender of `same_budget.py`.

It searches our space, bounded by the same measurement of the machine as ours, or a
hand-written one. What breaks on a fresh install is worked around, and said below.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import keras
import keras_tuner
import numpy as np

from automl.engine.budgeting import plan_for_data, plan_without_budget
from automl.training.assignment import SpaceRequest
from automl.training.averaging import averaged_weights, build_optimizer
from automl.training.calibration import CalibrationRequest, measure_speed
from automl.training.mixing import mixing_of
from automl.training.pipeline import EVALUATION_BATCH_SIZE, training_batches
from automl.training.spaces import discover_hyperparameters, load_space
from automl_datasets.preparation import PreparedData, open_prepared
from benchmarks.peer_data import accuracy, read_features, read_spec
from benchmarks.peer_hand_written import HandWritten, shape_of
from benchmarks.time_limit import DeadlineError, TimeLimit, peer_parser

STRATEGIES = ("random", "bayesian", "hyperband")
_ENDLESS = 100_000
_PATIENCE_SHARE = 5  # of the epochs
_FORMATS = ("savedmodel", "keras")


@dataclass(frozen=True)
class Contest:
    """What is searched.

    Attributes:
        hypermodel: The space.
        epochs: Of a full training.
        fit: What `search` is told besides.
        test: What the test split is, as the networks take it.
        answers: Its class indices.
    """

    hypermodel: Any
    epochs: int
    fit: dict[str, Any]
    test: Any
    answers: Any


class AsKerasTuner(keras_tuner.HyperModel):
    """Our search space, trained by Keras's `fit` on the batches that ours trains on."""

    def __init__(self, space: Any, data: PreparedData, seed: int) -> None:
        """Remember the space and the data."""
        super().__init__(name="ours")
        self.space, self.data, self.seed = space, data, seed

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled network."""
        return self.space.build(hp)

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *,
        epochs: int,
        callbacks: Sequence[Any],
        initial_epoch: int = 0,
        **options: Any,
    ) -> Any:
        """Train on shuffled, if need be mixed, batches; validate averaged weights."""
        build_optimizer(model)
        samples = self.data.split("train")
        size = min(self.space.batch_size(hp.values), len(samples))
        batches = training_batches(
            samples,
            batch_size=size,
            seed=self.seed,
            epochs=range(initial_epoch, epochs),
            mixing=mixing_of(model),
        )
        return model.fit(
            batches,
            steps_per_epoch=len(samples) // size,
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation_data=self._validation(model),
            validation_batch_size=EVALUATION_BATCH_SIZE,
            shuffle=False,  # the batches are
            callbacks=[ValidateAverages(), *callbacks],
            **options,
        )

    def _validation(self, model: keras.Model) -> tuple[Any, Any]:
        val, spec = self.data.split("val"), self.data.spec
        if mixing_of(model) is None:
            return np.asarray(val.inputs), val.targets
        one_hot = np.eye(spec.num_classes, dtype="float32")  # as mixed targets are
        return np.asarray(val.inputs), one_hot[val.targets]


class ValidateAverages(keras.callbacks.Callback):
    """Validates and keeps averaged weights where the optimizer averages them."""

    def __init__(self) -> None:
        """Begin with the weights themselves."""
        super().__init__()
        self._averaged = ExitStack()

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the averages in place; KerasTuner saves them after the validation."""
        self._averaged.enter_context(averaged_weights(self.model))

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Go on from the weights themselves."""
        self._averaged.close()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Leave the weights themselves."""
        self._averaged.close()


class _Mended(keras_tuner.Tuner):
    """What has to be changed in KerasTuner 1.4.8 for it to get anywhere here."""

    def _configure_tensorboard_dir(self, *unused: Any, **also_unused: Any) -> None:
        """Import no TensorBoard: TensorFlow 2.21 brings none, so every trial fails."""

    def _populate_initial_space(self) -> None:
        """Declare our space without building a network for each of its conditions."""
        if isinstance(self.hypermodel, AsKerasTuner):
            self.oracle.update_space(discover_hyperparameters(self.hypermodel.space))
        else:
            super()._populate_initial_space()


class _Random(_Mended, keras_tuner.RandomSearch):
    """Random search that works."""


class _Bayesian(_Mended, keras_tuner.BayesianOptimization):
    """Bayesian optimization that works."""


class _Hyperband(_Mended, keras_tuner.Hyperband):
    """Hyperband that works."""


def make_tuner(strategy: str, contest: Contest, *, seed: int, folder: Path) -> Any:
    """Return a tuner that asks until it is stopped.

    Three failures in a row would end a search, and three random trials a dimension
    would come before the first that is Bayesian: both are settings.
    """
    options: dict[str, Any] = {
        "objective": keras_tuner.Objective("val_accuracy", "max"),
        "seed": seed,
        "directory": folder,
        "project_name": "tuner",
        "overwrite": True,
        "max_consecutive_failed_trials": _ENDLESS,
    }
    hypermodel = contest.hypermodel
    if strategy == "hyperband":
        options |= {"max_epochs": contest.epochs, "hyperband_iterations": _ENDLESS}
        return _Hyperband(hypermodel, **options)
    if strategy == "bayesian":
        options |= {"max_trials": _ENDLESS, "num_initial_points": 10}
        return _Bayesian(hypermodel, **options)
    return _Random(hypermodel, max_trials=_ENDLESS, **options)


def our_space(folder: Path, seed: int, limit: TimeLimit) -> Contest:
    """Return our space, for the time that is left."""
    data = open_prepared(folder)
    first = plan_without_budget(data.spec, None)
    request = SpaceRequest(
        "auto", first.max_epochs, objective="val_accuracy", export=_FORMATS
    )
    landmarks = load_space(request, data.spec).landmarks()[:2]
    asked = [CalibrationRequest(folder, request, mark.values) for mark in landmarks]
    speeds = [measure_speed(one, cast(Any, None)) for one in asked]
    plan = plan_for_data(
        limit.budget - limit.elapsed(),
        folds=1,
        workers=1,
        spec=data.spec,
        speeds=sorted(speeds, key=lambda speed: speed.macs),
    )
    request = SpaceRequest(
        "auto",
        plan.max_epochs,
        plan.max_training_macs,
        "val_accuracy",
        export=_FORMATS,
    )
    hypermodel = AsKerasTuner(load_space(request, data.spec), data, seed)
    test = data.split("test")
    return Contest(
        hypermodel, plan.max_epochs, {}, np.asarray(test.inputs), test.targets
    )


def hand_written(folder: Path, epochs: int) -> Contest:
    """Return the hand-written space."""
    train, val, test = (read_features(folder, s) for s in ("train", "val", "test"))
    hypermodel = HandWritten(shape_of(train, read_spec(folder)["kind"]))
    fit = {"x": train.inputs, "y": train.targets, "validation_data": tuple(val)}
    return Contest(hypermodel, epochs, fit, test.inputs, test.targets)


def compete(
    strategy: str, contest: Contest, limit: TimeLimit, *, seed: int, folder: Path
) -> dict[str, Any]:
    """Search until the time is up, and score the best network once.

    Returns:
        Test score, best validation score, the best score over time, seconds in steps,
        and trials that ended well.
    """
    keras.utils.set_random_seed(seed)
    tuner = make_tuner(strategy, contest, seed=seed, folder=folder)
    tuner.pre_create_trial = limit.check
    patience = max(3, contest.epochs // _PATIENCE_SHARE)
    stopping = keras.callbacks.EarlyStopping(
        "val_accuracy", patience=patience, mode="max"
    )
    callbacks = [limit, stopping]
    with suppress(DeadlineError):
        tuner.search(
            **contest.fit, epochs=contest.epochs, callbacks=callbacks, verbose=0
        )
    ranked = tuner.oracle.get_best_trials(_ENDLESS)  # with those that did not end
    trials = [trial for trial in ranked if trial.status == "COMPLETED"]
    if not trials:
        messages = [trial.message for trial in tuner.oracle.trials.values()]
        raise RuntimeError(f"no trial of {len(messages)} ended well: {messages[:1]}")
    best = tuner.get_best_models()[0]
    found = best.predict(contest.test, batch_size=EVALUATION_BATCH_SIZE, verbose=0)
    return {
        "test_score": accuracy(found, contest.answers),
        "val_score": trials[0].score,
        "best": limit.best,
        "step_seconds": limit.step_seconds,
        "trials": len(trials),
    }


def main() -> None:
    """Compete, and write `result.json`."""
    parser = peer_parser(__doc__.splitlines()[0])
    parser.add_argument("--space", choices=("ours", "hand"), required=True)
    parser.add_argument("--strategy", choices=STRATEGIES, required=True)
    parser.add_argument("--epochs", type=int, required=True, help="of a hand-written")
    options = parser.parse_args()
    limit = TimeLimit(options.started, options.budget)
    if options.space == "ours":
        contest = our_space(options.data, options.seed, limit)
    else:
        contest = hand_written(options.data, options.epochs)
    result = compete(
        options.strategy, contest, limit, seed=options.seed, folder=options.out
    )
    (options.out / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
