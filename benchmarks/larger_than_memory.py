"""A search on data that is larger than the memory it may use.

    python benchmarks/larger_than_memory.py --gigabytes 6 --limit 2 --budget 3m

Writes an `.npz` file of photographs' size whose classes differ in brightness, and
searches it with the real command while every process of it is denied more than
`--limit` gigabytes of memory of its own (RLIMIT_DATA; mapped files are the kernel's to
drop). Prints the largest amount that any process had at any moment. Linux only.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
from numpy.lib import format as npy_format

SIDE = 224
CLASSES = 4
BLOCK = 256


def write_photographs(path: Path, gigabytes: float) -> int:
    """Write that much, a block at a time; return the number of images."""
    count = int(gigabytes * 1e9 / (SIDE * SIDE * 3)) // BLOCK * BLOCK
    labels = np.arange(count) % CLASSES
    generator = np.random.default_rng(0)
    header = {
        "descr": "|u1",
        "fortran_order": False,
        "shape": (count, SIDE, SIDE, 3),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as member:
            npy_format.write_array_header_1_0(member, header)
            for start in range(0, count, BLOCK):
                noise = generator.integers(0, 160, (BLOCK, SIDE, SIDE, 3), np.uint8)
                noise += (20 * labels[start : start + BLOCK, None, None, None]).astype(
                    np.uint8
                )
                member.write(noise.data)
        with archive.open("y.npy", "w") as member:
            npy_format.write_array(member, labels)
    return count


class Watch(threading.Thread):
    """Notes the private memory of every process below this one."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        super().__init__(daemon=True)
        self.largest = 0
        self.together = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look four times a second."""
        while not self.ended.wait(0.25):
            own = [private(p) for p in psutil.Process().children(recursive=True)]
            self.together = max(self.together, sum(own))
            self.largest = max([self.largest, *own])


def private(process: psutil.Process) -> int:
    """Return the memory of a process that no file stands for, in bytes."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    except OSError:  # it has ended
        return 0
    lines = [line for line in status.splitlines() if line.startswith("RssAnon")]
    return 1024 * int(lines[0].split()[1]) if lines else 0


def main() -> None:
    """Write, search, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=6.0)
    parser.add_argument("--limit", type=float, default=2.0, help="gigabytes a process")
    parser.add_argument("--budget", default="3m")
    given = parser.parse_args()
    limit = int(given.limit * 1e9)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "photographs.npz"
        count = write_photographs(data, given.gigabytes)
        command = [sys.executable, "-m", "automl", "search", "--data", str(data)]
        command += ["--out", f"{folder}/run", "--budget", given.budget, "--json"]
        watch = Watch()
        watch.start()
        start = time.monotonic()
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        )
        seconds = time.monotonic() - start
        watch.ended.set()
        if done.returncode:
            sys.exit(f"the search ended with {done.returncode}: {done.stderr[-500:]}")
        best = json.loads(done.stdout)["best"]
    sys.stdout.write(
        f"{count:,} images of {SIDE}x{SIDE}x3, {given.gigabytes:g} GB, searched in "
        f"{seconds:.0f} s within {given.limit:g} GB a process; the largest process had "
        f"{watch.largest / 1e9:.2f} GB of its own, all together "
        f"{watch.together / 1e9:.2f} GB; test score {best['test_score']:.3f}\n"
    )


if __name__ == "__main__":
    main()
