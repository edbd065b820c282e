"""What a benchmark found, a line of JSON each, so that it can be made in sittings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_rows(path: Path | None) -> list[dict[str, Any]]:
    """Return what earlier sittings found, but for a last line that was cut short."""
    if path is None or not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def keep_row(path: Path | None, row: dict[str, Any]) -> None:
    """Add a row for later sittings, if there is a file for them."""
    if path is not None:
        with path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")
