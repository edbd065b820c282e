"""The runtimes of the formats that need more than what is always installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from automl.errors import RequestError
from automl.run.formats import FORMATS


def require_export(formats: Iterable[str]) -> None:
    """Refuse formats whose converter or runtime is not installed.

    Raises:
        RequestError: If a package is missing.
    """
    for name in formats:
        _require(name, FORMATS[name].writing, "exporting to")


def require_runtime(name: str) -> None:
    """Refuse a model whose runtime is not installed.

    Raises:
        RequestError: If a package is missing.
    """
    _require(name, FORMATS[name].using, "using a model in")


def _require(name: str, packages: Iterable[str], purpose: str) -> None:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise RequestError(
            f"The package {missing[0]} is not installed, which {purpose} {name} needs; "
            f'run `pip install "conv-automl[{name}]"`.'
        )
