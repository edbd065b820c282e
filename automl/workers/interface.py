"""What the search needs of wherever its trials run."""

from __future__ import annotations

from typing import Protocol

from automl.workers.messages import Event, Job

POLL_SECONDS = 1.0


class Workers(Protocol):
    """Workers, known by number; they may come and go while a search runs.

    Nothing a job does raises here: a crash, a kill, a limit that was passed and an
    exception all come out of `wait` as `Broke`.
    """

    @property
    def training_bytes(self) -> int:
        """Bytes that a training step may take in any one of the workers."""

    def idle(self) -> list[int]:
        """Return the workers that have no job."""

    def busy(self) -> list[int]:
        """Return the workers that have a job."""

    def submit(self, worker: int, job: Job) -> None:
        """Give an idle worker a job."""

    def answer(self, worker: int, reply: object) -> None:
        """Answer what `Asked` brought."""

    def request_stop(self, worker: int, *, grace_seconds: float) -> None:
        """Ask a job to end at the next good moment, and kill it after the grace."""

    def wait(self, timeout: float = POLL_SECONDS) -> list[Event]:
        """Return what happened, at the latest after `timeout` seconds."""

    def close(self) -> None:
        """End every worker, whatever it does."""
