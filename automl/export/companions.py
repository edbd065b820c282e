"""The small files that go with every export: class names, and the data."""

from __future__ import annotations

import json

from automl_datasets.spec import DataSpec

LABELS_FILE = "labels.txt"
DATA_FILE = "data.json"


def companion_files(spec: DataSpec) -> dict[str, str]:
    """Return the text of each companion file by name.

    `labels.txt` has one class name a line, in order of index; `data.json` is the
    `DataSpec`, from which inputs are read as the training read them.
    """
    labels = "".join(" ".join(name.splitlines()) + "\n" for name in spec.classes)
    return {LABELS_FILE: labels, DATA_FILE: json.dumps(spec.to_json())}
