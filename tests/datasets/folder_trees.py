"""Folders of tiny images, and what inspecting them says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from automl_datasets.inspection import Inspection, inspect
from automl_datasets.options import DataOptions
from automl_datasets.sources import Scan
from automl_datasets.survey import survey
from tests.datasets.forms import write_png


def write_tree(root: Path, folders: Sequence[str], count: int = 4) -> Path:
    """Write so many images into each folder, all with other pixels."""
    for place, folder in enumerate(folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            write_png(root / folder / f"{i}.png", 100 * place + i)
    return root


def inspected(path: Path) -> Inspection:
    return inspect(DataOptions(str(path)))


def scanned(path: Path) -> Scan:
    return survey(DataOptions(str(path))).scan


def splits_of(path: Path) -> dict[str, str | None]:
    """Return the split that each sample is declared to be of."""
    return {sample.name: sample.split for sample in scanned(path).samples}


def note_with(words: str, notes: Sequence[str]) -> str:
    """Return the only note that holds some words."""
    (note,) = [note for note in notes if words in note]
    return note
