"""Draw docs/pictures/rooms.svg: which room imports which, from the source itself.

    python docs/draw_rooms.py

A test compares the picture with what this script would draw, so that it can't tell of
an architecture that has passed.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from automl_reports.svg import element, join

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "pictures" / "rooms.svg"
#: Each package, and the folder it lies in.
PACKAGES = {
    "automl": ".",
    "automl_datasets": "datasets",
    "automl_search_spaces": "search_spaces",
    "automl_reports": "reports",
}
CELL, LEFT, TOP = 22, 190, 130
STYLE = """
text { font: 13px sans-serif; fill: #222 }
.end { text-anchor: end } .page { fill: #fff } .grid { stroke: #ddd }
.self { fill: #eee } .wrong { fill: #c00 } .imports { fill: #2563a8 }
"""


def layers() -> list[str]:
    """Return the rooms from the top down, as import-linter's contract has them."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (contract,) = (c for c in contracts if c["type"] == "layers")
    names = [name for layer in contract["layers"] for name in layer.split(" | ")]
    # What stands beside `reporting` is the same room in several files.
    return [*dict.fromkeys(map(room_of, names)), "automl.errors"]


def imports() -> set[tuple[str, str]]:
    """Return every pair of a room and another that it imports, types included."""
    return {
        (room, imported)
        for package, folder in PACKAGES.items()
        for path in (ROOT / folder / package).rglob("*.py")
        for room in [room_of(_module(path, ROOT / folder))]
        for name in _imported(path)
        if name.partition(".")[0] in PACKAGES
        for imported in [room_of(name)]
        if imported != room
    }


def draw() -> str:
    """Return the picture: a row a room, a mark under each room that it imports."""
    rooms, pairs = layers(), imports()
    size, margin = CELL * len(rooms), 90  # margin: for names that lean out
    return str(
        element(
            "svg",
            element("style", Markup(STYLE)),
            element(
                "rect", width=LEFT + size + margin, height=TOP + size, class_="page"
            ),
            *(_lines(place, room, size) for place, room in enumerate(rooms)),
            *(_mark(rooms.index(a), rooms.index(b)) for a, b in sorted(pairs)),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {LEFT + size + margin} {TOP + size}",
            role="img",
            aria_label="Which room imports which",
        )
    )


def _module(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imported(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports, inside functions as well."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(name: str) -> str:
    """Return the room of a module, or of a name in one."""
    package, *rest = name.split(".")
    if package != "automl":
        return package
    first = rest[0] if rest else "api"  # automl/__init__.py is the public face of it
    if first.startswith("report"):
        return "automl.reporting"
    special = {"__main__": "cli"} | dict.fromkeys(
        ("quiet", "seeds", "user_file"), "errors"
    )
    return f"automl.{special.get(first, first)}"


def _lines(place: int, room: str, size: int) -> Markup:
    at = TOP + CELL * place
    across = LEFT + CELL * (place + 0.5) + 4
    name = room.removeprefix("automl.")
    turn = f"rotate(-60 {across:g} {TOP - 8})"
    cell = {"width": CELL, "height": CELL, "class_": "self"}
    return join(
        (
            element("text", name, x=LEFT - 8, y=at + 16, class_="end"),
            element("text", name, x=across, y=TOP - 8, transform=turn),
            element("line", x1=LEFT, x2=LEFT + size, y1=at, y2=at, class_="grid"),
            element("rect", x=LEFT + CELL * place, y=at, **cell),
        )
    )


def _mark(row: int, column: int) -> Markup:
    """Return the mark of an import; one that points up is marked as wrong."""
    kind = "imports" if column > row else "wrong"
    x, y = LEFT + CELL * (column + 0.5), TOP + CELL * (row + 0.5)
    return element("circle", cx=x, cy=y, r=6, class_=kind)


if __name__ == "__main__":
    PICTURE.write_text(draw() + "\n", encoding="utf-8")
