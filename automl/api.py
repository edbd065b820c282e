"""Searching, and going on; the command line is a thin layer over it."""

from __future__ import annotations

import dataclasses
import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from automl.errors import RequestError, UnsuitableRequestError
from automl.export.outcome import FailedExport, NothingExportedError, gravest
from automl.export.runtimes import require_export
from automl.opened_run import Run
from automl.python_data.writing import is_path, write_data
from automl.quiet import quiet_libraries, stderr_to
from automl.report_words import export_first
from automl.run.directory import FINISHED, TRUNK_FILE, RunDirectory, open_run
from automl.run.python_options import as_fields
from automl.run.request import (
    DEFAULT_BUDGET,
    SearchRequest,
    seconds_of,
)
from automl.tracking.callback import Callback, check_callbacks
from automl.tracking.catalog import require_trackers, settled
from automl.workers.cluster_connection import check_cluster
from automl_datasets.errors import DataError
from automl_datasets.sources.registry import recognise
from automl_reports.terminal import Progress, make_progress
from automl_search_spaces.errors import SpaceError

_LONGEST_REASON = 350


def search(
    data: Any,
    *,
    out: str | Path | None = None,
    budget: str | float | None = None,
    callbacks: Sequence[Callback] = (),
    progress: Progress | None = None,
    command: str = "",
    started: float | None = None,
    **options: Any,
) -> Run:
    """Search for the best network, write the report, export the winner.

    Args:
        data: Path of a folder or file of labelled data; or the data itself: arrays
            `(x, y)` (`x` may be a list of texts), a dict with `x_train`, `y_train`,
            `x_test`, `y_test`, a pandas DataFrame (with a column of paths, of texts,
            or of numbers), a `tf.data.Dataset`, a Keras `PyDataset`, or a Hugging Face
            `Dataset` or `DatasetDict`. What is no path is written once to `input/` in
            the run, so that the run can be resumed.
        out: Folder of the run; `runs/<name of the data>` by default, `runs/data` for
            what is no path.
        budget: Wall-clock time for everything, such as `"10m"`, or seconds; ten
            minutes where no number of trials is given either.
        callbacks: Told what happens; see `automl.tracking.callback.Callback`.
        progress: Shows what happens; nothing by default.
        command: What made the run, for its report.
        started: `time.monotonic()` at the start; now by default.
        **options: Further options of `automl search`, by the same names; see
            `automl.run.request.SearchRequest`.

    Returns:
        The run; its state tells whether it finished or was interrupted.

    Raises:
        RequestError: If the request can't be carried out.
        DataError: If the data can't be used.
        SpaceError: If the search space can't.
        NoTrialSucceededError: If no trial succeeded.
        NothingExportedError: If the run is finished, with its scores and report, but
            its model could be exported to no format.

    Example:
        >>> import automl
        >>> run = automl.search("digits.npz", budget="2m")  # doctest: +SKIP
        >>> run.best.test_score  # doctest: +SKIP
    """
    start = time.monotonic() if started is None else started
    check_callbacks(callbacks)
    folder = run_folder(data, out)
    request = _request(data, folder, budget, options)
    try:
        run = _begun(data, request, folder, command)
    except BaseException:
        RunDirectory(folder).discard()  # which nobody has begun before
        raise
    from automl.engine.conductor import conduct

    try:
        conduct(run, progress or _silent(), started=start, callbacks=callbacks)
    except (DataError, SpaceError, UnsuitableRequestError):
        if not run.read_trials():
            run.discard()  # nothing half-written is left behind
        raise
    return ended_run(folder)


def _request(
    data: Any, folder: Path, budget: str | float | None, options: Mapping[str, Any]
) -> SearchRequest:
    """Return what is asked for, all of it checked that needs no engine."""
    path = str(data) if is_path(data) else str(folder.absolute() / "input")
    fields = as_fields(options)
    if budget is None and fields.get("trials") is None:
        budget = DEFAULT_BUDGET
    request = SearchRequest(data=path, budget_seconds=seconds_of(budget), **fields)
    RunDirectory(folder).refuse_taken()
    for given in (data if is_path(data) else None, request.test_data):
        if given is not None:
            recognise(Path(given))  # before anything heavy is loaded
    require_export(request.export)
    if request.cluster is not None:
        check_cluster(request.cluster)
    return dataclasses.replace(request, track=settled(request.track))


