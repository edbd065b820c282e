"""`automl predict`, `automl evaluate` and `automl export`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.cli.options import joined, one_of
from automl.quiet import quiet_libraries, stderr_to
from automl.run.checks import QUANTIZATIONS, check_formats
from automl.run.formats import FORMATS
from automl.run.request import DEFAULT_FORMATS, names_of

if TYPE_CHECKING:
    from automl.export.outcome import FailedExport
    from automl.inference import Prediction

EXIT_EXPORT_FAILED = 1
EXIT_EXPORT_LIMITED = 2


def _load(model: Path) -> Any:
    quiet_libraries()
    with stderr_to():
        from automl.export.predictor import load_predictor

        return load_predictor(model)


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print a CSV table with every number."
)
def predict(model: Path, inputs: tuple[Path, ...], as_json: bool, as_csv: bool) -> int:
    """Say what a model makes of files, or of folders of files.

    MODEL is a run, its best folder, a SavedModel or a .keras, .onnx or .tflite file.
    """
    if as_json and as_csv:
        raise click.UsageError("Ask for --json or for --csv, not for both.")
    predictor = _load(model)
    from automl.inference import predict_files

    skipped: list[tuple[str, str]] = []
    lines = _csv_lines if as_csv else _json_lines if as_json else _text_lines
    for line in lines(predict_files(predictor, inputs, skipped=skipped)):
        click.echo(line)
    for _, reason in skipped:
        click.echo(reason, err=True)
    return 0


def _text_lines(predictions: Iterable[Prediction]) -> Iterator[str]:
    return map(str, predictions)


def _json_lines(predictions: Iterable[Prediction]) -> Iterator[str]:
    return (
        json.dumps(asdict(prediction), allow_nan=False) for prediction in predictions
    )


def _csv_lines(predictions: Iterable[Prediction]) -> Iterator[str]:
    """Yield a header before the first row."""
    header = False
    for prediction in predictions:
        cells = prediction.cells()
        if not header:
            yield _csv_line(cells)
            header = True
        yield _csv_line(cells.values())


def _csv_line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--data",
    metavar="PATH",
    required=True,
    help="Labelled data, in any form that a search takes.",
)
@click.option(
    "--target",
    metavar="COLUMN[,COLUMN]",
    multiple=True,
    callback=joined,
    help="Column or columns that hold the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(model: Path, data: str, target: str | None, as_json: bool) -> int:
    """Score a model on labelled data; of data with splits, on the test split."""
    predictor = _load(model)
    from automl.inference import evaluate as evaluate_model

    result = evaluate_model(predictor, data, target=target)
    if as_json:
        click.echo(json.dumps(result.to_json()))
        return 0
    click.echo(str(result))
    if result.seen:
        click.echo(
            f"{result.seen} of these the search trained or chose with, so that the "
            "score is too good; the report has the score of the others.",
            err=True,
        )
    for name, reason in result.skipped:
        click.echo(f"skipped {name}: {reason}", err=True)
    return 0


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--trial",
    default="best",
    metavar="ID",
    help="A trial of the leaderboard, or best.",
)
@click.option(
    "--format",
    "formats",
    default=",".join(DEFAULT_FORMATS),
    metavar="FORMATS",
    help=f"Formats, among {', '.join(FORMATS)}.",
)
@click.option(
    "--quantize",
    default="none",
    metavar="HOW",
    help=f"How LiteRT files keep their weights: {one_of(*QUANTIZATIONS)}; needs litert "
    "among the formats.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder to write to.  [default: best, or that of the trial]",
)
@click.option(
    "--space",
    metavar="FILE.py",
    help="Python file that the run's networks come from; it is executed.",
)
def export(run: Path, formats: str, **options: Any) -> int:
    """Export a trial, and prove each export in a fresh process."""
    names = names_of(formats)
    check_formats(names, options["quantize"])
    from automl.opened_run import load_run

    opened = load_run(run)  # refuses what is none before anything heavy is loaded
    quiet_libraries()
    with stderr_to():
        from automl.engine import export as _heavy  # noqa: F401
    result = opened.export(names, **options)
    if result.retrained:
        click.echo("The trial's weights were gone; it was trained again.", err=True)
    for row in result.figures:
        click.echo(_export_line(row, result.paths[row["format"]]))
    for failure in result.failed:
        click.echo(failure.reason, err=True)
    return _export_code(result.failed)


def _export_code(failed: Sequence[FailedExport]) -> int:
    """Return the exit code of an export of which at least one format is there."""
    if not failed:
        return 0
    limited = all(failure.limited for failure in failed)
    return EXIT_EXPORT_LIMITED if limited else EXIT_EXPORT_FAILED


def _export_line(row: dict[str, Any], path: Path) -> str:
    """Return format, path, test score, difference, size and latency between tabs."""
    latency = row["figures"]["batch_1"][0]
    return (
        f"{row['format']}\t{path}\ttest score {row['test_score']:.4f}\t"
        f"difference {row['max_difference']:.1e}\t{row['size_mb']:.2f} MB\t"
        f"{latency:.2f} ms"
    )
