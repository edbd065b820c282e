"""Workers of a command that was killed end with it, whatever they do."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT

KILLED_COMMAND = """
import os, signal, sys
from pathlib import Path
from automl.workers.messages import Job
from automl.workers.pool import WorkerPool
from tests.automl.hanging import say_and_hang

pool = WorkerPool(1, threads=1, log_file=Path(sys.argv[1]), memory_limit=10**12)
pool.submit(0, Job(say_and_hang, None, 900.0))
while not (events := pool.wait()):
    pass
Path(sys.argv[2]).write_text(str(events[0].message))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_a_worker_that_hangs_ends_with_the_command(tmp_path: Path) -> None:
    log, told = tmp_path / "log.txt", tmp_path / "worker"
    command = [sys.executable, "-c", KILLED_COMMAND, str(log), str(told)]
    path = os.pathsep.join(["datasets", "reports", "search_spaces"])
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, timeout=300,
        stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    worker = int(told.read_text())
    with suppress(psutil.NoSuchProcess):  # it has ended already
        psutil.Process(worker).wait(timeout=30)
