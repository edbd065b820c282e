"""How much memory reading files takes, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.datasets.conftest import ROOT

GIBIBYTE = 2**30

_MEASURE = r"""
import pathlib, re, sys
from automl_datasets.errors import DataError
{imports}
for path in sys.argv[1:]:
    try:
        {read}
    except DataError:
        pass
# Not `ru_maxrss`, which a child takes over from the process that started it.
status = pathlib.Path("/proc/self/status").read_text()
print(1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]))
"""


def peak_memory(imports: str, read: str, paths: Iterable[str | Path]) -> int:
    """Return the peak memory, in bytes, of running `read` for each `path`.

    A file that is refused counts as read; nothing may be printed on the way.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(imports=imports, read=read)]
        + [str(path) for path in paths],
        env={"PYTHONPATH": str(ROOT / "datasets")},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    return int(done.stdout)
