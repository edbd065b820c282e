"""Progress on a terminal: at most fourteen lines that never scroll."""

from __future__ import annotations

import sys
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from automl_reports.figures import clock, figure, is_number, score
from automl_reports.leaderboard import STATUSES
from automl_reports.rows import TrialRow
from automl_reports.terminal.words import one_line, outcome, size, sparkline

MOST_WORKERS = 4
TOP = 5
EVENTS = 3
BAR_WIDTH = 16


@dataclass
class _Worker:
    row: TrialRow
    epochs: int
    epoch: int = 0
    scores: list[float] = field(default_factory=list)


class LiveProgress:
    """Draws budget, workers, the best five and the last three events in place.

    One line of state, one a worker (four at most, then a count), five for the best,
    three for the events and one for the report's path never exceed fourteen lines,
    whatever the width.
    """

    def __init__(
        self,
        stream: TextIO,
        budget_seconds: float | None,
        *,
        page: str = "",
        now: Callable[[], float],
    ) -> None:
        """Begin to draw.

        Args:
            stream: A terminal.
            budget_seconds: Time the run may take; `None` for no limit.
            page: Where the report is written.
            now: A clock in seconds.
        """
        self._page = one_line(page)
        self._now, self._begin, self._budget = now, now(), budget_seconds
        self._sign = -1
        self._phase = "starting"
        self._workers: dict[int, _Worker] = {}
        self._ended: dict[str, TrialRow] = {}
        self._events: deque[str] = deque(maxlen=EVENTS)
        self._lock = threading.Lock()
        self._live = Live(
            console=Console(file=stream),
            get_renderable=self._draw,
            refresh_per_second=4,
            redirect_stdout=False,
            redirect_stderr=stream is sys.stderr,
            vertical_overflow="crop",
        )
        self._live.start()

    def objective(self, name: str, direction: str) -> None:
        """Order the best trials by it."""
        with self._lock:
            self._sign = -1 if direction == "max" else 1

    def phase(self, text: str) -> None:
        """Show what the run does from now on."""
        with self._lock:
            self._phase = one_line(text)

    def message(self, text: str) -> None:
        """Show a line among the events."""
        with self._lock:
            self._events.append(one_line(text))

    def trial_started(self, worker: int, row: TrialRow, epochs: int) -> None:
        """Show a trial on the line of its worker."""
        with self._lock:
            self._workers[worker] = _Worker(row, epochs)

    def epoch_ended(
        self, worker: int, trial: str, epoch: int, score: float | None
    ) -> None:
        """Move the line of the worker on; a trial that is not its own is ignored."""
        with self._lock:
            state = self._workers.get(worker)
            if state is None or state.row.trial != trial:
                return
            state.epoch = epoch
            if is_number(score):
                state.scores.append(score)

    def trial_ended(self, row: TrialRow) -> None:
        """Free the worker's line; what did not complete becomes an event."""
        with self._lock:
            busy = {w: s for w, s in self._workers.items() if s.row.trial != row.trial}
            self._workers = busy
            self._ended[row.trial] = row
            if row.status != "completed":
                self._events.append(outcome(row))

    def close(self) -> None:
        """Draw once more and leave the terminal."""
        with self._lock:
            self._workers = {}
        self._live.stop()

    def _draw(self) -> RenderableType:
        with self._lock:
            lines = [
                self._state_line(),
                *self._worker_lines(),
                *self._top_lines(),
                *(Text(event, style="yellow") for event in self._events),
            ]
            if self._page:
                lines.append(Text(f"report  {self._page}", style="dim"))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*lines)

    def _state_line(self) -> Text:
        elapsed = self._now() - self._begin
        line = Text()
        if self._budget:
            filled = min(BAR_WIDTH, int(BAR_WIDTH * elapsed / self._budget))
            line.append("█" * filled, "green").append("░" * (BAR_WIDTH - filled), "dim")
            line.append(f" {clock(elapsed)} of {clock(self._budget)}  ")
        else:
            line.append(f"{clock(elapsed)}  ")
        line.append(self._phase, "bold")
        counts = Counter(row.status for row in self._ended.values())
        told = [f"{counts[name]} {name}" for name in STATUSES if counts[name]]
        return line.append("  " + ", ".join(told))

    def _worker_lines(self) -> list[Text]:
        workers = sorted(self._workers.items())
        lines = [_worker_line(name, state) for name, state in workers[:MOST_WORKERS]]
        if more := len(workers) - len(lines):
            lines[-1].append(f"  (and {more} more workers)", "dim")
        return lines

    def _top_lines(self) -> list[Text]:
        scored = [row for row in self._ended.values() if is_number(row.val_score)]

        def place(row: TrialRow) -> tuple[bool, float]:
            # Means over folds come first, as on the leaderboard.
            return not row.cross_validated, self._sign * (row.val_score or 0)

        best = sorted(scored, key=place)[:TOP]
        return [_top_line(number, row) for number, row in enumerate(best, start=1)]


def _worker_line(name: int, state: _Worker) -> Text:
    row = state.row
    line = Text(f"worker {name}  #{one_line(row.trial)} ")
    line.append(f"epoch {state.epoch}/{state.epochs} ")
    if state.scores:
        line.append(f"{sparkline(state.scores)} {score(state.scores[-1])} ", "cyan")
    return line.append(f"{size(row)}  {one_line(row.architecture)}", "dim")


def _top_line(place: int, row: TrialRow) -> Text:
    line = Text(f"{place:>2}. {score(row.val_score)}")
    if row.val_interval:
        half = (row.val_interval[1] - row.val_interval[0]) / 2
        line.append(f" \N{PLUS-MINUS SIGN}{half:.2g}", "dim")
    line.append(f"  #{one_line(row.trial)}  ")
    if row.status == "stopped":
        line.append("stopped  ", "yellow")
    line.append(f"{size(row)}  ")
    if is_number(row.latency_ms):
        line.append(f"{figure(row.latency_ms)} ms  ")
    return line.append(one_line(row.architecture), "dim")
