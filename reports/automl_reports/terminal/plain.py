"""Progress for pipes and logs: one plain line an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from automl_reports.figures import clock
from automl_reports.rows import TrialRow
from automl_reports.terminal.words import one_line, outcome


class PlainProgress:
    """Writes one line a phase, a message and a finished trial; no control codes."""

    def __init__(self, stream: TextIO, *, now: Callable[[], float]) -> None:
        """Note the time: every line begins with the time since.

        Args:
            stream: Where to write.
            now: A clock in seconds.
        """
        self._stream = stream
        self._now = now
        self._begin = now()

    def phase(self, text: str) -> None:
        """Write a line."""
        self._write(one_line(text))

    def objective(self, name: str, direction: str) -> None:
        """Write a line."""
        better = "higher" if direction == "max" else "lower"
        self._write(f"objective {name}, {better} is better")

    def message(self, text: str) -> None:
        """Write a line."""
        self._write(one_line(text))

    def trial_started(self, worker: int, row: TrialRow, epochs: int) -> None:
        """Write nothing: the line comes when the trial has ended."""

    def epoch_ended(
        self, worker: int, trial: str, epoch: int, score: float | None
    ) -> None:
        """Write nothing: the line comes when the trial has ended."""

    def trial_ended(self, row: TrialRow) -> None:
        """Write a line."""
        self._write(f"trial {outcome(row)}")

    def close(self) -> None:
        """Do nothing: every line has been flushed."""

    def _write(self, text: str) -> None:
        line = f"[{clock(self._now() - self._begin)}] {text}\n"
        encoding = self._stream.encoding or "utf-8"
        safe = line.encode(encoding, "backslashreplace").decode(encoding)
        self._stream.write(safe)
        self._stream.flush()
