"""The data of a run: prepared once, and from then on the run's own copy."""

from __future__ import annotations

from automl.errors import RequestError
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl_datasets.errors import DataError
from automl_datasets.fingerprints import fingerprint
from automl_datasets.preparation import PreparedData, open_prepared, prepare
from automl_reports.terminal import Progress

_FINGERPRINT = "data_fingerprint"


def run_data(run: RunDirectory, request: SearchRequest) -> PreparedData:
    """Open the run's copy of its data, or prepare it where there is none.

    Raises:
        DataError: If it can't be used.
        RequestError: If it would have to be prepared again, and has changed.
    """
    known = run.read().get(_FINGERPRINT)
    if known is not None:
        copy = _copy(run, known)
        if copy is not None:
            return copy
        if fingerprint(request.data_options()) != known:
            raise _changed(run, request)
    data = prepare(request.data_options(), run.prepared)
    run.update(
        data_fingerprint=data.fingerprint,
        spec=data.spec.to_json(),
        profile=data.profile.to_json(),
    )
    return data


def refuse_changed_data(
    run: RunDirectory, request: SearchRequest, progress: Progress
) -> None:
    """Refuse to search on what is not the data that the run was begun on.

    Data that is not where it was is no change as long as the run has its copy; a
    message says so.

    Raises:
        DataError: If the data is gone, and there is no copy.
        RequestError: If it has changed.
    """
    known = run.read().get(_FINGERPRINT)
    if known is None:
        return
    try:
        changed = fingerprint(request.data_options()) != known
    except DataError:
        if _copy(run, known) is None:
            raise
        progress.message(f"no data at {request.data} now: going on with the run's copy")
        return
    if changed:
        raise _changed(run, request)


def _copy(run: RunDirectory, known: str) -> PreparedData | None:
    """Return the prepared data, unless parts of it are missing."""
    try:
        data = open_prepared(run.prepared)
    except DataError:
        return None
    return data if data.fingerprint == known and data.is_whole() else None


def _changed(run: RunDirectory, request: SearchRequest) -> RequestError:
    return RequestError(
        f"The data at {request.data} has changed since {run.path} was begun; "
        "search it anew with another --out."
    )
