"""The trackers that `--track` knows.

To add one: a module with a `Callback`, and an entry in `_TRACKERS`, and its name in
`automl.run.request`, which is what the command line checks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from automl.errors import RequestError
from automl.tracking.callback import Callback

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class _Tracker:
    """One kind of tracker.

    Attributes:
        packages: What must be installed; the extra is called as the tracker.
        settle: Makes a target independent of the working folder; gets an empty text
            where the user gave none.
        make: Takes the settled target and the folder of the run.
    """

    packages: tuple[str, ...]
    settle: Callable[[str], str]
    make: Callable[[str, Path], Callback]


def settled(track: Sequence[str]) -> tuple[str, ...]:
    """Return what to track with, in words that hold in any folder and session.

    Args:
        track: `tensorboard[:FOLDER]` or `mlflow[:URI]`, any number of them.

    Raises:
        RequestError: If a package is missing, or a target holds a password.
    """
    require_trackers(track)
    return tuple(dict.fromkeys(_settled(*_parts(text)) for text in track))


def make_trackers(track: Sequence[str], run: Path) -> list[Callback]:
    """Return the trackers of a run; nothing is written yet.

    Args:
        track: What `settled` returned.
        run: Folder of the run.

    Raises:
        RequestError: If a package is missing.
    """
    require_trackers(track)
    trackers = []
    for name, target in map(_parts, track):
        trackers.append(_TRACKERS[name].make(target, run))
    return trackers


def require_trackers(track: Sequence[str]) -> None:
    """Refuse trackers whose packages are not installed.

    Raises:
        RequestError: If a package is missing.
    """
    for name, _ in map(_parts, track):
        for package in _TRACKERS[name].packages:
            if find_spec(package) is None:
                raise RequestError(
                    f"The package {package} is not installed, which --track {name} "
                    f'needs; run `pip install "conv-automl[{name}]"`.'
                )


def _parts(text: str) -> tuple[str, str]:
    name, _, target = text.partition(":")
    return name, target


def _settled(name: str, target: str) -> str:
    target = _TRACKERS[name].settle(target)
    return f"{name}:{target}" if target else name


def _absolute_folder(target: str) -> str:
    return str(Path(target).absolute()) if target else ""


def _absolute_uri(target: str) -> str:
    """Return the address of a store; an empty text leaves it to the environment."""
    if urlsplit(target).password is not None:
        raise RequestError(
            "--track mlflow:URI must not hold a password, since it is written to the "
            "run; put the address in MLFLOW_TRACKING_URI and leave it out here."
        )
    if not target and os.environ.get("MLFLOW_TRACKING_URI"):
        return ""
    target = target or f"{_SQLITE}mlflow.db"
    if target.startswith(_SQLITE):
        return _SQLITE + str(Path(target.removeprefix(_SQLITE)).absolute())
    address = urlsplit(target)
    if address.scheme == "file" and not target.startswith("file:/"):
        return Path(address.path).absolute().as_uri()
    if not address.scheme:
        return Path(target).absolute().as_uri()
    return target


def _tensorboard(target: str, run: Path) -> Callback:
    from automl.tracking.tensorboard import TensorBoard

    folder = Path(target) / run.name if target else run / "tensorboard"
    return TensorBoard(folder)


def _mlflow(target: str, run: Path) -> Callback:
    from automl.tracking.mlflow import MLflow

    return MLflow(target or os.environ.get("MLFLOW_TRACKING_URI", ""), run)


_TRACKERS = {
    "tensorboard": _Tracker(("tensorboard",), _absolute_folder, _tensorboard),
    "mlflow": _Tracker(("mlflow", "sqlalchemy", "alembic"), _absolute_uri, _mlflow),
}
