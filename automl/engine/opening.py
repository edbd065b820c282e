"""Making the folder of a run, and opening one again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.run.directory import IN_PROGRESS, RunDirectory
from automl.run.environment import git_revision, hardware, package_versions
from automl.run.request import SearchRequest
from automl.training.spaces import check_space, space_fingerprint


def begin_run(request: SearchRequest, folder: Path, command: str) -> RunDirectory:
    """Make the folder of a new run and write down the request.

    Raises:
        RequestError: If a run lies there already.
        SpaceError: If the search space is not known.
    """
    check_space(request.space)
    run = RunDirectory(folder)
    run.refuse_existing()
    run.write(
        {
            "name": folder.name,
            "state": IN_PROGRESS,
            "command": command,
            "request": request.to_json(),
            "space_fingerprint": space_fingerprint(request.space),
            "seconds": 0.0,
            "environment": {
                "versions": package_versions(),
                "hardware": hardware(),
                "git": git_revision(Path.cwd()),
            },
        }
    )
    return run


def reopen_run(
    run: RunDirectory, request: dict[str, Any], *, budget_changed: bool
) -> None:
    """Write down a changed request of a run that goes on.

    A run that was planned without a budget is planned again when it gets one.
    """
    values = run.read()
    if budget_changed and values["request"]["budget_seconds"] is None:
        values.pop("plan", None)
    run.write({**values, "request": request})


def refuse_changed_space(run: RunDirectory, request: SearchRequest) -> None:
    """Refuse to go on with another search space than the run was begun with.

    Raises:
        RequestError: If the space is a file that has changed.
    """
    known = run.read().get("space_fingerprint")
    if known is not None and known != space_fingerprint(request.space):
        raise RequestError(
            f"The search space {request.space} has changed since {run.path} was begun; "
            "search anew with another --out."
        )
