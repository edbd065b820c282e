"""The command line: parse, call, print.

Heavy modules are imported inside the commands, so that help answers at once.
"""

from __future__ import annotations

import errno
import sys
import time
import traceback
from typing import TypeGuard

import click

from automl.cli.look import doctor, inspect, report
from automl.cli.models import evaluate, export, predict
from automl.cli.search import resume, search
from automl.cli.serve import serve
from automl.cli.spaces import spaces
from automl.errors import NoTrialSucceededError, is_disk_full
from automl.export.outcome import NothingExportedError

EXIT_FAULT = 1
EXIT_BAD_REQUEST = 2
EXIT_NO_TRIAL = 3
EXIT_INTERRUPTED = 130
_HELP = "Usage:"  # what click prints of a command without arguments
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(package_name="conv-automl", prog_name="automl")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Search for the convolutional network that fits your data best.

    \b
    automl search --data images/         search, report, export: one command
    automl report runs/images --open     review
    automl predict runs/images FILE      use the model
    """  # noqa: D301
    context.obj = {"debug": debug, "started": time.monotonic()}


for _command in (
    search,
    resume,
    report,
    export,
    predict,
    evaluate,
    serve,
    inspect,
    spaces,
    doctor,
):
    cli.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    # --debug is taken anywhere, as people add it to the end of what failed.
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        code = cli.main(arguments, prog_name="automl", standalone_mode=False)
    except Exception as error:
        if debug:
            traceback.print_exc()
        said = _sentence(error)
        click.echo(said if said.startswith(_HELP) else f"automl: {said}", err=True)
        sys.exit(_exit_code(error))
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: Exception) -> str:
    if isinstance(error, click.Abort):  # what click makes of Ctrl-C
        return (
            "stopped at once; what was recorded is kept: go on with `automl resume "
            "RUN`, or begin anew where there is no run yet."
        )
    if isinstance(error, click.ClickException):
        return _with_hint(error)
    if isinstance(error, MemoryError):
        reason = f" ({error})" if str(error) else ""
        return (
            f"there is too little memory{reason}; give smaller samples, such as with "
            "--image-size 64, or fewer --workers."
        )
    if _is_disk_full(error):
        return "the disk is full; free some space and go on with `automl resume RUN`."
    if _is_refused(error):
        return (
            f"{error.strerror}: {error.filename}; check the path and its permissions, "
            "or choose another."
        )
    if _exit_code(error) != EXIT_FAULT:
        return str(error)
    name = type(error).__name__
    return f"a fault of ours, {name}: {error} (run again with --debug for details)"


def _with_hint(error: click.ClickException) -> str:
    """Return what click says, and where what it wants is explained."""
    said = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None or said.startswith(_HELP) or "Did you mean" in said:
        return said
    return f"{said.removesuffix('.')}; see `{context.command_path} --help`."


def _exit_code(error: Exception) -> int:
    if isinstance(error, click.Abort):
        return EXIT_INTERRUPTED
    if isinstance(error, NoTrialSucceededError):
        return EXIT_NO_TRIAL
    if isinstance(error, NothingExportedError):
        return EXIT_BAD_REQUEST if error.limited else EXIT_FAULT
    mendable = isinstance(error, click.ClickException | MemoryError)
    if mendable or _is_disk_full(error) or _is_refused(error):
        return EXIT_BAD_REQUEST
    return EXIT_BAD_REQUEST if isinstance(error, _user_errors()) else EXIT_FAULT


def _is_disk_full(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return is_disk_full(str(error))


def _is_refused(error: Exception) -> TypeGuard[OSError]:
    """Whether the system does not let a file be read or written where it lies."""
    known = isinstance(error, OSError) and error.errno in _REFUSED
    return known and getattr(error, "filename", None) is not None


def _user_errors() -> tuple[type[Exception], ...]:
    from automl.errors import RequestError
    from automl_datasets.errors import DataError
    from automl_search_spaces.errors import SpaceError

    return RequestError, DataError, SpaceError
