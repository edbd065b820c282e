"""Predict with a `.keras` file and nothing but Keras; run as a script.

Arguments: the file, the test inputs (.npy, or .json with a list of texts), where to
write the predictions (.npy). Prints one JSON object.
"""

import json
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Whatever tries to import these fails: the export has to do without them.
    for ours in ("automl", "automl_datasets", "automl_reports", "automl_search_spaces"):
        sys.modules[ours] = None  # type: ignore[assignment]

import keras
import numpy as np

BATCH_SIZE = 256


def read(path: str) -> Any:
    """Return the inputs, one a row."""
    if path.endswith(".json"):
        texts = json.loads(Path(path).read_text(encoding="utf-8"))
        return keras.ops.convert_to_tensor(texts, dtype="string")
    return np.load(path, mmap_mode="r")


def main(model_path: str, inputs_path: str, output_path: str) -> None:
    """Predict every sample in order."""
    model = keras.saving.load_model(model_path, safe_mode=True, compile=False)
    inputs = read(inputs_path)
    batches = [
        model.predict_on_batch(inputs[i : i + BATCH_SIZE])
        for i in range(0, len(inputs), BATCH_SIZE)
    ]
    np.save(output_path, np.concatenate(batches))
    sys.stdout.write(json.dumps({}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
