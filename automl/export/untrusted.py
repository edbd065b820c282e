"""Exports of strangers, looked through before anything of them is loaded.

Keras's safe mode and TensorFlow's loader execute no Python of a file, but both can be
led to other code: Keras by the names of modules in a configuration, TensorFlow by
operations that read and write files.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl.errors import RequestError

#: Layers of Keras that hold code, or a model of another framework.
_CODE_LAYERS = frozenset(
    {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper", "__lambda__"}
)

#: Parts of the names of operations that reach out of the graph.
_REACHING_OUT = (
    "CopyHost",
    "Dataset",
    "DebugIdentity",
    "DebugNumeric",
    "File",
    "ImportEvent",
    "LMDB",
    "LoadAndRemap",
    "LoadLibrary",
    "MergeV2Checkpoints",
    "Print",
    "PyFunc",
    "RPC",
    "Reader",
    "Recv",
    "Remote",
    "Restore",
    "Rpc",
    "Save",
    "Send",
    "Summary",
    "TPU",
    "XlaHost",
)
#: Functions that every SavedModel has for its variables; only the loader calls them.
_OF_THE_LOADER = ("__inference__traced_save", "__inference__traced_restore")


def check_keras_file(path: Path) -> None:
    """Refuse a `.keras` file that names anything but layers of Keras.

    Raises:
        RequestError: If it does, or is no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise RequestError(
            f"{path} can't be read as a .keras file ({error}); export it again."
        ) from error
    for module, name in _named_objects(config):
        ours = module == "keras" or module.startswith("keras.")
        if not ours or name in _CODE_LAYERS:
            raise RequestError(
                f"{path} asks for {module}.{name}, which could execute code; "
                "automl loads models of stock Keras layers only."
            )


def _named_objects(config: Any) -> Iterator[tuple[str, str]]:
    """Yield module and name of every object in a configuration."""
    if isinstance(config, dict):
        if "class_name" in config:
            module = config.get("module")
            if module is not None or config["class_name"] in _CODE_LAYERS:
                yield str(module or "keras"), str(config["class_name"])
        for value in config.values():
            yield from _named_objects(value)
    elif isinstance(config, list):
        for value in config:
            yield from _named_objects(value)


def check_savedmodel(path: Path) -> None:
    """Refuse a SavedModel with operations that reach files, the network or Python.

    Raises:
        RequestError: If it has one, or is no SavedModel.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString((path / "saved_model.pb").read_bytes())
    except DecodeError as error:
        raise RequestError(
            f"{path} can't be read as a SavedModel ({error}); export it again."
        ) from error
    for meta_graph in model.meta_graphs:
        if not meta_graph.HasField("object_graph_def"):
            raise RequestError(
                f"{path} is a SavedModel of TensorFlow 1, which runs its graph when it "
                "is loaded; automl loads those of TensorFlow 2."
            )
        for operation in _reaching_out(meta_graph.graph_def):
            raise RequestError(
                f"{path} holds the operation {operation}, which reaches out of the "
                "model; automl loads models that compute only."
            )


def _reaching_out(graph: Any) -> Iterator[str]:
    """Yield what a model could do beyond computing."""
    for function in graph.library.function:
        if function.signature.name.startswith(_OF_THE_LOADER):
            continue
        for node in function.node_def:
            if any(part in node.op for part in _REACHING_OUT):
                yield node.op
            for called in _functions_called(node):
                if called.startswith(_OF_THE_LOADER):
                    yield called


def _functions_called(node: Any) -> Iterator[str]:
    yield node.op
    for attribute in node.attr.values():
        yield attribute.func.name
        yield from (function.name for function in attribute.list.func)
