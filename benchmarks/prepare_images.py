"""How fast small images are prepared, beside plain decoding with Pillow.

Writes JPEG files of 32x32 pixels to a temporary folder, then takes turns: decode all of
them with Pillow in a pool of processes on all cores, and prepare them. Prints the time
on the clock and on all processors, and the ratio of each. On a machine that does other
things as well, only the processor time can be compared.

    python benchmarks/prepare_images.py --images 100000 --repeats 3
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare

CLASSES = 10
SIDE = 32
CHUNK = 256


def write_images(folder: Path, count: int) -> list[str]:
    """Write smooth random JPEG files in class folders; return their paths."""
    random = np.random.default_rng(0)
    paths = []
    for i in range(count):
        path = folder / f"class{i % CLASSES}" / f"{i}.jpg"
        path.parent.mkdir(exist_ok=True)
        coarse = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((SIDE, SIDE)).save(path, quality=75)
        paths.append(str(path))
    return paths


def decode(path: str) -> int:
    """Decode one image with Pillow alone."""
    with Image.open(path) as image:
        return len(image.convert("RGB").tobytes())


def decode_all(paths: list[str]) -> None:
    """Decode images in as many processes as there are cores."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for _ in pool.map(decode, paths, chunksize=CHUNK):
            pass


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that work takes: on the clock, and of all processors."""
    clock, processor = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - clock, processor_seconds() - processor


def processor_seconds() -> float:
    """Return what this process and its ended children have used so far."""
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    ratios: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        (root / "images").mkdir()
        paths = write_images(root / "images", given.images)
        for repeat in range(given.repeats):
            plain = timed(lambda: decode_all(paths))
            options = DataOptions(str(root / "images"), seed=repeat)
            ours = timed(lambda: prepare(options, root / "prepared"))  # noqa: B023
            ratios.append((plain[0] / ours[0], plain[1] / ours[1]))
            print(  # noqa: T201
                f"plain {plain[0]:.2f} s, {plain[1]:.2f} s of processors; prepared "
                f"{ours[0]:.2f} s, {ours[1]:.2f} s; ratio {ratios[-1][0]:.0%} on the "
                f"clock, {ratios[-1][1]:.0%} of processors"
            )
    columns = zip(*ratios, strict=True)
    clock, processor = (statistics.median(column) for column in columns)
    print(  # noqa: T201
        f"median of {given.repeats} with {given.images:,} images: {clock:.0%} on the "
        f"clock, {processor:.0%} of processors"
    )


if __name__ == "__main__":
    main()
