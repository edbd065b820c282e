"""On what a run was made: versions, hardware, source revision."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, metadata, version
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

#: A requirement of an extra in the metadata: `ray>=2.60; extra == 'cluster'`.
_BROUGHT = re.compile(
    r"(?P<package>[\w.-]+).*;.*\bextra\s*==\s*['\"](?P<extra>[\w.-]+)['\"]"
)

#: Limit of the control group, as a container sees its own; versions 2 and 1.
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def package_versions() -> dict[str, str]:
    """Return the installed version of each package that shapes a result."""
    found = {"python": platform.python_version()}
    return found | {name: _version(name) or "not installed" for name in PACKAGES}


def extras() -> dict[str, str]:
    """Return what each extra brings, with versions, or how to install it, for people.

    Without metadata, as where nothing was installed, no extra is known.
    """
    try:
        ours = metadata(PACKAGES[0])
    except PackageNotFoundError:
        return {}
    packages: dict[str, list[str]] = {}
    for requirement in ours.get_all("Requires-Dist") or ():
        brought = _BROUGHT.match(requirement)
        if brought is not None:
            packages.setdefault(brought["extra"], []).append(brought["package"])
    return {f"[{name}]": _extra_text(name, packages[name]) for name in sorted(packages)}


def _extra_text(extra: str, packages: Sequence[str]) -> str:
    """Return the packages with their versions, or which of them are missing."""
    versions = {package: _version(package) for package in packages}
    missing = [package for package, there in versions.items() if there is None]
    if missing:
        return (
            f"{', '.join(missing)} not installed; "
            f'run `pip install "{PACKAGES[0]}[{extra}]"`'
        )
    return ", ".join(f"{package} {there}" for package, there in versions.items())


def _version(package: str) -> str | None:
    """Return the installed version of a package, if there is one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


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
