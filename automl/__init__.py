"""Search for the convolutional network that fits labelled data best.

Example:
    >>> import automl
    >>> [name for name in automl.__all__ if name.islower()]
    ['load_run', 'resume', 'search']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.errors import NoTrialSucceededError, RequestError
from automl_datasets.errors import DataError
from automl_search_spaces.errors import SpaceError

if TYPE_CHECKING:
    from automl.api import resume, search
    from automl.opened_run import Run, load_run

__all__ = [
    "DataError",
    "NoTrialSucceededError",
    "RequestError",
    "Run",
    "SpaceError",
    "load_run",
    "resume",
    "search",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the rest when it is first asked for: it brings TensorFlow along."""
    if name in ("Run", "load_run"):
        from automl import opened_run

        return getattr(opened_run, name)
    if name in ("resume", "search"):
        from automl import api

        return getattr(api, name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
