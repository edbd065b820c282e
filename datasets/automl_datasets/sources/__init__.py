"""Kinds of source, one module each; `registry` knows them all.

What they have in common is here. The registry is not, so that whoever needs one source,
such as a process that reads files for another, imports that one alone.
"""

from __future__ import annotations

from automl_datasets.samples import (
    Layout,
    Plan,
    PlanDeviation,
    Reader,
    Reading,
    Sample,
    Scan,
)
from automl_datasets.sources._base import Source

__all__ = [
    "Layout",
    "Plan",
    "PlanDeviation",
    "Reader",
    "Reading",
    "Sample",
    "Scan",
    "Source",
]
