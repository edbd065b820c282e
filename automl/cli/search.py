"""`automl search` and `automl resume`."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.errors import RequestError
from automl.metrics.catalog import OBJECTIVES
from automl.run.objectives import COSTS, STRATEGIES
from automl.run.request import (
    DEFAULT_FORMATS,
    FORMATS,
    QUANTIZATIONS,
    SearchRequest,
    parse_duration,
)
from automl_datasets.spec import KINDS, TASKS

if TYPE_CHECKING:
    from automl.api import Run
    from automl_reports.rows import RunReport

_DEFAULT_BUDGET = "10m"
_EXIT_INTERRUPTED = 130


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
    if match is None or not int(match[1]):
        raise RequestError(
            f"--image-size must be a height and a width in pixels, such as 64 or "
            f"48x64, but got {text!r}."
        )
    return int(match[1]), int(match[2] or match[1])


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--quiet", is_flag=True, help="No progress.")(command)
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as one JSON object."
    )(command)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a person overrules what is seen in the data."""
    for option in reversed(
        (
            click.option("--test-data", help="Test split kept elsewhere."),
            click.option("--target", help="Column or columns that hold the answer."),
            click.option("--group", help="Column that names patient, speaker, scan."),
            click.option("--task", default="auto", help=_choices("auto", *TASKS)),
            click.option("--kind", default="auto", help=_choices("auto", *KINDS)),
            click.option(
                "--image-size", help="Size images are resized to: 64 or 48x64."
            ),
        )
    ):
        command = option(command)
    return command


def _choices(*names: str) -> str:
    return f"One of {', '.join(names)}."


@click.command()
@click.option("--data", required=True, help="Folder or file of labelled data.")
@data_options
@click.option(
    "--split", default="stratified", help="Missing splits: stratified or by time."
)
@click.option("--space", default="auto", help="Search space; see `automl spaces`.")
@click.option("--pretrained", help="Network to start from: FILE.keras or a name.")
@click.option(
    "--strategy",
    default="auto",
    help=_choices(*STRATEGIES) + " Or your own, FILE.py:NAME.",
)
@click.option(
    "--objective",
    help=_choices(*OBJECTIVES) + " By default, as the task. For the front of score and "
    f"cost, add one or two of {', '.join(COSTS)}: val_accuracy,latency_ms.",
)
@click.option("--budget", help="Time for everything: 90s, 10m, 2h.")
@click.option("--trials", type=int, help="Most trials.")
@click.option("--epochs", type=int, help="Epochs of a full training.")
@click.option("--folds", type=int, help="Cross-validate the shortlist, for small data.")
@click.option("--ensemble", type=int, help="Average up to so many, if it pays.")
@click.option("--workers", default="auto", help="Worker processes, or auto.")
@click.option("--cluster", help="Ray cluster to run them on: HOST:PORT, or auto.")
@click.option("--max-params", type=int, help="Most parameters.")
@click.option("--max-macs", type=int, help="Most multiply-accumulates.")
@click.option("--max-size", type=float, help="Largest size of the weights, in MB.")
@click.option("--max-latency", type=float, help="Largest median latency, in ms.")
@click.option("--seed", type=int, default=0, help="Seed of everything random.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option(
    "--export",
    default=",".join(DEFAULT_FORMATS),
    help=f"Formats of the export, among {', '.join(FORMATS)}.",
)
@click.option(
    "--quantize", default="none", help=_choices(*QUANTIZATIONS) + " LiteRT's."
)
@click.option(
    "--track", multiple=True, help="Log to tensorboard[:DIR], mlflow[:URI]; repeatable."
)
@_output_options
@click.pass_context
def search(context: click.Context, /, **options: Any) -> int:
    """Search, report, export: from data to a model, in one command."""
    from automl.api import run_folder
    from automl.api import search as run_search

    quiet, as_json, out = (options.pop(n) for n in ("quiet", "as_json", "out"))
    request = _request(options)
    budget = request.budget_seconds
    if budget is None and request.trials is None:
        click.echo(
            f"No --budget or --trials: searching for {_DEFAULT_BUDGET}.", err=True
        )
        budget = parse_duration(_DEFAULT_BUDGET)
    values = {k: v for k, v in vars(request).items() if k != "budget_seconds"}
    with _progress(quiet, budget, run_folder(request.data, out)) as progress:
        run = run_search(
            values.pop("data"),
            out=out,
            budget=budget,
            progress=progress,
            command="automl " + shlex.join(sys.argv[1:]),
            started=context.obj["started"],
            **values,
        )
    return _print_result(run, as_json=as_json)


