"""Exports of strangers, looked through before anything of them is loaded.

Keras's safe mode and TensorFlow's loader execute no Python of a file, but both can be
led to other code: Keras by the names of modules in a configuration, TensorFlow by
operations that read and write files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.transfer.files import CODE_LAYERS, foreign_object

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


def check_keras_file(path: Path) -> None:
    """Refuse a `.keras` file that names anything but layers of Keras.

    Raises:
        RequestError: If it does, or is no such file.
    """
    try:
        found = foreign_object(path, CODE_LAYERS)
    except SpaceError as error:
        raise RequestError(str(error)) from error
    if found:
        raise RequestError(
            f"{path} asks for {found}, which could execute code; automl loads models "
            "of stock Keras layers only."
        )


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
        for operation in _reaching_out(meta_graph):
            raise RequestError(
                f"{path} holds the operation {operation}, which reaches out of the "
                "model; automl loads models that compute only."
            )


def _reaching_out(meta_graph: Any) -> Iterator[str]:
    """Yield operations beyond computing that loading or calling the model could reach.

    Other functions, such as those that save its variables, lie there unused.
    """
    library = {f.signature.name: f for f in meta_graph.graph_def.library.function}
    waiting = list(_callable_functions(meta_graph.object_graph_def))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in library:
            continue
        seen.add(name)
        for node in library[name].node_def:
            if any(part in node.op for part in _REACHING_OUT):
                yield node.op
            waiting += _functions_called(node)


def _callable_functions(objects: Any) -> Iterator[str]:
    """Yield the functions that objects of the model give access to, or load with."""
    yield from objects.concrete_functions
    for node in objects.nodes:
        yield from node.function.concrete_functions
        yield node.bare_concrete_function.concrete_function_name


def _functions_called(node: Any) -> Iterator[str]:
    yield node.op
    for attribute in node.attr.values():
        yield attribute.func.name
        yield from (function.name for function in attribute.list.func)
