"""`automl report`, `automl inspect`, `automl spaces` and `automl doctor`."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.cli.search import data_options, parse_image_size

if TYPE_CHECKING:
    from automl_datasets.spec import DataSpec


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def report(run: Path, show: bool) -> int:
    """Write the report of a run again, from its record."""
    from automl.reporting import write_run_report
    from automl.run.directory import RunDirectory

    write_run_report(RunDirectory(run))
    page = run / "leaderboard.html"
    click.echo(page)
    if show:
        webbrowser.open(page.resolve().as_uri())
    return 0


@click.command()
@click.argument("path")
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect(path: str, *, as_json: bool, image_size: str | None, **asked: Any) -> int:
    """Say what data is: kind, rank, shape, task, classes, splits, problems."""
    from automl_datasets.inspection import inspect as inspect_data
    from automl_datasets.options import DataOptions

    size = parse_image_size(image_size)
    found = inspect_data(DataOptions(path, image_size=size, **asked))
    click.echo(json.dumps(found.to_json()) if as_json else found.to_text())
    return 0


@click.command()
@click.argument("action", default="list", type=click.Choice(["list", "show"]))
@click.argument("name", required=False)
def spaces(action: str, name: str | None) -> int:
    """List the search spaces, or show the dimensions of one."""
    from automl.errors import RequestError
    from automl.quiet import quiet_libraries, stderr_to

    quiet_libraries()
    with stderr_to():
        from automl_search_spaces import registry
    if action == "list":
        for space in registry.SPACES:
            click.echo(f"{space.name:<10} {space.summary}")
        return 0
    if name is None:
        raise RequestError("Name the space to show: `automl spaces show auto`.")
    click.echo(f"{name}, for colour images of 32x32 in ten classes:")
    for dimension in registry.describe(name, _example_spec()):
        condition = f"  (if {dimension.condition})" if dimension.condition else ""
        click.echo(f"  {dimension.name:<18} {dimension.values}{condition}")
    return 0


def _example_spec() -> DataSpec:
    from automl_datasets.spec import DataSpec

    classes = tuple("0123456789")
    return DataSpec(
        kind="image",
        shape=(32, 32, 3),
        dtype="uint8",
        task="classification",
        classes=classes,
        num_train=50_000,
        num_val=5_000,
        num_test=10_000,
        mean=(128.0,) * 3,
        std=(64.0,) * 3,
    )


@click.command()
def doctor() -> int:
    """Say what this machine offers: versions, devices, memory, what is missing."""
    import psutil

    from automl.quiet import quiet_libraries, stderr_to
    from automl.run.environment import hardware, package_versions

    for name, value in {**package_versions(), **hardware()}.items():
        click.echo(f"{name:<16} {value}")
    click.echo(f"{'free memory':<16} {psutil.virtual_memory().available / 1e9:.1f} GB")
    quiet_libraries()
    with stderr_to():
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
    names = ", ".join(device.name for device in devices) or "none that TensorFlow sees"
    click.echo(f"{'GPUs':<16} {names}")
    return 0
