"""The runtimes of the formats that need more than what is always installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from automl.errors import RequestError

#: By format, the packages of the extra of the same name.
_PACKAGES = {
    "onnx": ("tf2onnx", "onnxruntime"),
    "litert": ("ai_edge_litert",),
}
_RUNTIMES = {"onnx": ("onnxruntime",), "litert": ("ai_edge_litert",)}


def require_export(formats: Iterable[str]) -> None:
    """Refuse formats whose converter or runtime is not installed.

    Raises:
        RequestError: If a package is missing.
    """
    for name in formats:
        _require(name, _PACKAGES.get(name, ()), "exporting to")


def require_runtime(name: str) -> None:
    """Refuse a model whose runtime is not installed.

    Raises:
        RequestError: If a package is missing.
    """
    _require(name, _RUNTIMES.get(name, ()), "using a model in")


def _require(name: str, packages: Iterable[str], purpose: str) -> None:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise RequestError(
            f"The package {missing[0]} is not installed, which {purpose} {name} needs; "
            f'run `pip install "conv-automl[{name}]"`.'
        )
