"""Progress that nobody sees."""

from __future__ import annotations

from automl_reports.rows import TrialRow


class SilentProgress:
    """Writes nothing."""

    def phase(self, text: str) -> None:
        """Write nothing."""

    def objective(self, name: str, direction: str) -> None:
        """Write nothing."""

    def message(self, text: str) -> None:
        """Write nothing."""

    def trial_started(self, worker: int, row: TrialRow, epochs: int) -> None:
        """Write nothing."""

    def epoch_ended(
        self, worker: int, trial: str, epoch: int, score: float | None
    ) -> None:
        """Write nothing."""

    def trial_ended(self, row: TrialRow) -> None:
        """Write nothing."""

    def close(self) -> None:
        """Do nothing."""
