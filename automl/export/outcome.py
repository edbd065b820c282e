"""What came of an export that did not succeed."""

from __future__ import annotations

from dataclasses import dataclass


class ExportFailedError(RuntimeError):
    """An export that does not run, or does not predict what the model does."""


@dataclass(frozen=True)
class FailedExport:
    """A format that is not handed over.

    Attributes:
        format: Its name.
        reason: Why, in one sentence.
    """

    format: str
    reason: str
