"""The page of options is what the parsers say, and its examples are taken by them."""

from __future__ import annotations

import shlex

import click
import pytest

from automl.cli import cli
from docs import write_options as script


def test_the_page_is_what_the_script_writes() -> None:
    """After a change of an option: `python docs/write_options.py`."""
    assert script.PAGE.read_text(encoding="utf-8") == script.page()


def parsed(command: str, line: str) -> dict[str, object]:
    """Return what a command's parser takes from a line, without running it."""
    return cli.commands[command].make_context(command, shlex.split(line)).params


def usual(command: str, given: str) -> str:
    """Return what a command can't do without, but for what is given."""
    required = ""
    for parameter in cli.commands[command].params:
        if parameter.required and parameter.opts[0] not in given:
            is_option = isinstance(parameter, click.Option)
            required += f" {parameter.opts[0]} x" if is_option else " x"
    return required


@pytest.mark.parametrize("command", cli.commands)
def test_every_option_has_an_example_that_sets_it(command: str) -> None:
    _, name, *rest = shlex.split(script.NOTES[command]["example"])
    assert name == command
    parsed(command, shlex.join(rest))
    for option in cli.commands[command].params:
        if not isinstance(option, click.Option) or option.is_flag:
            continue
        example = script.option_notes(command, option.opts[0])["example"]
        assert option.opts[0] in example
        assert option.metavar
        values = parsed(command, usual(command, example) + " " + example)
        assert values[option.name or ""] not in (option.default, None)


def test_notes_are_of_options_that_exist() -> None:
    assert set(script.NOTES) == set(cli.commands)
    for command, notes in script.NOTES.items():
        names = {p.opts[0] for p in cli.commands[command].params}
        assert set(notes) - {"example"} <= names, command


def test_a_usage_says_what_may_be_left_out_and_which_words_there_are() -> None:
    page = script.page()
    assert "Usage: `automl spaces [list|show] [NAME] [OPTIONS]`" in page
    assert "Usage: `automl predict MODEL INPUTS... [OPTIONS]`" in page
