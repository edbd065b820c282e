"""A user's own strategy: an oracle or a function in a Python file."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras_tuner

from automl.errors import RequestError, UnsuitableRequestError
from automl.oracles.mended import Objectives, objectives_of
from automl.seeds import derive_seed
from automl.user_file import fault_of_file, run_file

MODULE_NAME = "user_strategy"
_ADDING_UP = keras_tuner.Oracle.score_trial


class UserStrategy:
    """What `FILE.py:NAME` names; the file is run to find it.

    Attributes:
        text: As the user wrote it.
        path: The file.
    """

    def __init__(self, text: str) -> None:
        """Run the file.

        Args:
            text: `FILE.py:NAME`.

        Raises:
            RequestError: If there is no such file, it fails, or it holds no strategy
                of that name.
        """
        self.text = text
        file, _, name = text.rpartition(":")
        self.path = Path(file)
        made_by: Any = getattr(self._run(), name, None)
        is_class = isinstance(made_by, type)
        if not callable(made_by) or (
            is_class and not issubclass(made_by, keras_tuner.Oracle)
        ):
            raise RequestError(
                f"{self.path} defines no keras_tuner.Oracle and no function called "
                f"{name!r}; check the name."
            )
        self._made_by = made_by

    def make(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        objective: Objectives,
        *,
        max_epochs: int,
        seed: int,
        landmarks: Sequence[Mapping[str, Any]] = (),
    ) -> keras_tuner.Oracle:
        """Return the user's oracle; it is given what it takes of these.

        Raises:
            UnsuitableRequestError: If that fails, or gives no oracle for these.
        """
        several = objectives_of(objective)
        options = {
            "hyperparameters": hyperparameters,
            "objective": several if len(several) > 1 else several[0],
            "max_epochs": max_epochs,
            "seed": derive_seed(seed, "user") or 1,  # KerasTuner takes 0 for any
            "landmarks": [dict(values) for values in landmarks],
            "max_trials": None,
        }
        taken = accepted_names(self._made_by)
        given = {k: v for k, v in options.items() if k in taken}
        try:
            oracle = self.call(self._made_by, **given)
        except RequestError as error:
            raise UnsuitableRequestError(str(error)) from error
        reason = _fault(oracle, several)
        if reason:
            raise UnsuitableRequestError(f"{self.text} {reason}.")
        return oracle

    def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call what is the user's.

        Raises:
            RequestError: If it fails; it says in which line.
        """
        try:
            return function(*args, **options)
        except Exception as error:
            raise RequestError(fault_of_file(self.path, error)) from error

    def _run(self) -> Any:
        if not self.path.is_file():
            raise RequestError(
                f"There is no strategy file {self.path}; check the path."
            )
        return self.call(run_file, self.path, MODULE_NAME)


def accepted_names(made_by: Callable[..., Any]) -> set[str]:
    """Return the names of the arguments that a function or a class takes.

    What `__init__(self, **options)` of a class hands on is what its base takes.
    """
    names: set[str] = set()
    bases = made_by.__mro__ if isinstance(made_by, type) else ()
    own = [vars(base).get("__init__") for base in bases]
    for function in [each for each in own if each] or [made_by]:
        parameters = inspect.signature(function).parameters.values()
        names.update(p.name for p in parameters)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return names


def _fault(oracle: Any, objectives: Sequence[keras_tuner.Objective]) -> str:
    """Return why an oracle can't search for the objectives, if so."""
    if not isinstance(oracle, keras_tuner.Oracle):
        return f"must return a keras_tuner.Oracle, but returned {oracle!r}"
    score = objectives[0].name
    if score not in [objective.name for objective in objectives_of(oracle.objective)]:
        return f"must hand on the objective it is given, which is {score}"
    if len(objectives) > 1 and type(oracle).score_trial is _ADDING_UP:
        return (
            "would add up several objectives, as KerasTuner does; give it a "
            "score_trial of its own, or ask for one objective"
        )
    return ""


def settled_strategy(strategy: str) -> str:
    """Return the name of a strategy, with the path of its file from any folder."""
    file, colon, name = strategy.rpartition(":")
    return f"{Path(file).absolute()}:{name}" if colon else strategy


def strategy_fingerprint(strategy: str) -> str | None:
    """Return a hash of the file a strategy comes from, `None` for one of ours.

    Raises:
        RequestError: If the file can't be read.
    """
    if ":" not in strategy:
        return None
    path = Path(strategy.rpartition(":")[0])
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RequestError(
            f"The strategy file {path} can't be read: {error.strerror}."
        ) from error
