"""How worker processes are started: forked from a process that has TensorFlow."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver

from automl.quiet import stderr_to

_PRELOAD = ["automl.workers.preload"]


def warm_up() -> None:
    """Let the fork server import TensorFlow while the caller does something else."""
    if start_method() == "forkserver":
        multiprocessing.set_forkserver_preload(_PRELOAD)
        with stderr_to():
            forkserver.ensure_running()


def start_method() -> str:
    """Return how processes start: from a fork server where there is one."""
    methods = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in methods else "spawn"


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Keep a worker from running the user's script again.

    A started process imports the main module of its parent; a script that calls
    `automl.search` at its top level would search in every worker.
    """
    main = sys.modules["__main__"]
    names = {name: getattr(main, name, None) for name in ("__file__", "__spec__")}
    for name in names:
        if hasattr(main, name):
            setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in names.items():
            if value is not None:
                setattr(main, name, value)
