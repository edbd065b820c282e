"""What passes between a worker and whoever gives it work."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STOP = "stop"
ALIVE = "alive"


@dataclass(frozen=True)
class Job:
    """One call to be made in a worker.

    Attributes:
        function: Importable function of `(argument, channel)`.
        argument: Anything that can be pickled.
        time_limit_seconds: The worker is killed when the call takes longer.
        trains: Whether it trains, which GPUs do in mixed precision.
        silence_limit_seconds: The worker is killed when the call gives no sign of life
            for longer: it tells or asks nothing, not even whether it is to stop.
    """

    function: Callable[[Any, Any], Any]
    argument: Any
    time_limit_seconds: float
    trains: bool = False
    silence_limit_seconds: float = math.inf


@dataclass(frozen=True)
class Said:
    """A running job told something."""

    worker: int
    message: Any


@dataclass(frozen=True)
class Asked:
    """A running job waits for `Workers.answer`."""

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
        lost: Whether the worker went, through no fault of the job that can be seen:
            somebody killed it, or its machine left.
        out_of_memory: Whether the device had too little memory for it.
        unfit: Whether no job can do anything on its machine, where the data can't be
            written.
    """

    worker: int
    reason: str
    skipped: bool = False
    details: str = ""
    timed_out: bool = False
    lost: bool = False
    out_of_memory: bool = False
    unfit: bool = False


Event = Said | Asked | Ended | Broke
