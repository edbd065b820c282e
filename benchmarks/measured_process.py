"""Run a command with all its child processes, and measure what they take."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_SECONDS = 0.5
_DISK_EVERY = 10  # polls


@dataclass(frozen=True)
class Limits:
    """What a command may use.

    Attributes:
        cores: The only cores that it and its children run on.
        seconds: After which all of it is killed.
    """

    cores: Collection[int]
    seconds: float


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Attributes:
        started: `time.time()` when it was started.
        seconds: Wall-clock time.
        exit_code: Its exit code; negative when a signal killed it.
        memory: Most bytes of the tree at once; pages that are shared count once.
        disk: Most bytes in its folder at once.
    """

    started: float
    seconds: float
    exit_code: int
    memory: int
    disk: int


def run_measured(
    command: list[str],
    limits: Limits,
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    look: Callable[[float], None] = lambda seconds: None,
) -> Usage:
    """Run a command to its end, or to that of its time.

    Args:
        command: The command.
        limits: What it may use.
        folder: Where it writes, whose size is taken.
        log: File for what it prints.
        environment: Variables besides those of this process.
        look: Called with the seconds since the start, twice a second and at the end.
    """
    with log.open("wb") as output:
        started = time.time()
        process = psutil.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )

        def poll() -> None:
            look(time.time() - started)
            if time.time() - started > limits.seconds:
                kill_tree(process)

        try:
            # Before it has started a thread; what it starts inherits them.
            process.cpu_affinity(list(limits.cores))
            memory, disk = _peaks(process, folder, poll)
        except BaseException:
            kill_tree(process)  # it would disturb whatever is measured next
            raise
    seconds = time.time() - started
    look(seconds)
    return Usage(started, seconds, process.returncode, memory, disk)


def _peaks(
    process: psutil.Popen, folder: Path, poll: Callable[[], None]
) -> tuple[int, int]:
    """Wait for the end of a process; return most bytes of memory and in the folder."""
    memory = disk = polls = 0
    while process.poll() is None:
        poll()
        time.sleep(_POLL_SECONDS)
        memory = max(memory, tree_bytes(process))
        if polls % _DISK_EVERY == 0:
            disk = max(disk, folder_bytes(folder))
        polls += 1
    return memory, max(disk, folder_bytes(folder))


def kill_tree(process: psutil.Process) -> None:
    """Kill a process and all that it started."""
    family = [process]
    try:
        family += process.children(recursive=True)
    except psutil.NoSuchProcess:
        return  # it ended meanwhile
    for member in reversed(family):
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def tree_bytes(process: psutil.Process) -> int:
    """Return the memory of a process and its children, shared pages once."""
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in family:
        try:
            total += member.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended meanwhile
    return total


def folder_bytes(folder: Path) -> int:
    """Return the size of all files in a folder."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).lstat().st_size
            except FileNotFoundError:
                continue  # it was removed meanwhile
    return total
