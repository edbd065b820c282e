"""What came of an export that did not succeed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ExportFailedError(RuntimeError):
    """An export that does not run, or does not predict what the model does."""


class PrecisionError(ExportFailedError):
    """An export in a precision that loses too much of the score."""


class NothingExportedError(ExportFailedError):
    """A search that is finished, and has its model in no format.

    Attributes:
        limited: Whether that is the limit of formats or precisions, no fault of ours.
    """

    def __init__(self, sentence: str, *, limited: bool) -> None:
        """Say what failed, and how to export the model nevertheless."""
        super().__init__(sentence)
        self.limited = limited


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


def gravest(failed: Iterable[FailedExport]) -> FailedExport:
    """Return the first fault of ours, or if there is none the first limit."""
    return min(failed, key=lambda failure: failure.limited)
