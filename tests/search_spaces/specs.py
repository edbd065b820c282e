"""Data sets that the tests of this room pretend to have."""

from __future__ import annotations

from automl_datasets.spec import DataSpec

KINDS = {1: "series", 2: "image", 3: "volume"}


def make_spec(
    shape: tuple[int, ...], *, classes: int = 10, num_train: int = 1000
) -> DataSpec:
    """Return a specification of samples of `shape`, `(*space, channels)`."""
    rank, channels = len(shape) - 1, shape[-1]
    return DataSpec(
        kind=KINDS[rank],
        shape=shape,
        dtype="uint8" if rank == 2 else "float32",
        task="classification",
        classes=tuple(f"class {index}" for index in range(classes)),
        num_train=num_train,
        num_val=100,
        num_test=100,
        mean=tuple(100.0 + channel for channel in range(channels)),
        std=tuple(50.0 + channel for channel in range(channels)),
    )
