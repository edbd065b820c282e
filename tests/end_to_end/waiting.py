"""Waiting for what a command in another process does."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

LONGEST_SECONDS = 300.0


def wait_for(condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Return once something is so; fail if the command ends, or takes long, before."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert process.poll() is None, f"it ended before: {process.communicate()}"
        assert time.monotonic() < deadline, f"not so after {LONGEST_SECONDS:.0f} s"
        time.sleep(0.02)
