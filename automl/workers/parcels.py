"""Jobs sent to another machine, with the files they need, and what comes back.

A machine of a cluster need not see the run directory. Paths inside it travel therefore
relative to it, and the files that lie where a job is pointed to travel along. The
prepared data does not: it is on the machine already, for all jobs (`Places.fixed`).
"""

from __future__ import annotations

import io
import pickle
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from automl.run.atomic import write_atomically
from automl.run.directory import TRUNK_FILE
from automl.workers.messages import Job

#: Folders of a run that hold the same for all jobs.
FIXED = ("data", "input")


@dataclass(frozen=True)
class Parcel:
    """Something pickled, with files.

    Attributes:
        content: The pickled object; its paths are relative.
        files: What the files hold, by their path relative to the run.
        removed: Files that are to go.
    """

    content: bytes
    files: Mapping[str, bytes]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where what lies in the run lies here.

    Attributes:
        fixed: Holds the folders `FIXED`.
        own: Holds everything else that one job reads and writes.
    """

    fixed: Path
    own: Path

    def find(self, relative: str) -> Path:
        """Return where a path relative to the run is."""
        first = PurePath(relative).parts[:1]
        fixed = first and first[0] in FIXED
        return (self.fixed if fixed else self.own) / relative


class _Packer(pickle.Pickler):
    """Pickles with paths inside a folder made relative, and notes them."""

    def __init__(self, file: Any, root: Path, foreign: Iterable[str]) -> None:
        super().__init__(file)
        self.root = root
        self.foreign = {name: foreign_name(name) for name in foreign}
        self.paths: list[str] = []

    def persistent_id(self, value: Any) -> tuple[str, str] | None:
        if isinstance(value, Path) and value.is_relative_to(self.root):
            relative = value.relative_to(self.root).as_posix()
            self.paths.append(relative)
            return "path", relative
        if type(value) is str and value in self.foreign:
            return "text", self.foreign[value]
        return None


class _Unpacker(pickle.Unpickler):
    """Undoes `_Packer` for other places."""

    def __init__(self, content: bytes, places: Places) -> None:
        super().__init__(io.BytesIO(content))
        self.places = places

    def persistent_load(self, identity: tuple[str, str]) -> Any:
        kind, relative = identity
        path = self.places.find(relative)
        return path if kind == "path" else str(path)


def foreign_name(file: str) -> str:
    """Return where the run holds a copy of a file from outside of it."""
    return f"input/{Path(file).name}"


def fixed_files(run: Path, foreign: Iterable[str]) -> dict[str, Path]:
    """Return the files that every job may read, by their path relative to the run.

    What the data was prepared from is not among them.
    """
    copies = [run / "input" / TRUNK_FILE, *(run / foreign_name(f) for f in foreign)]
    files = [*sorted((run / "data").rglob("*")), *copies]
    return {f.relative_to(run).as_posix(): f for f in files if f.is_file()}


def pack_job(job: Job, run: Path, foreign: Iterable[str] = ()) -> Parcel:
    """Return a job's call, with the files directly inside the folders it names.

    Args:
        job: The job.
        run: The run directory.
        foreign: Names of files outside of it, of which the run holds copies.
    """
    buffer = io.BytesIO()
    packer = _Packer(buffer, run, foreign)
    packer.dump((job.function, job.argument))
    files: dict[str, bytes] = {}
    for relative in packer.paths:
        first = PurePath(relative).parts[:1]
        if first and first[0] not in FIXED:  # to the run itself jobs only write
            folder = run / relative
            files |= _contents(run, folder.glob("*") if folder.is_dir() else [folder])
    return Parcel(buffer.getvalue(), files)


def run_parcel(argument: tuple[Parcel, Places], channel: Any) -> Parcel:
    """Make the call that `pack_job` packed; runs in a worker.

    What it tells and what it returns is pickled, so that whoever passes it on need not
    import what it is made of.

    Returns:
        The result, with the files that are new or changed, the oldest first.
    """
    parcel, places = argument
    shutil.rmtree(places.own, ignore_errors=True)
    for relative, content in parcel.files.items():
        file = places.own / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    before = _stamps(places.own)
    function, value = _Unpacker(parcel.content, places).load()
    result = function(value, _PickledChannel(channel))
    after = _stamps(places.own)
    changed = [file for file, stamp in after.items() if before.get(file) != stamp]
    files = _contents(places.own, sorted(changed, key=lambda file: after[file]))
    gone = tuple(
        file.relative_to(places.own).as_posix() for file in before if file not in after
    )
    shutil.rmtree(places.own, ignore_errors=True)
    return Parcel(pickle.dumps(result), files, gone)


def unpack_message(content: bytes) -> Any:
    """Return what a job told."""
    return pickle.loads(content)


def unpack_result(parcel: Parcel, run: Path) -> Any:
    """Put a job's files into the run, each atomically, and return its result.

    What it replaced is removed last: at any moment the run can go on from its files.
    """
    for relative, content in parcel.files.items():
        write_atomically(run / relative, lambda file, c=content: file.write(c))  # type: ignore[misc]
    for relative in parcel.removed:
        (run / relative).unlink(missing_ok=True)
    return pickle.loads(parcel.content)


class _PickledChannel:
    """A job's channel, through a process that passes messages on unread."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel

    def send(self, message: object) -> None:
        self.channel.send(pickle.dumps(message))

    def ask(self, message: object) -> Any:
        return self.channel.ask(pickle.dumps(message))

    def stop_requested(self) -> bool:
        stopping: bool = self.channel.stop_requested()
        return stopping


def _contents(root: Path, files: Iterable[Path]) -> dict[str, bytes]:
    found = [file for file in files if file.is_file()]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in found}


def _stamps(root: Path) -> dict[Path, tuple[int, int]]:
    """Return when each file below a folder was written, and how long it is."""
    stats = {file: file.stat() for file in root.rglob("*") if file.is_file()}
    return {file: (stat.st_mtime_ns, stat.st_size) for file, stat in stats.items()}
