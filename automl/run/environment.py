"""On what a run was made: versions, hardware, source revision."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = (
    "conv-automl",
    "tensorflow",
    "keras",
    "keras-tuner",
    "numpy",
    "scikit-learn",
    "pillow",
)

#: Limit of the control group, as a container sees its own; versions 2 and 1.
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def package_versions() -> dict[str, str]:
    """Return the installed version of each package that shapes a result."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def usable_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_memory() -> int:
    """Return the bytes of memory of the machine, or of the container if that is less.

    Whoever takes more than its container has is killed without a word.
    """
    texts = [file.read_text().strip() for file in _MEMORY_LIMITS if file.exists()]
    limits = [int(text) for text in texts if text.isdigit()]  # or "max": none
    return min(psutil.virtual_memory().total, *limits, sys.maxsize)


def hardware() -> dict[str, str]:
    """Return the processor, cores, memory and system, for people."""
    return {
        "processor": _processor_name(),
        "cores": str(usable_cores()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.1f} GB",
        "system": platform.platform(),
    }


def _processor_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def git_revision(directory: Path) -> str:
    """Return the commit of the folder the command ran in, or an empty text."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # no git here: a run without a revision is complete
    return answer.stdout.strip() if answer.returncode == 0 else ""
