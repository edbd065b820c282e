"""Making the folder of a run, and opening one again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.oracles.user import (
    UserStrategy,
    settled_strategy,
    strategy_fingerprint,
)
from automl.run.directory import FORMAT, IN_PROGRESS, RunDirectory
from automl.run.environment import git_revision, hardware, package_versions
from automl.run.request import SearchRequest
from automl.training.spaces import check_space, settled_space, space_fingerprint


def check_files(request: SearchRequest) -> None:
    """Refuse a space or a strategy that is not known, or whose file is of no use.

    Raises:
        RequestError: If it is the strategy's file.
        SpaceError: If it is the search space.
    """
    check_space(request.space)
    if ":" in request.strategy:
        UserStrategy(request.strategy)  # refuses what can't be used


def begin_run(request: SearchRequest, folder: Path, command: str) -> RunDirectory:
    """Make the folder of a new run and write down the request.

    Args:
        request: What is asked for, and `check_files` has seen.
        folder: Where no run is yet.
        command: What made the run, for its report.
    """
    settled = replace(  # so that the run goes on from any folder
        request,
        space=settled_space(request.space),
        strategy=settled_strategy(request.strategy),
    )
    run = RunDirectory(folder)
    run.write(
        {
            "format": FORMAT,
            "name": folder.name,
            "state": IN_PROGRESS,
            "command": command,
            "request": settled.to_json(),
            "space_fingerprint": space_fingerprint(request.space),
            "strategy_fingerprint": strategy_fingerprint(request.strategy),
            "seconds": 0.0,
            "environment": {
                "versions": package_versions(),
                "hardware": hardware(),
                "git": git_revision(Path.cwd()),
            },
        }
    )
    return run


def reopen_run(run: RunDirectory, request: dict[str, Any]) -> None:
    """Write down the request of a run that goes on.

    A further budget is shared out anew among search and shortlist: the time that an
    earlier shortlist took is not the search's loss.
    """
    values = run.read()
    if request["budget_seconds"] != values["request"]["budget_seconds"]:
        run.update(budget_since=values["seconds"])
    run.update(request=request)


def refuse_changed_space(run: RunDirectory, request: SearchRequest) -> None:
    """Refuse to go on with another search space or strategy than at the beginning.

    Raises:
        RequestError: If one of them is a file that has changed.
    """
    values = run.read()
    for what, name, known, now in (
        ("search space", request.space, "space_fingerprint", space_fingerprint),
        ("strategy", request.strategy, "strategy_fingerprint", strategy_fingerprint),
    ):
        if values.get(known) != now(name):
            raise RequestError(
                f"The {what} {name} has changed since {run.path} was begun; "
                "search anew with another --out."
            )
