"""What passes between a worker process and the pool that watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STOP = "stop"


@dataclass(frozen=True)
class Job:
    """One call to be made in a worker.

    Attributes:
        function: Importable function of `(argument, channel)`.
        argument: Anything that can be pickled.
        time_limit_seconds: The worker is killed when the call takes longer.
    """

    function: Callable[[Any, Any], Any]
    argument: Any
    time_limit_seconds: float


@dataclass(frozen=True)
class Said:
    """A running job told something."""

    worker: int
    message: Any


@dataclass(frozen=True)
class Asked:
    """A running job waits for `WorkerPool.answer`."""

    worker: int
    message: Any


@dataclass(frozen=True)
class Ended:
    """A job returned."""

    worker: int
    result: Any


@dataclass(frozen=True)
class Broke:
    """A job did not return.

    Attributes:
        worker: Where it ran.
        reason: Why, in a few words.
        skipped: Whether it was refused rather than failed.
        details: Traceback, where there is one.
        timed_out: Whether it was killed because its time was over.
    """

    worker: int
    reason: str
    skipped: bool = False
    details: str = ""
    timed_out: bool = False


Event = Said | Asked | Ended | Broke
