"""`automl search` and `automl resume`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.cli.options import (
    data_options,
    one_of,
    parse_image_size,
    seed_option,
    split_option,
)
from automl.errors import NoTrialSucceededError, RequestError
from automl.export.outcome import NothingExportedError
from automl.metrics.catalog import OBJECTIVES
from automl.run.checks import QUANTIZATIONS
from automl.run.formats import FORMATS
from automl.run.objectives import COSTS, STRATEGIES
from automl.run.request import (
    DEFAULT_BUDGET,
    DEFAULT_FORMATS,
    SearchRequest,
    names_of,
    seconds_of,
)

if TYPE_CHECKING:
    from automl.opened_run import Run
    from automl_reports.rows import RunReport

_EXIT_INTERRUPTED = 130


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--quiet", is_flag=True, help="Show no progress.")(command)
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as one JSON object."
    )(command)


@click.command()
@click.option(
    "--data", metavar="PATH", required=True, help="Folder or file of labelled data."
)
@data_options
@split_option
@click.option(
    "--space",
    default="auto",
    metavar="NAME|FILE",
    help="Search space: one of `automl spaces`, or a TOML, YAML or Python file.",
)
@click.option(
    "--pretrained",
    metavar="NAME|FILE",
    help="Network to start from in place of a space: one of keras.applications, or a "
    ".keras file.",
)
@click.option(
    "--strategy",
    default="auto",
    metavar="NAME|FILE.py:NAME",
    help=f"What is tried next: {one_of(*STRATEGIES)}, or an oracle of your own.",
)
@click.option(
    "--objective",
    metavar="SCORE[,COST]",
    help=f"What is searched for: {one_of(*OBJECTIVES)}. For the front of score and "
    f"cost, add one or two of {', '.join(COSTS)}.",
)
@click.option(
    "--budget",
    metavar="TIME",
    help="Time for everything, exports too: 90s, 10m, 2h.  "
    f"[default: {DEFAULT_BUDGET}, without --trials]",
)
@click.option("--trials", type=int, metavar="N", help="Most networks to try.")
@click.option("--epochs", type=int, metavar="N", help="Epochs of a full training.")
@click.option(
    "--folds",
    type=int,
    metavar="K",
    help="Folds to cross-validate the best networks with; 1 does not.",
)
@click.option(
    "--ensemble",
    type=int,
    metavar="K",
    help="Average the predictions of up to so many networks, if it pays.",
)
@click.option(
    "--workers", default="auto", metavar="N", help="Worker processes, or auto."
)
@click.option(
    "--cluster",
    metavar="HOST:PORT",
    help="Ray cluster to run the workers on; auto is the one this machine belongs to.",
)
@click.option("--max-params", type=int, metavar="N", help="Most parameters.")
@click.option(
    "--max-macs", type=int, metavar="N", help="Most multiply-accumulates of a sample."
)
@click.option(
    "--max-size",
    type=float,
    metavar="MB",
    help="Largest size of the weights, as float32.",
)
@click.option(
    "--max-latency",
    type=float,
    metavar="MS",
    help="Longest that a prediction of one sample may take here, as a median.",
)
@seed_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of the run; one that holds a run is refused.  "
    "[default: runs/NAME-OF-DATA]",
)
@click.option(
    "--export",
    default=",".join(DEFAULT_FORMATS),
    metavar="FORMATS",
    help=f"Formats of the export, among {', '.join(FORMATS)}; these and no others.",
)
@click.option(
    "--quantize",
    default="none",
    metavar="HOW",
    help=f"How LiteRT files keep their weights: {one_of(*QUANTIZATIONS)}; needs litert "
    "among the formats.",
)
@click.option(
    "--track",
    multiple=True,
    metavar="WHAT[:WHERE]",
    help="Log to tensorboard[:FOLDER] or mlflow[:URI]; may be given more than once.",
)
@_output_options
@click.pass_context
def search(context: click.Context, /, **options: Any) -> int:
    """Search, report, export: from data to a model, in one command."""
    quiet, as_json, out = (options.pop(n) for n in ("quiet", "as_json", "out"))
    request = request_of(options)
    from automl.searching import run_folder, start_search

    folder = run_folder(request.data, out)
    with _result_first(folder, as_json=as_json):
        run = start_search(
            request.data,
            request,
            folder,
            quiet=quiet,
            command="automl " + shlex.join(sys.argv[1:]),
            started=context.obj["started"],
        )
    return _print_result(run, as_json=as_json)


def request_of(options: dict[str, Any]) -> SearchRequest:
    """Return the request; every fault of it is found before anything is imported."""
    return SearchRequest(
        workers=_worker_count(options.pop("workers")),
        budget_seconds=seconds_of(options.pop("budget")),
        image_size=parse_image_size(options.pop("image_size")),
        max_size_mb=options.pop("max_size"),
        max_latency_ms=options.pop("max_latency"),
        export=names_of(options.pop("export")),
        **options,
    )


def _worker_count(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal():
        raise RequestError(
            f"--workers must be auto or a number above zero, but got {text!r}."
        )
    return int(text)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--budget", metavar="TIME", help="Further time for everything: 90s, 10m, 2h."
)
@click.option(
    "--trials", type=int, metavar="N", help="Most networks to try, earlier ones too."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes, if not as many as before.",
)
@click.option(
    "--cluster",
    metavar="HOST:PORT",
    help="Another Ray cluster to run the workers on; none is this machine alone.",
)
@_output_options
@click.pass_context
def resume(
    context: click.Context,
    run: Path,
    budget: str | None,
    trials: int | None,
    workers: int | None,
    cluster: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Go on with a run after a stop or a crash, or search it further.

    It goes on with the options in the run's record. A Python file that the record names
    is executed.
    """
    seconds = seconds_of(budget)
    from automl.resuming import Further, go_on

    with _result_first(run, as_json=as_json):
        resumed = go_on(
            run,
            Further(seconds, trials, workers, cluster),
            quiet=quiet,
            started=context.obj["started"],
        )
    return _print_result(resumed, as_json=as_json)


@contextmanager
def _result_first(run: Path, *, as_json: bool) -> Iterator[None]:
    """Print what came of a search that ends without a model, before that is said."""
    try:
        yield
    except (NoTrialSucceededError, NothingExportedError):
        from automl.opened_run import load_run

        _print_result(load_run(run), as_json=as_json)
        raise


def _print_result(run: Run, *, as_json: bool) -> int:
    """Print what came of it and return the exit code.

    A further format that can't be handed over is told on standard error, in the JSON
    object and in the report; the run has a model and is done, so that the code is 0.
    Where there is no other format, an error says so.
    """
    report = run.rows
    for name, reason in report.failed_exports if report.exports else ():
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
