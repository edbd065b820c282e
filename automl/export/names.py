"""What an export's files and tensors are called; known without loading a library."""

from __future__ import annotations

from collections.abc import Mapping

from automl.run.formats import FORMATS

#: By format, the name of its file or folder.
FILES: Mapping[str, str] = {name: entry.file for name, entry in FORMATS.items()}

#: The input of every signature.
INPUT = "inputs"


def output_name(task: str) -> str:
    """Return the name of the output of a task, as in the SavedModel."""
    return "value" if task == "regression" else "probabilities"
