"""What `faults.py` does to processes and disks."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the processes of a command, itself excepted."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return its worker processes: children of the fork server."""
    return [child for child in family(process) if child.ppid() != process.pid]


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a command and all that it started."""
    for victim in [*family(process), psutil.Process(process.pid)]:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def kill_command(process: subprocess.Popen[bytes]) -> None:
    """Kill a command alone; its workers have to notice."""
    left = family(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(left, timeout=60)
    if alive:
        raise RuntimeError(f"left behind: {alive}")


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("ab", buffering=0) as filling:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    filling.write(b"\0" * size)
            except OSError:
                continue


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a small file system on a folder."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
        check=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
