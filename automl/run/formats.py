"""The formats of the export by name, known without loading a library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format that a model can be handed over in.

    How it is written and used says the module of its name in `automl.export.formats`.

    Attributes:
        name: What `--export` calls it.
        file: What its file or folder is called.
        writing: Packages that writing it needs beyond those that are always installed;
            the extra of its name brings them.
        using: Packages that a model in it needs beyond those.
        takes_texts: Whether it takes texts as strings; else as indices of words.
    """

    name: str
    file: str
    writing: tuple[str, ...] = ()
    using: tuple[str, ...] = ()
    takes_texts: bool = False


FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("savedmodel", "saved_model", takes_texts=True),
        Format("keras", "model.keras", takes_texts=True),
        Format("onnx", "model.onnx", ("tf2onnx", "onnxruntime"), ("onnxruntime",)),
        Format("litert", "model.tflite", ("ai_edge_litert",), ("ai_edge_litert",)),
    )
}
