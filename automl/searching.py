"""Beginning a run: what the command line and Python share."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from automl.errors import UnsuitableRequestError
from automl.export.runtimes import require_export
from automl.opened_run import Run
from automl.python_data.writing import is_path, write_data
from automl.run.directory import TRUNK_FILE, RunDirectory, lock_run
from automl.run.request import DEFAULT_BUDGET, SearchRequest, parse_duration
from automl.session import ended_run, load_engine, shown_progress
from automl.tracking.callback import Callback, check_callbacks
from automl.tracking.catalog import settled
from automl.workers.cluster_connection import check_cluster
from automl_datasets.errors import DataError
from automl_datasets.sources.registry import recognise
from automl_search_spaces.errors import SpaceError


def start_search(
    data: Any,
    request: SearchRequest,
    folder: Path,
    *,
    callbacks: Sequence[Callback] = (),
    quiet: bool = False,
    command: str = "",
    started: float | None = None,
) -> Run:
    """Begin a run, and carry it to its end.

    Args:
        data: What `automl.search` takes.
        request: What is asked for; without a limit, it gets the usual budget.
        folder: Of the run.
        callbacks: Told what happens.
        quiet: Whether to show no progress on standard error.
        command: What made the run, for its report; a call from Python by default.
        started: `time.monotonic()` at the start; now by default.

    Raises:
        Exception: As `automl.search`.
    """
    start = time.monotonic() if started is None else started
    check_callbacks(callbacks)
    _check(data, request, folder)
    limited = request.budget_seconds is not None or request.trials is not None
    if not limited:
        seconds = parse_duration(DEFAULT_BUDGET)
        request = dataclasses.replace(request, budget_seconds=seconds)
    request = dataclasses.replace(request, track=settled(request.track))
    run = RunDirectory(folder)
    with ExitStack() as stack:
        shown = shown_progress(folder, request.budget_seconds, quiet=quiet)
        progress = stack.enter_context(shown)
        load_engine()
        from automl.engine.opening import check_files

        check_files(request)  # before there is a folder
        stack.enter_context(lock_run(run))
        run.refuse_taken()  # by a command that was quicker
        try:
            _begin(data, request, run, command)
        except BaseException:
            run.discard()
            raise
        if not limited:
            progress.message(f"no budget or trials: searching for {DEFAULT_BUDGET}")
        from automl.engine.conductor import conduct

        try:
            conduct(run, progress, started=start, callbacks=callbacks)
        except (DataError, SpaceError, UnsuitableRequestError):
            if not run.read_trials():
                run.discard()  # nothing half-written is left behind
            raise
    return ended_run(folder)


def _check(data: Any, request: SearchRequest, folder: Path) -> None:
    """Refuse, before anything heavy is loaded, what can be seen to be of no use."""
    RunDirectory(folder).refuse_taken()
    for given in (data if is_path(data) else None, request.test_data):
        if given is not None:
            recognise(Path(given))
    require_export(request.export)
    if request.cluster is not None:
        check_cluster(request.cluster)


def _begin(data: Any, request: SearchRequest, run: RunDirectory, command: str) -> None:
    """Begin a run, with all that is not at hand in files written to it."""
    if not is_path(data):
        path = write_data(data, run.input, target=request.target, group=request.group)
        request = dataclasses.replace(request, data=str(path))
    from automl.engine.opening import begin_run

    trunk = _trunk_written(request, run)
    begin_run(request, run.path, command or _call_text(request, run.path))
    run.update(**trunk)


def run_folder(data: Any, out: str | Path | None = None) -> Path:
    """Return the folder of a run on some data; see `automl.search`."""
    if out is not None:
        return Path(out)
    if not is_path(data):
        return Path("runs") / "data"
    path = Path(data).resolve()
    # The dot in the name of a folder, as in birds.v2, begins no ending.
    return Path("runs") / (path.name if path.is_dir() else path.stem)


def _trunk_written(request: SearchRequest, run: RunDirectory) -> dict[str, Any]:
    """Keep what is left of a trained network in the run, and return its record."""
    if request.pretrained is None:
        return {}
    from automl_search_spaces.transfer.trunk import save_trunk

    source = save_trunk(request.pretrained, run.input / TRUNK_FILE)
    return {"pretrained": source._asdict()}


def _call_text(request: SearchRequest, folder: Path) -> str:
    defaults = SearchRequest(data=request.data)
    changed = {
        field.name: getattr(request, field.name)
        for field in dataclasses.fields(request)
        if getattr(request, field.name) != getattr(defaults, field.name)
    }
    changed.pop("budget_seconds", None)
    if request.budget_seconds is not None:
        changed["budget"] = request.budget_seconds
    arguments = [repr(request.data), f"out={str(folder)!r}"]
    arguments += [f"{name}={value!r}" for name, value in changed.items()]
    return f"automl.search({', '.join(arguments)})"
