"""Search for the convolutional network that fits labelled data best.

Example:
    >>> import automl
    >>> [name for name in automl.__all__ if name.islower()]
    ['load_run', 'resume', 'search']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from automl.errors import NoTrialSucceededError, RequestError
from automl.export.outcome import ExportFailedError, NothingExportedError
from automl_datasets.errors import DataError
from automl_search_spaces.errors import SpaceError

if TYPE_CHECKING:
    from automl.api import resume, search
    from automl.opened_run import Run, load_run
    from automl.tracking.callback import Callback

__all__ = [
    "Callback",
    "DataError",
    "ExportFailedError",
    "NoTrialSucceededError",
    "NothingExportedError",
    "RequestError",
    "Run",
    "SpaceError",
    "load_run",
    "resume",
    "search",
]
__version__ = "0.1.0"


_LATER = {
    "Callback": "automl.tracking.callback",
    "Run": "automl.opened_run",
    "load_run": "automl.opened_run",
    "resume": "automl.api",
    "search": "automl.api",
}


def __getattr__(name: str) -> Any:
    """Import the rest when it is first asked for: it brings TensorFlow along."""
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
