"""`automl report`, `automl inspect` and `automl doctor`."""

from __future__ import annotations

import json
import shutil
import webbrowser
from pathlib import Path
from typing import Any

import click

from automl.cli.options import (
    data_options,
    parse_image_size,
    seed_option,
    split_option,
)

_COMPARISON = "comparison.html"


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Page to write.  [default: leaderboard.html in the run, or of several runs "
    f"{_COMPARISON}]",
)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def report(runs: tuple[Path, ...], out: Path | None, show: bool) -> int:
    """Write the report of a run again, from its record; compare several on one page."""
    from automl.reporting import write_comparison, write_run_report
    from automl.run.directory import open_run

    directories = [open_run(run) for run in runs]
    if len(directories) == 1:
        write_run_report(directories[0])
        page = runs[0] / "leaderboard.html"
        if out is not None:
            page = Path(shutil.copyfile(page, out))
    else:
        page = out or Path(_COMPARISON)
        write_comparison(directories, page)
    click.echo(page)
    if show:
        webbrowser.open(page.resolve().as_uri())
    return 0


@click.command()
@click.argument("path")
@data_options
@split_option
@seed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect(path: str, *, as_json: bool, image_size: str | None, **asked: Any) -> int:
    """Say what data is: kind, rank, shape, task, classes, splits, problems."""
    from automl_datasets.inspection import inspect as inspect_data
    from automl_datasets.options import DataOptions

    size = parse_image_size(image_size)
    found = inspect_data(DataOptions(path, image_size=size, **asked))
    click.echo(json.dumps(found.to_json()) if as_json else found.to_text())
    return 0


_NO_CUDA = 'not used; run `pip install "tensorflow[and-cuda]"`'


@click.command()
def doctor() -> int:
    """Say what this machine offers: versions, devices, memory, what is missing."""
    import psutil

    from automl.quiet import quiet_libraries, stderr_to
    from automl.run.environment import extras, hardware, package_versions
    from automl.workers.devices import visible_devices

    for name, value in {**package_versions(), **extras(), **hardware()}.items():
        click.echo(f"{name:<16} {value}")
    click.echo(f"{'free memory':<16} {psutil.virtual_memory().available / 1e9:.1f} GB")
    click.echo(f"{'free disk here':<16} {shutil.disk_usage('.').free / 1e9:.1f} GB")
    quiet_libraries()
    with stderr_to():
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
    names = ", ".join(device.name for device in devices) or "none that TensorFlow sees"
    click.echo(f"{'GPUs':<16} {names}")
    for device in visible_devices():
        click.echo(
            f"{device.identity:<16} {device.name}, {device.memory_bytes / 1e9:.1f} GB, "
            f"compute capability {device.compute_capability}: "
            + (f"trains in {device.precision}" if devices else _NO_CUDA)
        )
    return 0
