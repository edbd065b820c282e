"""A pool for tests of what the search does with trainings that break off."""

from typing import Any

from automl.workers.messages import Event


class OneWorker:
    """A pool whose only worker does what was written down.

    Attributes:
        events: What is left to happen.
        submitted: The arguments of everything that it was given to do.
    """

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.submitted: list[tuple[Any, ...]] = []
        self._busy = False

    def idle(self) -> list[int]:
        return [] if self._busy else [0]

    def busy(self) -> list[int]:
        return [0] if self._busy else []

    def wait(self) -> list[Event]:
        self._busy = False
        return [self.events.pop(0)]

    def request_stop(self, worker: int, *, grace_seconds: float) -> None:
        """Do what is left to happen."""

    def submit(self, *arguments: Any, **options: Any) -> None:
        self.submitted.append(arguments)
        self._busy = True
