"""Data sets that the tests of this room pretend to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl_datasets.spec import DataSpec
from automl_datasets.vocabulary import STANDARDIZE

KINDS = {1: "series", 2: "image", 3: "volume"}

#: Small inputs for published networks, by rank.
SHAPES = {1: (64, 2), 2: (32, 8, 3), 3: (16, 8, 8, 1)}

#: One small data set of each kind: shape, dtype, missing values, preprocessing.
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "image": {"shape": (12, 12, 3)},
    "series": {"shape": (30, 2), "missing": True},
    "audio": {"shape": (2000, 1), "preprocessing": {"sample_rate": 4000}},
    "text": {
        "shape": (11, 1),
        "preprocessing": {
            "vocabulary": [f"word{i}" for i in range(50)],
            "split": "whitespace",
            "standardize": STANDARDIZE,
            "tokens": 11,
        },
    },
    "volume": {"shape": (8, 9, 10, 1), "preprocessing": {"window": [60.0, 200.0]}},
    "video": {"shape": (6, 12, 12, 1)},
}
DTYPES = {"image": "uint8", "video": "uint8", "text": "int32"}


def make_spec(
    shape: tuple[int, ...],
    *,
    classes: int = 10,
    num_train: int = 1000,
    kind: str | None = None,
    task: str = "classification",
    **changes: Any,
) -> DataSpec:
    """Return a specification of samples of `shape`, `(*space, channels)`."""
    kind = kind or KINDS[len(shape) - 1]
    channels = shape[-1]
    names = tuple(f"class {index}" for index in range(classes))
    regression = task == "regression"
    settings: dict[str, Any] = {
        "kind": kind,
        "shape": shape,
        "dtype": DTYPES.get(kind, "float32"),
        "task": task,
        "classes": () if regression else names,
        "num_train": num_train,
        "num_val": 100,
        "num_test": 100,
        "mean": tuple(100.0 + channel for channel in range(channels)),
        "std": tuple(50.0 + channel for channel in range(channels)),
    }
    if regression:
        settings |= {
            "targets": ("height", "weight"),
            "target_mean": (1000.0, -2.0),
            "target_std": (200.0, 0.5),
        }
    return DataSpec(**{**settings, **changes})


def make_example(kind: str, task: str = "classification", **changes: Any) -> DataSpec:
    """Return the example of a kind for a task, of four classes or two targets."""
    changes = {"classes": 4, "num_train": 32, **changes}
    return make_spec(kind=kind, task=task, **EXAMPLES[kind], **changes)


def learnable(spec: DataSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return 32 samples of four groups that differ in a pattern, and their targets.

    Series end in missing values of different number; texts end in padding.
    """
    generator = np.random.default_rng(0)
    groups = np.arange(32) % 4
    if spec.kind == "text":
        x = _texts(spec, groups, generator)
    else:
        patterns = generator.uniform(0, 255, (4, *spec.shape))
        noise = generator.uniform(0, 60, (32, *spec.shape))
        x = np.clip(patterns[groups] * 0.8 + noise, 0, 255)
        if spec.kind == "audio":
            x = np.sin(np.arange(spec.shape[0])[:, None] * (0.1 + 0.5 * x[:, :1, :]))
        if spec.missing:
            for row, length in enumerate(generator.integers(20, 31, 32)):
                x[row, length:] = np.nan
        x = x.astype(spec.dtype)
    return x, _targets(spec, groups)


def _texts(
    spec: DataSpec, groups: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    x = generator.integers(2, 52, (32, *spec.shape))
    x[:, 2, 0] = 2 + groups
    for row, length in enumerate(generator.integers(4, spec.shape[0], 32)):
        x[row, length:] = 0
    return x.astype("int32")


def _targets(spec: DataSpec, groups: np.ndarray) -> np.ndarray:
    if spec.task == "classification":
        return groups
    if spec.task == "multilabel":
        bits = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]])
        return np.asarray(bits[groups], "float32")
    mean, std = np.array(spec.target_mean), np.array(spec.target_std)
    steps = np.stack([groups - 1.5, 1.5 - groups], axis=1)
    return np.asarray(mean + std * steps, "float32")
