"""The page on the architecture is that of the source."""

from __future__ import annotations

import re
from pathlib import Path

from docs import draw_rooms as script

DOCS = Path(__file__).parents[1] / "docs"


def test_the_drawing_has_the_imports_of_today() -> None:
    """After a new import between rooms: `python docs/draw_rooms.py`."""
    assert script.PICTURE.read_text(encoding="utf-8") == script.draw() + "\n"


def test_rooms_import_only_rooms_below_them() -> None:
    rooms, pairs = script.layers(), script.imports()
    upward = [(a, b) for a, b in pairs if rooms.index(a) >= rooms.index(b)]
    assert upward == []
    assert ("automl.cli", "automl.api") in pairs
    assert {b for a, b in pairs if a == "automl_datasets"} == set()


def test_the_table_has_every_room_once_and_in_order() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The rooms")[2].partition("\n## ")[0]
    rooms = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert rooms == [room.removeprefix("automl.") for room in script.layers()]


def test_the_readme_of_the_reports_names_every_module() -> None:
    reports = DOCS.parent / "reports"
    readme = (reports / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in (reports / "automl_reports").glob("*.py")}
    assert [n for n in sorted(names - {"__init__.py"}) if n not in readme] == []


def test_every_module_belongs_to_a_room_of_the_contract() -> None:
    package = DOCS.parent / "automl"
    names = {p.stem for p in package.iterdir() if p.is_dir() or p.suffix == ".py"}
    rooms = {script.room_of(f"automl.{n}") for n in names - {"__init__", "__pycache__"}}
    assert rooms <= set(script.layers())