def _request(options: dict[str, Any]) -> SearchRequest:
    """Return the request; every fault of it is found before anything is imported."""
    workers, budget = options.pop("workers"), options.pop("budget")
    if workers != "auto" and not workers.isdigit():
        raise RequestError(
            f"--workers must be auto or a number above zero, but got {workers!r}."
        )
    return SearchRequest(
        workers=None if workers == "auto" else int(workers),
        budget_seconds=parse_duration(budget) if budget else None,
        image_size=parse_image_size(options.pop("image_size")),
        max_size_mb=options.pop("max_size"),
        max_latency_ms=options.pop("max_latency"),
        export=tuple(name.strip() for name in options.pop("export").split(",")),
        **options,
    )


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--budget", help="Further time: 90s, 10m, 2h.")
@click.option("--trials", type=int, help="Trials in all.")
@_output_options
@click.pass_context
def resume(
    context: click.Context,
    run: Path,
    budget: str | None,
    trials: int | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Go on with a run after a stop or a crash, or search it further."""
    from automl.api import resume as resume_search

    seconds = parse_duration(budget) if budget else None
    with _progress(quiet, seconds, run) as progress:
        resumed = resume_search(
            run,
            budget=seconds,
            trials=trials,
            progress=progress,
            started=context.obj["started"],
        )
    return _print_result(resumed, as_json=as_json)


def _progress(quiet: bool, budget: float | None, run: Path) -> Any:
    from contextlib import closing

    from automl_reports.terminal import make_progress

    progress = make_progress(
        sys.stderr,
        quiet=quiet,
        budget_seconds=budget,
        page=str(run / "leaderboard.html"),
    )
    return closing(progress)


def _print_result(run: Run, *, as_json: bool) -> int:
    """Print what came of it and return the exit code.

    A further format that can't be handed over is told on standard error, in the JSON
    object and in the report; the run has a model and is done, so that the code is 0.
    """
    report = run.rows
    for name, reason in report.failed_exports:
        click.echo(f"Not exported as {name}: {reason}", err=True)
    if as_json:
        click.echo(json.dumps(_result(run)))
    else:
        from automl_reports.terminal import final_lines

        click.echo("\n".join(final_lines(report, run.path)))
    if report.state == "interrupted":
        click.echo(f"Go on with: automl resume {shlex.quote(str(run.path))}", err=True)
        return _EXIT_INTERRUPTED
    return 0


def _result(run: Run) -> dict[str, Any]:
    """Return the fields that scripts rely on, and more where there is more to tell."""
    report = run.rows
    best = report.recommended
    fields = (
        "trial",
        "architecture",
        "val_score",
        "test_score",
        "params",
        "macs",
        "size_mb",
        "latency_ms",
    )
    statuses = [row.status for row in report.trials]
    counted = ("completed", "stopped", "failed", "skipped")
    return {
        "run": str(run.path),
        "best": {name: getattr(best, name) for name in fields} if best else None,
        "trials": {name: statuses.count(name) for name in counted},
        "seconds": round(report.seconds, 1),
        "objective": ",".join((report.objective, *run.costs)),
        **_further(report),
    }


def _further(report: RunReport) -> dict[str, Any]:
    from automl_reports.leaderboard import ensemble_summary

    failed, ensemble = dict(report.failed_exports), ensemble_summary(report)
    more = {"failed_exports": failed, "ensemble": ensemble}
    return {name: value for name, value in more.items() if value}
