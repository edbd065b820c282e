"""A SavedModel of automl behind BentoML: needs `bentoml`, `tensorflow`, not automl.

MODEL=runs/mine/best/saved_model bentoml serve service:Classifier --port 3000
curl -F "files=@photo.png" http://127.0.0.1:3000/classify
"""

import os
from pathlib import Path

import bentoml
import tensorflow as tf


@bentoml.service(traffic={"timeout": 30})
class Classifier:
    """Answers with the class of each encoded file, and its probability."""

    def __init__(self) -> None:
        """Load the model that the environment variable MODEL names."""
        self.model = tf.saved_model.load(os.environ["MODEL"])

    @bentoml.api
    def classify(self, files: list[Path]) -> list[dict[str, str | float]]:
        """Return label and score of files such as PNG, JPEG or wav."""
        encoded = tf.constant([file.read_bytes() for file in files])
        outputs = self.model.signatures["serve_bytes"](bytes=encoded)
        labels, scores = outputs["label"].numpy(), outputs["score"].numpy()
        return [
            {"label": label.decode(), "score": float(score)}
            for label, score in zip(labels, scores, strict=True)
        ]