def _begun(
    data: Any, request: SearchRequest, folder: Path, command: str
) -> RunDirectory:
    """Return a new run, with all that is not at hand in files written to it."""
    run = RunDirectory(folder)
    if not is_path(data):
        path = write_data(data, run.input, target=request.target)
        request = dataclasses.replace(request, data=str(path))
    load_engine()
    from automl.engine.opening import begin_run

    trunk = _trunk_written(request, run)
    run = begin_run(request, folder, command or _call_text(request, folder))
    run.update(**trunk)
    return run


def resume(
    path: str | Path,
    *,
    budget: str | float | None = None,
    trials: int | None = None,
    callbacks: Sequence[Callback] = (),
    progress: Progress | None = None,
    started: float | None = None,
) -> Run:
    """Go on with a run after a stop or a crash, or search it further.

    It is searched as its record says: Python files that this names are executed, as
    they were by `search`. Go on with runs of your own only.

    Args:
        path: Folder of the run.
        budget: Further wall-clock time; by default what was left of the old one, or
            no limit if the run is finished.
        trials: Trials in all; by default the old number, or no limit likewise.
        callbacks: Told what happens; those of an earlier call are not kept.
        progress: Shows what happens; nothing by default.
        started: `time.monotonic()` at the start; now by default.

    Raises:
        RequestError: If there is nothing to go on with.
        NoTrialSucceededError: If no trial succeeded.
        NothingExportedError: As `search`.
    """
    start = time.monotonic() if started is None else started
    run = open_run(Path(path))
    run.refuse_old()
    run.request()  # as the next line, refuses a record of no use before a change
    run.read_trials()
    values = run.read()
    if values["state"] == FINISHED and budget is None and trials is None:
        raise RequestError(
            f"{path} is finished; give --budget or --trials to search it further."
        )
    seconds = seconds_of(budget)
    request = dict(values["request"])
    if values["state"] == FINISHED:  # a limit that ended it would end it again
        request |= {"budget_seconds": None, "trials": None}
    if seconds is not None:
        request["budget_seconds"] = values["seconds"] + seconds
    if trials is not None:
        request["trials"] = trials
    # Refuses what can't be carried out.
    require_trackers(SearchRequest.from_json(request).track)
    check_callbacks(callbacks)
    load_engine()
    from automl.engine.conductor import conduct

    shown = progress or _silent()
    conduct(run, shown, started=start, callbacks=callbacks, reopened=request)
    return ended_run(path)


def ended_run(path: str | Path) -> Run:
    """Return a run that was just searched.

    Raises:
        NothingExportedError: If it is finished, and its model is in no format.
    """
    run = Run(path)
    values = RunDirectory(run.path).read()
    failed = [FailedExport(**failure) for failure in values.get("failed_exports", ())]
    if values["state"] == FINISHED and failed and not values["exports"]:
        raise _nothing_exported(run.path, failed, values)
    return run


def _nothing_exported(
    run: Path, failed: Sequence[FailedExport], values: Mapping[str, Any]
) -> NothingExportedError:
    told = gravest(failed)
    reason = textwrap.shorten(told.reason.rstrip("."), _LONGEST_REASON, placeholder="…")
    return NothingExportedError(
        f"{reason}; the run {run} is finished but for an export: make one with "
        f"`{export_first(run, values)}`.",
        limited=told.limited,
    )


def run_folder(data: Any, out: str | Path | None = None) -> Path:
    """Return the folder of a run on some data; see `search`."""
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


def load_engine() -> None:
    """Import what a search needs, without what TensorFlow prints meanwhile."""
    from automl.workers.starting import warm_up

    quiet_libraries()
    warm_up()
    with stderr_to():
        import automl.engine.conductor  # noqa: F401


def _silent() -> Progress:
    import sys

    return make_progress(sys.stderr, quiet=True, budget_seconds=None)


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
