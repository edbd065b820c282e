"""The time a search has."""

from __future__ import annotations

import time


class Clock:
    """Wall-clock time since the command began, and what is left of the budget.

    Attributes:
        budget_seconds: Time for everything; `None` for no limit.
        budget_since: Second of the run at which the budget was given: 0, or the end of
            the sessions before a further budget.
    """

    def __init__(
        self,
        budget_seconds: float | None,
        *,
        started: float | None = None,
        before_seconds: float = 0.0,
        budget_since: float = 0.0,
    ) -> None:
        """Start the clock.

        Args:
            budget_seconds: Time for everything, earlier sessions included.
            started: `time.monotonic()` when the command began; now by default.
            before_seconds: Time that earlier sessions of the run took.
            budget_since: Second of the run at which the budget was given.
        """
        self.budget_seconds = budget_seconds
        self.budget_since = budget_since
        self._started = time.monotonic() if started is None else started
        self._before_seconds = before_seconds

    def elapsed(self) -> float:
        """Return the seconds the run has taken, earlier sessions included."""
        return self._before_seconds + time.monotonic() - self._started

    def remaining(self) -> float:
        """Return the seconds left of the budget; infinite without one."""
        if self.budget_seconds is None:
            return float("inf")
        return self.budget_seconds - self.elapsed()
