"""Tiny models of every kind and task, and the rules of fitting in plain numpy."""

import string
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl.export.verification import Reference
from automl.metrics.answers import Answers
from automl_datasets.spec import DataSpec

KINDS = ("image", "series", "audio", "text", "volume", "video")
TASKS = ("classification", "multilabel", "regression")
WORDS = ("film", "good", "bad", "naïve", "Ölig", "dont")
RATE = 4000
SHAPES = {
    "image": (9, 7, 3),
    "series": (12, 2),
    "audio": (40, 1),
    "text": (6, 1),
    "volume": (6, 5, 4, 1),
    "video": (4, 6, 5, 3),
}
DTYPES = {
    "image": "uint8",
    "series": "float32",
    "audio": "float32",
    "text": "int32",
    "volume": "uint16",
    "video": "uint8",
}
# Spatial sizes of raw inputs: smaller, equal, larger, and mixed.
SIZES: dict[str, list[tuple[int, ...]]] = {
    "image": [(9, 7)],
    "series": [(1,), (5,), (12,), (30,)],
    "audio": [(3,), (40,), (41,), (97,)],
    "volume": [(6, 5, 4), (3, 2, 1), (9, 10, 11), (2, 8, 4), (7, 4, 9)],
    "video": [(4, 6, 5), (1, 6, 5), (11, 6, 5), (6, 6, 5), (8, 6, 5)],
}
RECORDS: dict[str, dict[str, Any]] = {
    "image": {},
    "series": {"length": 12},
    "audio": {"sample_rate": RATE, "samples": 40},
    "text": {
        "vocabulary": list(WORDS),
        "split": "whitespace",
        "standardize": "lower_and_strip_punctuation",
        "tokens": 6,
    },
    "volume": {"spacing": None, "window": None},
    "video": {"frames": 4},
}


def spec_of(kind: str, task: str, **changes: object) -> DataSpec:
    shape = SHAPES[kind]
    channels = shape[-1]
    values: dict[str, object] = {
        "kind": kind,
        "shape": shape,
        "dtype": DTYPES[kind],
        "task": task,
        "classes": () if task == "regression" else ("a <b>", "ä", "=1+1"),
        "num_train": 10,
        "num_val": 4,
        "num_test": 4,
        "mean": (0.5,) * channels,
        "std": (2.0,) * channels,
        "targets": ("age", "weight") if task == "regression" else (),
        "target_mean": (40.0, 7e4) if task == "regression" else (),
        "target_std": (12.0, 9e3) if task == "regression" else (),
        "missing": kind == "series",
        "preprocessing": RECORDS[kind],
    }
    return DataSpec(**{**values, **changes})  # type: ignore[arg-type]


def reference_of(
    file: Path, inputs: np.ndarray, expected: np.ndarray, spec: DataSpec
) -> Reference:
    """Write test inputs, and return them with answers that `expected` gets right."""
    np.save(file, inputs)
    targets = expected.argmax(axis=1) if spec.task == "classification" else expected
    if spec.task == "multilabel":
        targets = (expected >= 0.5).astype(np.float32)
    return Reference(file, expected, Answers.of(spec, targets))


def network_of(spec: DataSpec) -> keras.Model:
    """Return a network of the kind and task, with weights that are not symmetric."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    normal = keras.initializers.RandomNormal(stddev=2.0)
    dtype = "int32" if spec.kind == "text" else "float32"
    inputs = x = keras.Input(spec.shape, dtype=dtype)
    if spec.kind == "text":
        x = layers.Reshape(spec.shape[:1])(x)
        x = layers.Embedding(len(WORDS) + 2, 5, embeddings_initializer=normal)(x)
        x = layers.LSTM(6)(x)
    else:
        if spec.missing:
            x = keras.ops.where(keras.ops.isnan(x), -3.0, x)
        scale = {"uint8": 255.0, "uint16": 65535.0}.get(spec.dtype, 1.0)
        x = layers.Rescaling(1 / scale)(layers.Flatten()(x))
        x = layers.Dense(6, activation="tanh")(x)
    if spec.task == "regression":
        x = layers.Dense(2)(x)
        x = layers.Rescaling(list(spec.target_std), list(spec.target_mean))(x)
    else:
        activation = "softmax" if spec.task == "classification" else "sigmoid"
        x = layers.Dense(3, activation=activation)(x)
    return keras.Model(inputs, x)


def raw_inputs(spec: DataSpec, size: tuple[int, ...], *, count: int = 3) -> np.ndarray:
    """Return unfitted samples of one size."""
    generator = np.random.default_rng(sum(size))
    shape = (count, *size, spec.channels)
    if spec.dtype == "float32":
        values = generator.uniform(-1, 1, shape).astype(np.float32)
        if spec.missing:
            values[:, :1, :1] = np.nan
        return values
    high = np.iinfo(spec.dtype).max
    return generator.integers(1, high, shape).astype(spec.dtype)


def fitted(sample: np.ndarray, spec: DataSpec) -> np.ndarray:
    """Return a sample in the shape of the spec, by the written rules."""
    if spec.kind == "series":
        return _padded_end(sample[: spec.shape[0]], spec, np.nan)
    if spec.kind == "audio":
        start = max(len(sample) - spec.shape[0], 0) // 2
        return _padded_end(sample[start : start + spec.shape[0]], spec, 0.0)
    if spec.kind == "volume":
        return _centred(sample, spec)
    if spec.kind == "video":
        count, last = spec.shape[0], len(sample) - 1
        return sample[[round(i * last / (count - 1)) for i in range(count)]]
    return sample


def _padded_end(sample: np.ndarray, spec: DataSpec, value: float) -> np.ndarray:
    result = np.full(spec.shape, value, np.float32)
    result[: len(sample)] = sample
    return result


def _centred(sample: np.ndarray, spec: DataSpec) -> np.ndarray:
    result = np.full(spec.shape, sample.min(), sample.dtype)
    source, target = [], []
    for have, want in zip(sample.shape[:3], spec.shape[:3], strict=True):
        keep = min(have, want)
        first, place = (have - keep) // 2, (want - keep) // 2
        source.append(slice(first, first + keep))
        target.append(slice(place, place + keep))
    result[tuple(target)] = sample[tuple(source)]
    return result


def indices_of(text: str, spec: DataSpec) -> np.ndarray:
    """Return what TextVectorization makes of a text, `(tokens, 1)`."""
    lower = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
    plain = text.translate(lower).translate({ord(c): None for c in string.punctuation})
    split = spec.preprocessing["split"]
    tokens = plain.split() if split == "whitespace" else list(plain)
    vocabulary = list(spec.preprocessing["vocabulary"])
    found = [vocabulary.index(t) + 2 if t in vocabulary else 1 for t in tokens]
    result = np.zeros(spec.shape, np.int32)
    result[: len(found), 0] = found[: spec.shape[0]]
    return result
