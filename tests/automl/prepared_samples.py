"""Comparing prepared data with the samples that it was made of."""

import numpy as np

from automl_datasets.preparation import PreparedData

COUNT = 60


def all_inputs(data: PreparedData) -> np.ndarray:
    return np.concatenate([data.split(s).inputs for s in ("train", "val", "test")])


def same_samples(data: PreparedData, inputs: np.ndarray) -> bool:
    """Whether the same samples are there, in whatever order."""
    found = sorted(sample.tobytes() for sample in all_inputs(data))
    return found == sorted(np.ascontiguousarray(x).tobytes() for x in inputs)
