"""Linear algebra on one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which matrices are worked on by the calling thread alone.

    Those of a search are so small that threads bring nothing, and cost ten times the
    processor time beside workers that keep the cores busy.
    """
    limiter: AbstractContextManager[Any] = _controller().limit(
        limits=1, user_api="blas"
    )
    return limiter


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
