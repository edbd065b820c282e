"""Write docs/options.md: every option of every command, from the parsers themselves.

    python docs/write_options.py

What the parsers can't tell, such as an example, stands in options_notes.toml. A test
compares the page with what this script would write.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from automl.cli import cli

PAGE = Path(__file__).with_name("options.md")
NOTES = tomllib.loads(PAGE.with_name("options_notes.toml").read_text(encoding="utf-8"))
SHARED = "search"  # whose notes hold for options of the same name elsewhere

HEAD = """\
# Options

Every command and every option, as `automl COMMAND --help` has them. This page is
written by `docs/write_options.py` from the same parsers.

`automl --version` says the version. `--debug`, anywhere on the line, shows a traceback
when something fails. `-h` is `--help`. What a command prints as its result goes to
standard output, progress and remarks to standard error. Exit codes are 0 (done), 1 (a
fault of ours), 2 (a bad request, or data that can't be used), 3 (no trial succeeded)
and 130 (interrupted).

From Python the options of `automl search` have the same names:
`automl.search("images/", budget="30m", max_params=100_000)`. What is several values
here may be a tuple there, as in `export=("onnx", "litert")` and `image_size=(48, 64)`.
"""


def page() -> str:
    """Return the page."""
    commands = (_command(name, cli.commands[name]) for name in cli.commands)
    return "\n".join([HEAD, *commands])


def option_notes(command: str, option: str) -> dict[str, Any]:
    """Return what the notes say of an option; of one without any, nothing."""
    notes: dict[str, Any] = NOTES[command].get(option) or NOTES[SHARED].get(option, {})
    return notes


def _command(name: str, command: click.Command) -> str:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    words = [
        f"{a.human_readable_name.upper()}{'...' * (a.nargs < 0)}" for a in arguments
    ]
    usage = " ".join(["automl", name, *words, *(["[OPTIONS]"] if options else [])])
    lines = [
        f"## automl {name}",
        "",
        _paragraphs(inspect.cleandoc(command.help or "")),
        "",
        "```console",
        f"$ {NOTES[name]['example']}",
        "```",
        "",
        f"Usage: `{usage}`",
        "",
    ]
    return "\n".join([*lines, *_table(name, options)])


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _table(command: str, options: list[click.Option]) -> Iterator[str]:
    if not options:
        return
    yield "| option | meaning | default | example |"
    yield "|---|---|---|---|"
    for option in options:
        cells = _cells(command, option)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _cells(command: str, option: click.Option) -> tuple[str, str, str, str]:
    """Return what is told of one option: its name and values, and the columns."""
    name = option.opts[0]
    notes = option_notes(command, name)
    values = "" if option.is_flag else f" {option.metavar}"
    meaning = (option.help or "").partition("  [default:")[0]
    more = [notes["more"]] if "more" in notes else []
    example = notes.get("example", name if option.is_flag else "")
    return (
        f"`{name}{values}`",
        " ".join([meaning, *more]),
        _default(option, notes),
        f"`{example}`",
    )


def _default(option: click.Option, notes: dict[str, Any]) -> str:
    """Return the default in words; of what the parser leaves open, the notes' own."""
    if option.required or option.is_flag:
        return "required" if option.required else "off"
    if isinstance(option.default, str | int | float):
        return f"`{option.default}`"
    words: str = notes["default"]
    return words


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
