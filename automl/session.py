"""What beginning a run and going on with one have in common."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from automl.export.outcome import FailedExport, NothingExportedError, gravest
from automl.opened_run import Run
from automl.quiet import quiet_libraries, stderr_to
from automl.report_words import export_first
from automl.run.directory import FINISHED, RunDirectory
from automl_reports.terminal import Progress, make_progress

_LONGEST_REASON = 350


def load_engine() -> None:
    """Import what a search needs, without what TensorFlow prints meanwhile."""
    from automl.workers.starting import warm_up

    quiet_libraries()
    warm_up()
    with stderr_to():
        import automl.engine.conductor  # noqa: F401


@contextmanager
def shown_progress(
    run: Path, budget: float | None, *, quiet: bool
) -> Iterator[Progress]:
    """Show on standard error what happens, until the context ends.

    Args:
        run: Folder of the run.
        budget: Seconds that it may take; `None` for no limit.
        quiet: Whether to show nothing.
    """
    progress = make_progress(
        sys.stderr,
        quiet=quiet,
        budget_seconds=budget,
        page=str(run / "leaderboard.html"),
    )
    with closing(progress):
        yield progress


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
