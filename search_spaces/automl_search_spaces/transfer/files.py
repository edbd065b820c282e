"""Loading a Keras file that somebody else may have made."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import keras

from automl_search_spaces.errors import SpaceError

#: Layers that hold code, or a model of another framework.
CODE_LAYERS = frozenset(
    {
        "FlaxLayer",
        "JaxLayer",
        "Lambda",
        "TFSMLayer",
        "TorchModuleWrapper",
        "__lambda__",
        "function",
    }
)

#: Layers that may read other files when they are loaded; no trunk needs them.
_READING = frozenset({"IntegerLookup", "StringLookup", "TextVectorization"})


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
    found = foreign_object(path, CODE_LAYERS | _READING)
    if found:
        raise SpaceError(
            f"{path} has the layer or object {found}, which could run code when it is "
            "loaded; give a model of stock Keras layers without Lambda."
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
        raise SpaceError(
            f"{path} can't be loaded ({reason}); save the model again as .keras."
        ) from error


def foreign_object(path: Path, refused: Collection[str]) -> str:
    """Return what a `.keras` file would make besides layers of Keras; empty if nothing.

    Args:
        path: The file.
        refused: Names of Keras's own layers that are not wanted either.

    Raises:
        SpaceError: If it is no such file.
    """
    for module, name in _objects(_description(path)):
        stock = module is None or module == "keras" or module.startswith("keras.")
        if not stock or name in refused:
            return f"{module or 'keras'}.{name}"
    return ""


def _description(path: Path) -> Any:
    """Return what the file describes, but for how the whole of it was compiled.

    That is not read by a load without compiling; what nested models say of it is.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            described = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SpaceError(
            f"{path} is not a Keras 3 file; save the model by "
            "`model.save('name.keras')`."
        ) from error
    if isinstance(described, dict):
        described.pop("compile_config", None)
    return described


def _objects(value: Any) -> Iterator[tuple[str | None, str]]:
    """Yield module and class of everything that loading would make."""
    if isinstance(value, dict):
        if isinstance(value.get("class_name"), str):
            module = value.get("module")
            yield None if module is None else str(module), value["class_name"]
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
