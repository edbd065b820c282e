"""What a search tells to whoever asks, and how it tells many of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from automl.errors import RequestError


class Callback:
    """Told what happens in a search; override what is of interest.

    All arguments are plain values: what `run.json` and `trials/<id>/trial.json` hold,
    and rows of `history.csv`. The calls come one after another, in the process and
    thread of the search, which waits for them: return soon.

    A trial is trained more than once (further seeds, folds): the name of the training
    tells which it is; the search's own is called `search`. An epoch that a crash cut
    off from its checkpoint is trained again after a resume, and told again; the
    same numbers come of it.

    Example:
        >>> class Printed(Callback):
        ...     def epoch_ended(self, trial, training, row):
        ...         print(trial, training, row["epoch"], row["val_loss"])
        >>> Printed().epoch_ended("0001", "search", {"epoch": 1.0, "val_loss": 0.5})
        0001 search 1.0 0.5
    """

    def search_began(self, run: Mapping[str, Any]) -> None:
        """Take in that a search begins or goes on.

        Args:
            run: `run.json`, and as `path` the folder of the run.
        """

    def trial_began(self, trial: Mapping[str, Any], training: str) -> None:
        """Take in that a worker begins or goes on with a training.

        Args:
            trial: The trial's record, with `trial` and `hyperparameters`.
            training: Name of the training.
        """

    def epoch_ended(self, trial: str, training: str, row: Mapping[str, float]) -> None:
        """Take in an epoch that was validated.

        Args:
            trial: Identity of the trial.
            training: Name of the training.
            row: `epoch` (from 1), `loss`, `val_loss`, further metrics, `seconds`.
        """

    def trial_ended(self, trial: Mapping[str, Any]) -> None:
        """Take in how a trial stands: after each of its rungs, and when it failed.

        Args:
            trial: The trial's record; its `status` may be `skipped` for a trial that
                was never begun.
        """

    def search_ended(
        self, run: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]
    ) -> None:
        """Take in that the search finished, failed or was interrupted.

        Args:
            run: `run.json`, whose `state` says how, and as `path` the folder of the
                run, which holds the report.
            trials: The records of all trials.
        """


def check_callbacks(callbacks: Sequence[Callback]) -> None:
    """Refuse what is no callback, a class in place of an instance among them.

    Raises:
        RequestError: If there is such a one.
    """
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise RequestError(
                f"callbacks must be instances of automl.tracking.callback.Callback, "
                f"but got {callback!r}; derive its class from it."
            )


class Callbacks(Callback):
    """Tells several callbacks; one that raises is told nothing more."""

    def __init__(
        self, callbacks: Sequence[Callback], say: Callable[[str], None]
    ) -> None:
        """Name the callbacks.

        Args:
            callbacks: Whom to tell, in this order.
            say: Takes the sentence about one that raised.
        """
        self._callbacks = list(callbacks)
        self._say = say

    def search_began(self, run: Mapping[str, Any]) -> None:
        """Tell all."""
        self._tell("search_began", run)

    def trial_began(self, trial: Mapping[str, Any], training: str) -> None:
        """Tell all."""
        self._tell("trial_began", trial, training)

    def epoch_ended(self, trial: str, training: str, row: Mapping[str, float]) -> None:
        """Tell all."""
        self._tell("epoch_ended", trial, training, row)

    def trial_ended(self, trial: Mapping[str, Any]) -> None:
        """Tell all."""
        self._tell("trial_ended", trial)

    def search_ended(
        self, run: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]
    ) -> None:
        """Tell all."""
        self._tell("search_ended", run, trials)

    def _tell(self, event: str, *arguments: Any) -> None:
        for callback in list(self._callbacks):
            try:
                getattr(callback, event)(*arguments)
            except Exception as error:  # a search outlives those who watch it
                self._callbacks.remove(callback)
                self._say(_sentence(callback, event, error))


def _sentence(callback: Callback, event: str, error: Exception) -> str:
    lines = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
    return (
        f"{type(callback).__name__} failed in {event} ({reason[:200]}); "
        "the search goes on without it."
    )
