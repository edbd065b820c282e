"""Search for the convolutional network that fits labelled data best.

Example:
    >>> import automl
    >>> sorted(automl.__all__)
    ['RequestError', 'Run', 'load_run', 'search']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.errors import RequestError

if TYPE_CHECKING:
    from automl.api import Run, load_run, search

__all__ = ["RequestError", "Run", "load_run", "search"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the rest when it is first asked for: it brings TensorFlow along."""
    if name in ("Run", "load_run", "search"):
        from automl import api

        return getattr(api, name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
