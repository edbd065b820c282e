"""Write made-up pulse waves as one file of series, a regression.

Nothing is downloaded. From 8 seconds at 16 steps a second, tell the heart rate:

    python examples/make_pulses.py demo-data/pulses.npz
    automl search --data demo-data/pulses.npz --target heart_rate --budget 90s
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

STEPS, RATE = 128, 16  # of a wave; in a second


def pulse(chance: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return one wave, float32 `(128, 1)`, and its beats a minute.

    Args:
        chance: Where rate, strength, first beat, drift and noise come from.
    """
    rate, strength = chance.uniform(45, 160), chance.uniform(0.5, 3)
    moments = np.arange(STEPS) / RATE
    phase = (moments * rate / 60 + chance.random()) % 1
    beat = np.exp(-(((phase - 0.2) / 0.08) ** 2))
    beat += 0.4 * np.exp(-(((phase - 0.5) / 0.1) ** 2))
    drift = 0.5 * np.sin(2 * np.pi * chance.uniform(0.05, 0.2) * moments)
    wave = strength * beat + drift + 0.4 * chance.normal(size=STEPS)
    return wave.astype(np.float32)[:, None], rate


def write_pulses(file: Path, *, count: int = 1000) -> int:
    """Write waves and their rates as `x` and `heart_rate` of an .npz file.

    Args:
        file: Where to write; its folder is made if missing.
        count: Waves to write.

    Returns:
        The number of waves written.
    """
    chance = np.random.default_rng(0)
    waves, rates = zip(*(pulse(chance) for _ in range(count)), strict=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, x=np.stack(waves), heart_rate=np.array(rates))
    return count


def main() -> None:
    """Read the file from the command line and write it."""
    parser = argparse.ArgumentParser(description="Write made-up pulse waves.")
    parser.add_argument("file", type=Path, help="the .npz file to write")
    parser.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    count = write_pulses(arguments.file, count=arguments.count)
    sys.stdout.write(f"{count} waves: {arguments.file}\n")


if __name__ == "__main__":
    main()
