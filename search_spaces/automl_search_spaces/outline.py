"""Networks as graphs alone, to be counted and thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

_PENDING = "uninitialized_variables"


@contextmanager
def without_weights() -> Iterator[None]:
    """Build models of which no weight is ever allocated.

    Keras keeps a list of the variables of a `StatelessScope` and gives them values
    at the end of it, or of the next one. They are taken off that list, which has no
    public name, so that nothing is allocated and nothing stays in memory.
    """
    known = len(global_state.get_global_attribute(_PENDING) or ())
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        del (global_state.get_global_attribute(_PENDING) or [])[known:]
