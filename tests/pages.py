"""Code on pages of the documentation, put where the page says that it belongs.

A fenced block with a title is a file: a new one, or, where its language is `diff`, the
change of one that is there. Hunks of a change are apart by a line of `@@`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "extending"
#: The source roots, each with its package.
SOURCES = {
    ".": "automl",
    "datasets": "automl_datasets",
    "reports": "automl_reports",
    "search_spaces": "automl_search_spaces",
}
_TITLED = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.DOTALL | re.MULTILINE)


class File(NamedTuple):
    """A titled block: its language, the path it is for, what it holds."""

    language: str
    path: str
    text: str


def files_of(page: str) -> Iterator[File]:
    """Yield the titled blocks of a page in `docs/extending`."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for found in _TITLED.finditer(text):
        yield File(*found.groups())


def follow(page: str, checkout: Path) -> None:
    """Do in a checkout what a page says: write its files, make its changes."""
    for file in files_of(page):
        target = checkout / file.path
        if file.language != "diff":
            assert not target.exists(), f"{page}: {file.path} is there already"
            target.write_text(file.text, encoding="utf-8")
            continue
        text = target.read_text(encoding="utf-8")
        target.write_text(changed(text, file.text), encoding="utf-8")


def changed(text: str, difference: str) -> str:
    """Return a text after a change; what is to be changed occurs exactly once."""
    for hunk in difference.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"occurs {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    return text


def copy_sources(checkout: Path) -> None:
    """Copy the packages; time stamps stay, and with them what is compiled."""
    for folder, package in SOURCES.items():
        shutil.copytree(ROOT / folder / package, checkout / folder / package)
