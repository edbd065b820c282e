"""`automl serve`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path

import click

from automl.errors import RequestError
from automl.quiet import quiet_libraries, stderr_to


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen at.",
)
@click.option(
    "--port",
    default=8501,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port to listen at; 0 is any that is free.",
)
@click.option(
    "--name",
    default="model",
    show_default=True,
    metavar="NAME",
    help="Name of the model in the paths.",
)
def serve(model: Path, host: str, port: int, name: str) -> int:
    """Answer predictions over HTTP, by the REST paths of TensorFlow Serving.

    MODEL is a run, its best folder, a SavedModel or a .keras, .onnx or .tflite file.
    Ctrl-C ends it. For a quick look: there is neither a password nor encryption.
    """
    _check_name(name)
    from automl.serving.server import listen, require_server
    from automl.serving.server import serve as serve_at

    require_server()
    listener = listen(host, port)
    quiet_libraries()
    with stderr_to():
        from automl.serving.application import application
        from automl.serving.limits import Limits
        from automl.serving.model import load_served

        served = load_served(model)
    if not _is_loopback(host):
        click.echo(
            f"automl: whoever reaches {host} can ask this model; there is neither a "
            "password nor encryption.",
            err=True,
        )
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listener.getsockname()[1]}/v1/models/{name}"
    click.echo(f"{url}:predict")
    click.echo(f"Its inputs: {url}/metadata; Ctrl-C ends it.", err=True)
    limits = Limits()
    app = application(served, name, limits=limits)
    serve_at(app, listener, connections=limits.connections)
    return 0


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise RequestError(
            f"--name {name!r} can't stand in a path; use letters, digits, '-', '_' "
            "and '.'."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
