"""The progress of a search, for whoever reads it: a person, a pipe or nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TextIO

from automl_reports.rows import TrialRow


class Progress(Protocol):
    """What a search tells about itself; no call ever fails because of a name."""

    def phase(self, text: str) -> None:
        """Say what the run does from now on, for example `searching`."""

    def objective(self, name: str, direction: str) -> None:
        """Say what is searched for, and whether `max` or `min` of it is good."""

    def message(self, text: str) -> None:
        """Say one line that a reader should remember."""

    def trial_started(self, worker: int, row: TrialRow, epochs: int) -> None:
        """Say that `worker` trains `row` for at most `epochs`."""

    def epoch_ended(
        self, worker: int, trial: str, epoch: int, score: float | None
    ) -> None:
        """Say that an epoch (counted from 1) ended with a validation score."""

    def trial_ended(self, row: TrialRow) -> None:
        """Say how a trial ended, or that it was never begun."""

    def close(self) -> None:
        """Leave the terminal as it was; no call may follow but another `close`."""


def make_progress(
    stream: TextIO,
    *,
    quiet: bool,
    budget_seconds: float | None,
    page: str = "",
    now: Callable[[], float] = time.monotonic,
) -> Progress:
    """Return the progress that suits `stream`, which alone it writes to.

    Args:
        stream: Where to write, usually standard error.
        quiet: Whether to write nothing.
        budget_seconds: Time the run may take, counted from this call; `None` for
            no limit.
        page: Where the report is written, as the user should open it.
        now: A clock in seconds.

    Returns:
        A live display on a terminal, else one plain line an event.
    """
    if quiet:
        from automl_reports.terminal.silent import SilentProgress

        return SilentProgress()
    if stream.isatty():
        # rich takes 0.1 s to import: only those who look at it pay.
        from automl_reports.terminal.live import LiveProgress

        return LiveProgress(stream, budget_seconds, page=page, now=now)
    from automl_reports.terminal.plain import PlainProgress

    return PlainProgress(stream, now=now)
