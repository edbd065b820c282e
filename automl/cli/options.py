"""Options that several commands share, and how what they take is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from automl.errors import RequestError
from automl_datasets.spec import KINDS, TASKS


def parse_image_size(text: str | None) -> tuple[int, int] | None:
    """Return height and width from `64` or `48x64`.

    Raises:
        RequestError: If the text has another form.

    Example:
        >>> parse_image_size("48x64")
        (48, 64)
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)(?:x(\d+))?", text.strip())
    if match is None or not int(match[1]) or not int(match[2] or match[1]):
        raise RequestError(
            f"--image-size must be a height and a width in pixels, such as 64 or "
            f"48x64, but got {text!r}."
        )
    return int(match[1]), int(match[2] or match[1])


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a person overrules what is seen in the data."""
    for option in reversed(
        (
            click.option(
                "--test-data", metavar="PATH", help="Test split that is kept elsewhere."
            ),
            click.option(
                "--target",
                metavar="COLUMN[,COLUMN]",
                multiple=True,
                callback=joined,
                help="Column or columns that hold the answer.",
            ),
            click.option(
                "--group",
                metavar="COLUMN",
                help="Column that names the patient, speaker or scan of a sample.",
            ),
            click.option(
                "--task",
                default="auto",
                metavar="TASK",
                help=f"What is predicted: {one_of('auto', *TASKS)}.",
            ),
            click.option(
                "--kind",
                default="auto",
                metavar="KIND",
                help=f"What a sample is: {one_of('auto', *KINDS)}.",
            ),
            click.option(
                "--image-size",
                metavar="N|HxW",
                help="Height and width that images are resized to, in pixels.",
            ),
        )
    ):
        command = option(command)
    return command


split_option = click.option(
    "--split",
    default="stratified",
    metavar="HOW",
    help="How missing splits are made: stratified or time.",
)
seed_option = click.option(
    "--seed", type=int, default=0, metavar="N", help="Seed of everything random."
)


def joined(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> str | None:
    """Return what was given once or more often as one text, commas between."""
    return ",".join(values) or None


def one_of(*names: str) -> str:
    """Return names as a list that a sentence can hold.

    Example:
        >>> one_of("none", "float16", "int8")
        'none, float16 or int8'
    """
    return f"{', '.join(names[:-1])} or {names[-1]}"
