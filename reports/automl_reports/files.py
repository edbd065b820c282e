"""The report's files, each replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

from automl_reports import markdown
from automl_reports.leaderboard import to_csv, to_json
from automl_reports.page import render
from automl_reports.rows import RunReport


def write_reports(report: RunReport, directory: Path) -> None:
    """Write `leaderboard.csv`, `.json`, `.md` and `.html`.

    A reader, or a kill at any moment, finds the old file or the new one, never half.

    Args:
        report: The run.
        directory: An existing folder.

    Raises:
        OSError: If the folder is missing, full or read-only.
    """
    write_text(directory / "leaderboard.csv", to_csv(report))
    write_text(directory / "leaderboard.json", to_json(report))
    write_text(directory / "leaderboard.md", markdown.render(report))
    write_text(directory / "leaderboard.html", render(report))


def write_text(path: Path, text: str) -> None:
    r"""Replace the content of `path` atomically, in UTF-8.

    Names of files that are no valid Unicode keep their escapes (`\\udcff`).
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
