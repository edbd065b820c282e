"""Joining a Ray cluster that is running, or saying in one sentence why that fails."""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from tempfile import NamedTemporaryFile
from typing import Any

from automl.errors import UnsuitableRequestError
from automl.quiet import stderr_to

_ANSWER_SECONDS = 5.0
_NAMESPACE = "automl"


@dataclass(frozen=True)
class FreeNode:
    """A machine of the cluster and what is free on it.

    Attributes:
        identity: Ray's.
        address: Its name or number on the network.
        cpus: Free processors.
        gpus: Free GPUs.
    """

    identity: str
    address: str
    cpus: int
    gpus: int


def check_cluster(address: str) -> None:
    """Refuse what can't be joined, as far as can be told without Ray's help.

    Raises:
        UnsuitableRequestError: If Ray is not installed, or nothing listens there.
    """
    if find_spec("ray") is None:
        raise UnsuitableRequestError(
            "The package ray is not installed, which --cluster needs; "
            'run `pip install "conv-automl[cluster]"`.'
        )
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdigit():
        raise UnsuitableRequestError(
            f"--cluster must be the HOST:PORT of a Ray cluster's head, or auto for the "
            f"one that this machine belongs to, but got {address!r}."
        )
    try:
        socket.create_connection((host, int(port)), _ANSWER_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnsuitableRequestError(
            f"No Ray cluster answers at {address} ({reason}); start one there with "
            "`ray start --head`, or give another --cluster."
        ) from error


def connect(address: str) -> tuple[Any, bool]:
    """Join the cluster; nothing is ever started, so that without one this fails.

    Returns:
        The module `ray`, and whether this process had not joined a cluster before.

    Raises:
        UnsuitableRequestError: If it can't be joined.
    """
    check_cluster(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray: Any = import_module("ray")
    import_module("ray.util.scheduling_strategies")
    if ray.is_initialized():
        return ray, False
    with NamedTemporaryFile() as said:
        try:
            with stderr_to(said.name):  # what native code says, Ray does not raise
                ray.init(
                    address=address,
                    namespace=_NAMESPACE,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
        except (ray.exceptions.RayError, RuntimeError, OSError, ValueError) as error:
            text = f"{error}\n{said.read().decode(errors='replace')}"
            raise UnsuitableRequestError(_sentence(address, text)) from error
    return ray, True


def free_nodes(ray: Any) -> list[FreeNode]:
    """Return the machines that are in the cluster now.

    Args:
        ray: The module, connected.
    """
    state = import_module("ray._private.state")  # its public part has only the sum
    free: dict[str, dict[str, float]] = state.available_resources_per_node()
    nodes: list[dict[str, Any]] = ray.nodes()
    return [
        FreeNode(
            node["NodeID"],
            node["NodeManagerAddress"],
            int(free.get(node["NodeID"], {}).get("CPU", 0)),
            int(free.get(node["NodeID"], {}).get("GPU", 0)),
        )
        for node in nodes
        if node["Alive"]
    ]


def _sentence(address: str, text: str) -> str:
    """Return in one sentence what Ray said in many."""
    if "AuthToken" in text or "uthentication" in text:
        return (
            f"The Ray cluster at {address} refused this machine's token; set "
            "RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN_PATH to the cluster's token file."
        )
    first = next(iter(text.strip().splitlines()), "Ray gives no reason")
    return f"The Ray cluster at {address} can't be joined: {first.rstrip('.')}."
