"""Reading every sample once into one scratch file, on all cores.

Decoding small images in threads is slower than in one thread alone: they fight for
the interpreter's lock (CIFAR-10 on 2 cores: 15 000 a second in one thread, 9 000 in
two, 25 000 in two processes). So other processes read, each given its chunks through
a pipe by a thread that waits. They are plain subprocesses rather than
`multiprocessing` ones, since those import the caller's script again.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.reading_processes import ReadingProcesses
from automl_datasets.sources import Plan, Reader, Sample

# Fewer samples are read here: starting processes takes longer than they save.
_FEWEST_FOR_PROCESSES = 256
_CHUNK_SAMPLES = 256
_CHUNK_BYTES = 32 * 2**20

Progress = Callable[[int, int], None]


class Outcome(NamedTuple):
    """What became of one sample.

    Attributes:
        refusal: Why it could not be read; `None` if it was.
        digest: Hash of the prepared sample.
        size: Spatial size before resizing.
        remarks: What had to be done to it.
    """

    refusal: str | None
    digest: bytes = b""
    size: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()


class Chunk(NamedTuple):
    """A run of samples, and the row of the scratch file that it begins at."""

    start: int
    samples: Sequence[Sample]


def read_all(
    samples: Sequence[Sample],
    plan: Plan,
    scratch: Path,
    *,
    parallel: bool,
    on_progress: Progress | None = None,
) -> list[Outcome]:
    """Read samples, in their order, into rows of a raw scratch file.

    Args:
        samples: What to read.
        plan: The layout of a row, and the reader.
        scratch: The file to write; the row of an unreadable sample stays zero.
        parallel: Whether reading is worth several processes.
        on_progress: Called with the number of samples done and their total.

    Returns:
        One outcome per sample.

    Raises:
        PlanDeviation: If a sample contradicts a plan drawn from a few.
        OSError: If the scratch file cannot be written.
    """
    scratch.write_bytes(b"")
    count = _processes(len(samples), parallel)
    chunks = list(_chunks(samples, plan, count))
    outcomes: list[Outcome] = []
    if count == 1:
        for chunk in chunks:
            outcomes += read_chunk(plan.reader, chunk, scratch)
            _report(on_progress, len(outcomes), len(samples))
        return outcomes
    with ReadingProcesses(count, plan.reader, scratch) as processes:
        for part in processes.map(chunks):
            outcomes += part
            _report(on_progress, len(outcomes), len(samples))
    return outcomes


def read_chunk(reader: Reader, chunk: Chunk, scratch: Path) -> list[Outcome]:
    """Read the samples of a chunk and write their rows.

    Raises:
        PlanDeviation: If a sample contradicts a plan drawn from a few.
        OSError: If the scratch file cannot be written.
    """
    layout = reader.layout
    rows = np.zeros((len(chunk.samples), *layout.shape), layout.dtype)
    outcomes = []
    for row, sample in zip(rows, chunk.samples, strict=True):
        try:
            reading = reader.read(sample, fitted=True)
        except DataError as error:
            outcomes.append(Outcome(str(error)))
            continue
        row[...] = reading.array
        digest = hashlib.blake2b(row.data, digest_size=16).digest()
        outcomes.append(Outcome(None, digest, reading.size, reading.remarks))
    with scratch.open("r+b") as file:
        file.seek(chunk.start * rows[0].nbytes)
        file.write(rows.data)
    return outcomes


def _chunks(samples: Sequence[Sample], plan: Plan, processes: int) -> Iterator[Chunk]:
    row_bytes = math.prod(plan.layout.shape) * np.dtype(plan.layout.dtype).itemsize
    size = min(_CHUNK_SAMPLES, max(1, _CHUNK_BYTES // row_bytes))
    size = max(1, min(size, len(samples) // (4 * processes)))
    for start in range(0, len(samples), size):
        yield Chunk(start, samples[start : start + size])


def _processes(count: int, parallel: bool) -> int:
    if not parallel or count < _FEWEST_FOR_PROCESSES:
        return 1
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _report(on_progress: Progress | None, done: int, total: int) -> None:
    if on_progress is not None:
        on_progress(done, total)
