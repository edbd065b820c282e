"""The oldest dependencies that CI tries are the oldest that are promised."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_oldest_releases_are_the_floors_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    oldest = [line for line in lines if not line.startswith("#")]
    floors = [text.replace(">=", "==") for text in project["project"]["dependencies"]]
    assert oldest == floors
