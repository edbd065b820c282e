"""Running a Python file that the user named: a search space, or a strategy."""

from __future__ import annotations

import importlib.util
import traceback
from pathlib import Path
from types import ModuleType


def run_file(path: Path, name: str) -> ModuleType:
    """Run a file and return it as a module.

    Args:
        path: An existing file.
        name: What the module is called.

    Raises:
        ImportError: If it is no Python file.
        Exception: Whatever the file raises.
    """
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise ImportError("it must be a Python file")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def fault_of_file(path: Path, error: BaseException) -> str:
    """Return on which line of a user's file something failed, and why."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).resolve() == path.resolve():
            line = frame.lineno
    place = f"{path}, line {line}" if line else str(path)
    reason = error.msg if isinstance(error, SyntaxError) else str(error)
    first = (reason or "no message").strip().splitlines()[0]
    return f"{place}: {type(error).__name__}: {first}"
