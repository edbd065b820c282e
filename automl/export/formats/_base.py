"""What a format of the export is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import keras

    from automl_datasets.spec import DataSpec

#: From a batch of samples to numbers `(batch, outputs)`.
Predict = Callable[[Any], Any]


class ExportFormat(Protocol):
    """A format; a module of this package with these names satisfies it.

    Attributes:
        WITHOUT: Modules that a program with an export can do without, besides ours.
    """

    WITHOUT: tuple[str, ...]

    def write(self, network: keras.Model, spec: DataSpec, path: Path) -> None:
        """Write a network to a path, with its companion files (see `companions`).

        It goes from `(batch, *spec.shape)` to `(batch, outputs)`, and augments nothing.

        Raises:
            UnsupportedLayerError: If the format can't hold a layer.
        """
        ...

    def check(self, path: Path) -> None:
        """Refuse an export that could do more than compute when it is loaded.

        Raises:
            RequestError: If it could.
        """
        ...

    def load(self, path: str) -> Predict:
        """Return the function from prepared samples to probabilities, or values.

        Of a format that takes texts, samples are strings where the data is text.
        """
        ...


def named(name: str) -> ExportFormat:
    """Return the format of a name."""
    return cast("ExportFormat", import_module(f"{__package__}.{name}"))
