"""Write made-up bird calls as a folder of sounds, one folder a class.

Nothing is downloaded: a call is a tone that rises, falls, trembles or stays, at a
random pitch and a random moment, in noise.

    python examples/make_sounds.py demo-data/calls
    automl search --data demo-data/calls --budget 90s
"""

from __future__ import annotations

import argparse
import sys
import wave
from pathlib import Path

import numpy as np

RATE = 4000  # samples a second
SECONDS = 1.0
CALLS = ("falling", "rising", "steady", "trembling")
_NOISE = 0.6


def call(name: str, chance: np.random.Generator) -> np.ndarray:
    """Return one call in noise, float `(samples,)` within -1 and 1.

    Args:
        name: One of `CALLS`.
        chance: Where pitch, moment, length and noise come from.
    """
    moments = np.arange(int(RATE * SECONDS)) / RATE
    length = chance.uniform(0.3, 0.6)
    share = (moments - chance.uniform(0.05, SECONDS - length - 0.05)) / length
    bend = {
        "falling": -share,
        "rising": share,
        "steady": 0 * share,
        "trembling": 0.3 * np.sin(2 * np.pi * chance.uniform(3, 5) * share),
    }[name]
    pitch = chance.uniform(600, 1000) * 2 ** (bend * chance.uniform(0.4, 0.8))
    inside = (share > 0) & (share < 1)
    loudness = np.where(inside, np.sin(np.pi * np.clip(share, 0, 1)), 0)
    tone = loudness * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    sound = tone + _NOISE * chance.normal(size=moments.size)
    return np.asarray(sound / np.abs(sound).max())


def write_sounds(folder: Path, *, per_class: int = 150) -> int:
    """Write `folder/<call>/<number>.wav`, 16 bit, one channel.

    Args:
        folder: Where to write; made if missing.
        per_class: Sounds of each call.

    Returns:
        The number of sounds written.
    """
    chance = np.random.default_rng(0)
    for name in CALLS:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(per_class):
            with wave.open(str(folder / name / f"{number:04d}.wav"), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                samples = np.rint(32767 * call(name, chance)).astype("<i2")
                file.writeframes(samples.tobytes())
    return per_class * len(CALLS)


def main() -> None:
    """Read the folder from the command line and fill it."""
    parser = argparse.ArgumentParser(description="Write made-up bird calls.")
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--per-class", type=int, default=150)
    arguments = parser.parse_args()
    count = write_sounds(arguments.folder, per_class=arguments.per_class)
    sys.stdout.write(f"{count} sounds of {len(CALLS)} calls in {arguments.folder}\n")


if __name__ == "__main__":
    main()
