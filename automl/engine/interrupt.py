"""Ctrl-C: once ends the search in order, twice at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """Whether the user asked to stop.

    Attributes:
        requested: Set by the first Ctrl-C (or SIGTERM).
    """

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.requested = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note the first signal; raise at the second."""
        del number, frame
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def listening() -> Iterator[Interrupt]:
    """Handle Ctrl-C and SIGTERM until the block ends; elsewhere than in the main
    thread, where Python allows no handlers, nothing is handled.
    """  # noqa: D205
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupt.handle) for number in signals}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
