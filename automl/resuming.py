"""Going on with a run: what the command line and Python share."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.opened_run import Run
from automl.run.directory import FINISHED, lock_run, open_run
from automl.run.request import SearchRequest
from automl.session import ended_run, load_engine, shown_progress
from automl.tracking.callback import Callback, check_callbacks
from automl.tracking.catalog import require_trackers
from automl.workers.cluster_connection import check_cluster

#: What stands for this machine alone, where a run was on a cluster.
NO_CLUSTER = "none"


@dataclass(frozen=True)
class Further:
    """How a run goes on, where it differs from how it was begun.

    Attributes:
        budget_seconds: Further wall-clock time; `None` for what was left of the old
            one, or no limit if the run is finished.
        trials: Trials in all; `None` for the old number, or no limit likewise.
        workers: Worker processes; `None` for as many as before.
        cluster: Ray cluster, `HOST:PORT` or `auto`; `none` for this machine alone,
            `None` for what it was.
    """

    budget_seconds: float | None = None
    trials: int | None = None
    workers: int | None = None
    cluster: str | None = None


def go_on(
    path: Path,
    further: Further,
    *,
    callbacks: Sequence[Callback] = (),
    quiet: bool = False,
    started: float | None = None,
) -> Run:
    """Go on with a run, and carry it to its end.

    Args:
        path: Folder of the run.
        further: What differs from how it was begun.
        callbacks: Told what happens.
        quiet: Whether to show no progress on standard error.
        started: `time.monotonic()` at the start; now by default.

    Raises:
        Exception: As `automl.resume`.
    """
    start = time.monotonic() if started is None else started
    run = open_run(path)
    run.refuse_old()
    run.request()  # as the next line, refuses a record of no use before a change
    run.read_trials()
    check_callbacks(callbacks)
    with ExitStack() as stack:
        stack.enter_context(lock_run(run))
        reopened = _reopened(path, run.read(), further)
        # Refuses what can't be carried out.
        request = SearchRequest.from_json(reopened)
        require_trackers(request.track)
        if further.cluster is not None and request.cluster is not None:
            check_cluster(request.cluster)
        shown = shown_progress(path, further.budget_seconds, quiet=quiet)
        progress = stack.enter_context(shown)
        load_engine()
        from automl.engine.conductor import conduct

        conduct(run, progress, started=start, callbacks=callbacks, reopened=reopened)
    return ended_run(path)


def _reopened(
    path: Path, values: Mapping[str, Any], further: Further
) -> dict[str, Any]:
    """Return the request of a run that goes on, as JSON values.

    Raises:
        RequestError: If the run is finished, and nothing more is asked for.
    """
    finished = values["state"] == FINISHED
    if finished and further.budget_seconds is None and further.trials is None:
        raise RequestError(
            f"{path} is finished; give --budget or --trials to search it further."
        )
    request = dict(values["request"])
    if finished:  # a limit that ended it would end it again
        request |= {"budget_seconds": None, "trials": None}
    budget = further.budget_seconds
    asked = {
        "budget_seconds": None if budget is None else values["seconds"] + budget,
        "trials": further.trials,
        "workers": further.workers,
        "cluster": further.cluster,
    }
    request |= {name: value for name, value in asked.items() if value is not None}
    if request.get("cluster") == NO_CLUSTER:
        request["cluster"] = None
    return request
