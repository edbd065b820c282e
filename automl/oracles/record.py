"""What an oracle knows, as JSON values: whole, or only what is new.

A search writes this down after everything that happens to a trial. Written whole each
time, the trials of a long search would be written once for every one of them.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any

import keras_tuner

from automl.oracles.strategy import Strategy

Change = dict[str, Any]
# Parts of KerasTuner's state that grow with the trials and follow from them.
_DERIVED = (
    "hyperparameters",
    "start_order",
    "end_order",
    "run_times",
    "tried_so_far",
    "id_to_hash",
    "display",
)


class Recorder:
    """Tells what of an oracle is new since it was asked last."""

    def __init__(self) -> None:
        """Begin with everything new."""
        self._num_trials = 0
        self._num_ended = 0
        self._unfinished: dict[str, Change] = {}
        self._state: dict[str, str] = {}

    def changes(self, oracle: Strategy) -> Change:
        """Return what is new, as JSON values, for `restore`."""
        started = itertools.islice(oracle.trials, self._num_trials, None)
        ended = oracle.end_order[self._num_ended :]
        names = dict.fromkeys((*self._unfinished, *started))
        trials = {name: _trial_state(oracle.trials[name]) for name in names}
        over = {*ended}
        new = {n: t for n, t in trials.items() if self._unfinished.get(n) != t}
        self._num_trials, self._num_ended = len(oracle.trials), len(oracle.end_order)
        self._unfinished = {n: t for n, t in trials.items() if n not in over}
        return {"trials": new, "ended": ended, "state": self._new_state(oracle)}

    def _new_state(self, oracle: Strategy) -> dict[str, Any]:
        state = oracle.get_state()
        texts = {k: json.dumps(v) for k, v in state.items() if k not in _DERIVED}
        new = {k: state[k] for k, v in texts.items() if self._state.get(k) != v}
        self._state = texts
        return new


def snapshot(oracle: Strategy) -> Change:
    """Return everything an oracle knows, as JSON values."""
    return Recorder().changes(oracle)


def restore(oracle: Strategy, changes: Iterable[Change]) -> None:
    """Give a new oracle what another one knew.

    Args:
        oracle: New, made for the same space.
        changes: What a `Recorder` told, in order; or one `snapshot`.
    """
    state: dict[str, Any] = {}
    ended: list[str] = []
    for change in changes:
        for name, trial in change["trials"].items():
            oracle.trials[name] = _trial_of(trial, oracle.hyperparameters)
        ended += change["ended"]
        state.update(change["state"])
    oracle.set_state({**oracle.get_state(), **state, **_derived(oracle, ended)})


def _derived(oracle: Strategy, ended: list[str]) -> dict[str, Any]:
    hashes = {
        name: oracle._compute_values_hash(trial.hyperparameters.values)
        for name, trial in oracle.trials.items()
    }
    return {
        "start_order": list(oracle.trials),
        "end_order": ended,
        "run_times": dict.fromkeys(ended, 1),
        "tried_so_far": list(hashes.values()),
        "id_to_hash": hashes,
    }


def _trial_state(trial: Any) -> dict[str, Any]:
    """Return a trial's state without the space, which is the same for all.

    KerasTuner's `Trial.get_state` would write the space first.
    """
    return {
        "trial_id": trial.trial_id,
        "hyperparameters": dict(trial.hyperparameters.values),
        "metrics": trial.metrics.get_config(),
        "score": trial.score,
        "best_step": trial.best_step,
        "status": trial.status,
        "message": trial.message,
        "costs": list(getattr(trial, "costs", ())),
    }


def _trial_of(state: Mapping[str, Any], space: keras_tuner.HyperParameters) -> Any:
    trial = keras_tuner.engine.trial.Trial.from_state(
        {**state, "hyperparameters": {"space": [], "values": {}}}
    )
    # The space itself is shared: a copy of it takes longer than all the rest.
    trial.hyperparameters = copy.copy(space)
    trial.hyperparameters.values = dict(state["hyperparameters"])
    trial.costs = tuple(state["costs"])
    return trial
