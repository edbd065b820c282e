"""TensorFlow's start-up chatter, kept from the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stderr_to(path: Path | str = os.devnull) -> Iterator[None]:
    """Send what native code and child processes write to standard error to a file.

    TensorFlow logs while it is being imported, before any log level is heeded.
    Exceptions are not affected: Python reports them after the block.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(target, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(target)


def quiet_libraries() -> None:
    """Ask TensorFlow for errors only; to be called before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
