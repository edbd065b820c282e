"""Reading files that may be hostile, each in a process that can do no harm.

Run as a program it is the one that reads: it forks for every file, so that the
libraries are imported once, and limits what the fork may take.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import traceback
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
GIBIBYTE = 2**30
_CPU_SECONDS = 10
_WALL_SECONDS = 120
_ADDRESSES = 4 * GIBIBYTE
_LONGEST_TOLD = 4000


class Outcome(NamedTuple):
    """What became of a file.

    Attributes:
        word: `read` or `refused`, both fine; `raised` or `killed`.
        told: The reason of a refusal; else what was raised where, or the signal.
        peak: Memory in bytes, that of the libraries included.
    """

    word: str
    told: str
    peak: int

    @property
    def fault(self) -> str:
        """What is wrong with that; empty if nothing is."""
        if self.word not in ("read", "refused"):
            return f"{self.word}: {self.told}"
        if self.peak > GIBIBYTE:
            return f"took {self.peak / GIBIBYTE:.1f} GiB ({self.word}: {self.told})"
        if self.word == "refused" and not _is_words(self.told):
            return f"refused in these words: {self.told!r}"
        return ""


def _is_words(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text and len(text) < _LONGEST_TOLD


class Readers(AbstractContextManager["Readers"]):
    """A process that reads whatever it is told to."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "datasets"),
                "OMP_NUM_THREADS": "1",  # threads would not survive a fork
                "OPENBLAS_NUM_THREADS": "1",
            },
        )

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self._process.communicate()

    def read(self, path: Path, medium: str = "", *, trusted: bool = False) -> Outcome:
        """Read a file.

        Args:
            path: The file.
            medium: Module in `automl_datasets.media` that is to read it as one sample;
                an empty text for the source that recognises it.
            trusted: Whether to read it without a fork, which imports what it needs.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process was started without pipes")
        stdin.write(json.dumps([str(path), medium, trusted]) + "\n")
        stdin.flush()
        return Outcome(*json.loads(stdout.readline()))


def _through_medium(path: Path, name: str) -> str:
    from automl_datasets.media._base import named
    from automl_datasets.media.registry import medium_of
    from automl_datasets.options import DataOptions

    medium_of(path)  # asks every medium, and none may raise
    medium = named(name)
    layout = medium.decide([medium.peek(str(path))], DataOptions(str(path))).layout
    medium.decode(str(path), layout, fitted=False)
    reading, _ = medium.decode(str(path), layout, fitted=True)
    return f"{reading.array.shape} {reading.array.dtype}"


def _through_source(path: Path) -> str:
    from automl_datasets.errors import DataError
    from automl_datasets.fingerprints import fingerprint
    from automl_datasets.options import DataOptions
    from automl_datasets.sources.registry import recognise

    options = DataOptions(str(path))
    source, _ = recognise(path)
    scan = source.scan(path, options)
    plan = source.plan(scan, options, thorough=True)
    refused = 0
    for sample in scan.samples:
        try:
            plan.reader.read(sample, fitted=False)
            plan.reader.read(sample, fitted=True)
        except DataError:
            refused += 1
    fingerprint(options)
    return f"{plan.layout.shape}, {refused} of {len(scan.samples)} refused"


def _outcome(path: Path, medium: str) -> Outcome:
    from automl_datasets.errors import DataError

    warnings.simplefilter("ignore")
    try:
        told = _through_medium(path, medium) if medium else _through_source(path)
        word = "read"
    except DataError as error:
        word, told = "refused", str(error)
    except Exception as error:
        word, told = "raised", f"{type(error).__name__}: {error} {_where(error)}"
    return Outcome(word, told, _peak())


def _where(error: Exception) -> str:
    """Return the innermost line of ours that led to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "automl_datasets" in frame.filename]
    return f"({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""


def _peak() -> int:
    # Not `ru_maxrss`, which a child takes over from the process that started it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return 1024 * int(found[1]) if found else 0


def _answer(path: str, medium: str, trusted: bool) -> Outcome:
    if trusted:
        return _outcome(Path(path), medium)
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
        signal.alarm(_WALL_SECONDS)
        with os.fdopen(sender, "wb") as pipe:
            pipe.write(json.dumps(_outcome(Path(path), medium)).encode())
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        name = signal.Signals(status & 0x7F).name if status & 0x7F else str(status)
        return Outcome("killed", name, 0)
    return Outcome(*json.loads(told))


def serve() -> None:
    """Answer requests on standard input until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # whatever a library prints must not end up among the answers
    os.dup2(quiet, 2)
    for line in sys.stdin:
        answers.write(json.dumps(_answer(*json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
