"""Predict with a `.keras` file and nothing but Keras; run as a script.

Arguments: the file, the test inputs (.npy), where to write the probabilities (.npy).
Prints one JSON object.
"""

import json
import sys

if __name__ == "__main__":
    # Whatever tries to import it fails: the export has to do without it.
    sys.modules["automl"] = None  # type: ignore[assignment]

import keras
import numpy as np

BATCH_SIZE = 256


def main(model_path: str, inputs_path: str, output_path: str) -> None:
    """Predict every sample in order."""
    model = keras.saving.load_model(model_path, safe_mode=True, compile=False)
    inputs = np.load(inputs_path, mmap_mode="r")
    batches = [
        model.predict_on_batch(np.asarray(inputs[i : i + BATCH_SIZE]))
        for i in range(0, len(inputs), BATCH_SIZE)
    ]
    np.save(output_path, np.concatenate(batches))
    sys.stdout.write(json.dumps({}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
