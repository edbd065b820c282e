"""Telling callbacks and trackers how a search begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from automl.engine.setting import Setting
from automl.run.directory import RunDirectory
from automl.tracking.callback import Callback, Callbacks
from automl.tracking.catalog import make_trackers


def all_callbacks(setting: Setting, callbacks: Sequence[Callback]) -> Callbacks:
    """Return the trackers of the request and the user's callbacks as one.

    Raises:
        RequestError: If a tracker's package is missing.
    """

    def say(sentence: str) -> None:
        setting.progress.message(sentence)
        setting.run.log(sentence)

    trackers = make_trackers(setting.request.track, setting.run.path)
    return Callbacks([*trackers, *callbacks], say)


@contextmanager
def told(setting: Setting, callbacks: Callbacks) -> Iterator[None]:
    """Tell of the search from its beginning to its end, however that comes."""
    ledger = setting.ledger
    ledger.callbacks = callbacks
    callbacks.search_began(_values(setting.run))
    try:
        yield
    finally:
        trials = [record.to_json() for record in ledger.records.values()]
        callbacks.search_ended(_values(setting.run), trials)


def _values(run: RunDirectory) -> dict[str, Any]:
    return {**run.read(), "path": str(run.path)}
