"""The errors that a person can mend."""

from __future__ import annotations

import errno
import os


class RequestError(ValueError):
    """A request that can't be carried out; the message is one sentence."""


class UnsuitableRequestError(RequestError):
    """A request that the data rules out: nothing was trained, and nothing is kept."""


class NoTrialSucceededError(RuntimeError):
    """A search that ended without one usable model."""


def is_disk_full(reason: str) -> bool:
    """Whether a worker, or TensorFlow, says that the disk is full."""
    return any(os.strerror(code) in reason for code in (errno.ENOSPC, errno.EDQUOT))
