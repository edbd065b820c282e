"""The page on the architecture is that of the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import draw_rooms as script

DOCS = Path(__file__).parents[1] / "docs"


def test_the_drawing_has_the_imports_of_today() -> None:
    """After a new import between rooms: `python docs/draw_rooms.py`."""
    assert script.PICTURE.read_text(encoding="utf-8") == script.draw() + "\n"


def test_rooms_import_only_rooms_below_them() -> None:
    rooms, pairs = script.layers(), script.imports()
    upward = [(a, b) for a, b in pairs if rooms.index(a) >= rooms.index(b)]
    assert upward == []
    assert ("automl.cli", "automl.searching") in pairs
    assert {b for a, b in pairs if a == "automl_datasets"} == set()


def test_the_table_has_every_room_once_and_in_order() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The rooms")[2].partition("\n## ")[0]
    rooms = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert rooms == [room.removeprefix("automl.") for room in script.layers()]


@pytest.mark.parametrize("room", ["datasets", "search_spaces", "reports"])
def test_the_readme_of_a_room_names_every_module(room: str) -> None:
    folder = DOCS.parent / room
    readme = (folder / "README.md").read_text(encoding="utf-8")
    named = {word for code in re.findall(r"`([^`]+)`", readme) for word in words(code)}
    modules = {path.stem for path in (folder / f"automl_{room}").glob("*.py")}
    assert sorted(modules - {"__init__"} - named) == []


def words(code: str) -> list[str]:
    return re.findall(r"\w+", code)


def test_every_module_belongs_to_a_room_of_the_contract() -> None:
    package = DOCS.parent / "automl"
    names = {p.stem for p in package.iterdir() if p.is_dir() or p.suffix == ".py"}
    rooms = {script.room_of(f"automl.{n}") for n in names - {"__init__", "__pycache__"}}
    assert rooms <= set(script.layers())
