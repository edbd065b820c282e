"""The small files that go with every export: names of its outputs, and the data."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from automl.errors import RequestError
from automl_datasets.spec import DataSpec

LABELS_FILE = "labels.txt"
DATA_FILE = "data.json"


def companion_files(spec: DataSpec) -> dict[str, str]:
    """Return the text of each companion file by name.

    `labels.txt` has one class, label or target name a line, in the order of the
    outputs; `data.json` is the `DataSpec`, from which inputs are read as the training
    read them.
    """
    names = spec.classes or spec.targets
    labels = "".join(" ".join(name.splitlines()) + "\n" for name in names)
    return {LABELS_FILE: labels, DATA_FILE: json.dumps(spec.to_json())}


def read_spec(path: Path) -> DataSpec:
    """Return the data that an export was trained on.

    Args:
        path: A SavedModel folder or a `.keras` file.

    Raises:
        RequestError: If it was not exported by this tool.
    """
    try:
        if path.is_dir():
            text = (path / "assets" / DATA_FILE).read_text(encoding="utf-8")
        else:
            with zipfile.ZipFile(path) as archive:
                text = archive.read(DATA_FILE).decode()
    except (KeyError, FileNotFoundError) as error:
        raise RequestError(
            f"{path} holds no {DATA_FILE}, so it was not exported by automl; "
            "give one that was."
        ) from error
    try:
        return DataSpec.from_json(json.loads(text))
    except (ValueError, TypeError, AttributeError) as error:
        raise RequestError(
            f"The {DATA_FILE} of {path} can't be read ({error}); "
            "export the model again."
        ) from error
