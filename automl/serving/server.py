"""The process that serves a model until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from automl.errors import RequestError

_PACKAGES = ("uvicorn", "starlette")
_KEEP_ALIVE_SECONDS = 75  # longer than usual clients keep a connection they reuse
_GOODBYE_SECONDS = 5


def require_server() -> None:
    """Refuse to serve where the server is not installed.

    Raises:
        RequestError: If a package is missing.
    """
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise RequestError(
            f"The package {missing[0]} is not installed, which serving a model needs; "
            'run `pip install "conv-automl[serve]"`.'
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises:
        RequestError: If it can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        reason = reason.partition(" (while")[0]  # Python repeats the address here
        raise RequestError(
            f"Nothing can listen at {host}, port {port} ({reason}); choose another "
            "with --port or --host."
        ) from error


def serve(
    application: Callable[..., object], listener: socket.socket, *, connections: int
) -> None:
    """Answer at a socket until Ctrl-C, or SIGTERM.

    Args:
        application: An ASGI application.
        listener: Where to listen; closed at the end.
        connections: How many may be open; others are answered with 503.
    """
    import uvicorn

    config = uvicorn.Config(
        application,
        access_log=False,
        limit_concurrency=connections,
        log_level="error",
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        ws="none",
    )
    with listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
