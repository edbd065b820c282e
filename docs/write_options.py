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
standard output, progress and remarks to standard error.

[From Python](python.md) the options of `automl search` have the same names.

## Exit codes

| code | |
|---|---|
| 0 | done |
| 1 | a fault of ours |
| 2 | a bad request, data that can't be used, or a format that can't hold the model |
| 3 | no trial succeeded |
| 130 | interrupted; what was done is kept |

A format can't hold every network, and a precision may lose too much of the score. A
search of which at least one format was exported ends with 0; the others are told on
standard error, in the report, and in `failed_exports` below. Where none was exported,
or `automl export` could not write one that it was asked for, the code is 2 if all that
failed is such a limit, and 1 if anything else went wrong. Too little memory or disk is
a 2 as well.

## JSON

What `--json` prints is public: a field keeps its name and its meaning, and new ones may
come.

`search` and `resume` print one object, also where no trial succeeded or no format could
be exported:

- `run`: the folder of the run.
- `best`: `trial`, `architecture`, `val_score`, `test_score`, `params`, `macs`,
  `size_mb` and `latency_ms` of the recommended trial; `null` where there is none. Of an
  ensemble that is handed over, `trial` is `ensemble`, which `export --trial` takes too.
- `trials`: how many are `completed`, `stopped`, `failed` and `skipped`.
- `seconds`: what it took, earlier sessions included.
- `objective`: such as `val_accuracy`, or `val_accuracy,latency_ms`.
- `failed_exports`: the reason by format; only where one failed.
- `ensemble`: `exported` (whether it is handed over), `single` (the trial that it was
  compared with), `members` (weights by trial), `gain`, `gain_interval`, `test_score`;
  only with `--ensemble`.

`predict` prints one object a line, each with `file`; a classifier adds `label`, `score`
and `probabilities` (by class), a multi-label model `labels` and `probabilities`, a
regression `values` (by target).

`evaluate` prints `objective`, `score`, `interval`, `samples`, `skipped` (pairs of name
and reason), `seen` (how many samples the search had trained or chosen with), and each
metric of the task under its own name, such as `accuracy`.

`inspect` prints `source`, `why`, `kind`, `rank`, `shape`, `dtype`, `task`, `classes`,
`targets`, `samples` (by split), `splits` (of each class, by split), `sizes` (`min`,
`median` and `max`, or `null`), `notes`, `problems` and `skipped`.

`spaces list` prints `spaces` (what each is) and `landmarks` (the parameters that their
authors state, or `null`). `spaces show` prints `space`, `shape`, `kind` and
`dimensions`, each with `name`, `values`, `default` and `condition`; of a shipped space
also `architectures` and `trainings` (how many, `null` for infinitely many),
`landmarks`, and of a `sample` of so many random networks the `cheapest`, `median` and
`dearest`, each with `architecture`, `params` and `macs`.
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
    words = [*map(_word, arguments), *(["[OPTIONS]"] if options else [])]
    usage = " ".join(["automl", name, *words])
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


def _word(argument: click.Argument) -> str:
    """Return what stands for an argument in a usage; brackets: it may be left out."""
    word = argument.human_readable_name.upper()
    if isinstance(argument.type, click.Choice):
        word = "|".join(argument.type.choices)
    word += "..." if argument.nargs < 0 else ""
    return word if argument.required else f"[{word}]"


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
