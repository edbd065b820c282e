"""Loading a Keras file that somebody else may have made."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from automl_search_spaces.errors import SpaceError

#: Layers that run code of their own, or read other files, when they are loaded.
_REFUSED = frozenset(
    {
        "FlaxLayer",
        "IntegerLookup",
        "JaxLayer",
        "Lambda",
        "StringLookup",
        "TFSMLayer",
        "TextVectorization",
        "TorchModuleWrapper",
        "__lambda__",
        "function",
    }
)


def load_keras_file(path: Path) -> keras.Model:
    """Return the model of a `.keras` file, not compiled; nothing in it is executed.

    The description is looked through before Keras sees it, and Keras loads in its
    safe mode.

    Args:
        path: The file.

    Raises:
        SpaceError: If it is no such file, or has layers other than Keras's own.
    """
    if not path.is_file():
        raise SpaceError(f"There is no file {path} to start from; check the path.")
    _refuse_foreign_code(path, _description(path))
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
        raise SpaceError(
            f"{path} can't be loaded ({reason}); save the model again as .keras."
        ) from error


def _description(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SpaceError(
            f"{path} is not a Keras 3 file; save the model by "
            "`model.save('name.keras')`."
        ) from error


def _refuse_foreign_code(path: Path, description: Any) -> None:
    for module, name in _objects(description):
        stock = module is None or module == "keras" or module.startswith("keras.")
        if not stock or name in _REFUSED:
            raise SpaceError(
                f"{path} has the layer or object {name!r} of {module or 'its own'}, "
                "which could run code when it is loaded; give a model of stock Keras "
                "layers without Lambda."
            )


def _objects(value: Any) -> Iterator[tuple[str | None, str]]:
    """Yield module and class of everything that loading would make."""
    if isinstance(value, dict):
        if isinstance(value.get("class_name"), str):
            yield value.get("module"), value["class_name"]
        for key, item in value.items():
            if key != "compile_config":
                yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
