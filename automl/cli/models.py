"""`automl predict`, `automl evaluate` and `automl export`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from automl.quiet import quiet_libraries, stderr_to


def _load(model: Path) -> Any:
    quiet_libraries()
    with stderr_to():
        from automl.export.predictor import load_predictor

        return load_predictor(model)


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def predict(model: Path, inputs: tuple[Path, ...], as_json: bool) -> int:
    """Say what a model makes of files, or of folders of files.

    MODEL is a run, its best folder, a SavedModel or a .keras file.
    """
    predictor = _load(model)
    from automl.inference import predict_files

    skipped: list[tuple[str, str]] = []
    for prediction in predict_files(predictor, inputs, skipped=skipped):
        if as_json:
            click.echo(json.dumps(asdict(prediction)))
        else:
            click.echo(str(prediction))
    for _, reason in skipped:
        click.echo(reason, err=True)
    return 0


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", required=True, help="Labelled data like the training data.")
@click.option("--target", help="Column or columns that hold the answer.")
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
    for name, reason in result.skipped:
        click.echo(f"skipped {name}: {reason}", err=True)
    return 0


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--trial", default="best", help="best, or a trial of the leaderboard.")
@click.option(
    "--format", "formats", default="savedmodel,keras", help="savedmodel, keras."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to.")
def export(run: Path, trial: str, formats: str, out: Path | None) -> int:
    """Export a trial, and prove each export in a fresh process."""
    quiet_libraries()
    with stderr_to():
        from automl.api import load_run
        from automl.engine import export as _heavy  # noqa: F401
    names = [name.strip() for name in formats.split(",")]
    for name, path in load_run(run).export(names, out=out, trial=trial).items():
        click.echo(f"{name}\t{path}")
    return 0
