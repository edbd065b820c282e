"""What came of an export that did not succeed."""

from __future__ import annotations

from dataclasses import dataclass


class ExportFailedError(RuntimeError):
    """An export that does not run, or does not predict what the model does."""


class PrecisionError(ExportFailedError):
    """An export in a precision that loses too much of the score."""


@dataclass(frozen=True)
class FailedExport:
    """A format that is not handed over.

    Attributes:
        format: Its name.
        reason: Why, in one sentence.
        limited: Whether that is the format's or the precision's limit, no fault of
            ours: another choice may do.
    """

    format: str
    reason: str
    limited: bool = False
