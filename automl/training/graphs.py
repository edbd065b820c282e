"""What TensorFlow keeps of the functions that were traced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tensorflow.python.framework.ops import gradient_registry


@contextmanager
def gradients_forgotten() -> Iterator[None]:
    """Trace a function of which no gradient is asked once it is traced.

    For every custom gradient in it, as that of `silu`, TensorFlow registers a function
    for good, which keeps all of the graph: some megabytes a model.
    """
    registered = gradient_registry._registry
    known = set(registered)
    try:
        yield
    finally:
        for name in registered.keys() - known:
            del registered[name]
