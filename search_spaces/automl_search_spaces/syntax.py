"""TOML and YAML files whose values know their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automl_search_spaces.errors import SpaceError

#: Keys from the top of a file to a value.
KeyPath = tuple[str, ...]


class _Loader(yaml.SafeLoader):
    """The safe loader, to which 1e-4 is a number as it is in YAML 1.2."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"),
    list("-+0123456789"),
)


@dataclass(frozen=True)
class Document:
    """What a file holds.

    Attributes:
        path: The file.
        values: Its values.
        lines: Line of each key, from 1.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def place(self, key: KeyPath) -> str:
        """Return file and line of a key, or of the nearest that is above it."""
        while key and key not in self.lines:
            key = key[:-1]
        line = self.lines.get(key)
        return f"{self.path}, line {line}" if line else str(self.path)


def read_document(path: Path) -> Document:
    """Return what a TOML or YAML file holds.

    Raises:
        SpaceError: If it can't be read, or holds something else than a table.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpaceError(
            f"There is no search space file {path}; check the path."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpaceError(f"{path} can't be read: {error}.") from error
    read = _read_toml if path.suffix.lower() == ".toml" else _read_yaml
    values, lines = read(path, text)
    if not isinstance(values, Mapping):
        raise SpaceError(
            f"{path} must be a table with `space` and `dimensions`, but is {values!r}."
        )
    return Document(path, values, lines)


def _read_toml(path: Path, text: str) -> tuple[Any, dict[KeyPath, int]]:
    try:
        return tomllib.loads(text), _toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"^(.*) \(at (?:line (\d+)|end)", str(error))
        reason, line = (found[1], found[2]) if found else (str(error), None)
        line = line or str(text.count("\n") + 1)
        raise SpaceError(f"{path}, line {line}: {reason}; correct the TOML.") from error


def _toml_lines(text: str) -> dict[KeyPath, int]:
    """Return the line of each table and key; `tomllib` does not tell them."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"' -]+?)\s*=", line)
        if header:
            table = _keys(header[1])
            lines.setdefault(table, number)
        elif key:
            lines.setdefault((*table, *_keys(key[1])), number)
    return lines


def _keys(dotted: str) -> KeyPath:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _read_yaml(path: Path, text: str) -> tuple[Any, dict[KeyPath, int]]:
    try:
        tree = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise SpaceError(f"{place}: {error.problem}; correct the YAML.") from error
    except yaml.YAMLError as error:
        raise SpaceError(f"{path} is not YAML: {error}.") from error
    return ({} if values is None else values), _yaml_lines(tree, ())


def _yaml_lines(node: Any, key: KeyPath) -> dict[KeyPath, int]:
    """Return the line of each key."""
    lines: dict[KeyPath, int] = {}
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = (*key, str(name.value))
            lines[inner] = name.start_mark.line + 1
            lines.update(_yaml_lines(value, inner))
    return lines
