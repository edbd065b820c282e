"""The small files that go with every export: names of its outputs, and the data."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from automl.errors import RequestError
from automl.export.runtimes import require_runtime
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
        path: A SavedModel folder, or a `.keras`, `.onnx` or `.tflite` file.

    Raises:
        RequestError: If it was not exported by this tool.
    """
    try:
        text = _read_data(path)
    except (KeyError, FileNotFoundError, zipfile.BadZipFile) as error:
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


def _read_data(path: Path) -> str:
    if path.is_dir():
        return (path / "assets" / DATA_FILE).read_text(encoding="utf-8")
    if path.suffix == ".onnx" and not zipfile.is_zipfile(path):
        return _onnx_metadata(path)[DATA_FILE]
    # A .keras file is an archive; a .tflite file has one behind the model.
    with zipfile.ZipFile(path) as archive:
        return archive.read(DATA_FILE).decode()


def _onnx_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of an ONNX file.

    Raises:
        RequestError: If it is none.
    """
    require_runtime("onnx")
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own have no common base
        raise RequestError(
            f"{path} can't be read as ONNX ({str(error).splitlines()[0]}); "
            "export the model again."
        ) from error
    metadata: dict[str, str] = session.get_modelmeta().custom_metadata_map
    return metadata
