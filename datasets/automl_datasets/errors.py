"""The one error that a user's data can cause."""

from __future__ import annotations


class DataError(ValueError):
    """Data cannot be read or used; the message is one sentence for the user."""
