"""Write made-up solids in noise as one file of volumes, a 3D classification.

Nothing is downloaded: a ball, a box, a ring or a rod of random size, place and
direction lies in 24x24x24 noisy voxels.

    python examples/make_volumes.py demo-data/solids.npz
    automl search --data demo-data/solids.npz --budget 2m
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

SIDE = 24  # voxels
SOLIDS = ("ball", "box", "ring", "rod")
_NOISE = 0.7


def volume(name: str, chance: np.random.Generator) -> np.ndarray:
    """Return one solid in noise, uint8 `(24, 24, 24, 1)`.

    Args:
        name: One of `SOLIDS`.
        chance: Where size, place, direction and noise come from.
    """
    turn, _ = np.linalg.qr(chance.normal(size=(3, 3)))
    centre = SIDE / 2 + chance.uniform(-4, 4, size=3)
    voxels = np.moveaxis(np.indices((SIDE,) * 3), 0, -1) + 0.5
    x, y, z = np.moveaxis((voxels - centre) @ turn, -1, 0) / chance.uniform(4, 6)
    inside = {
        "ball": x**2 + y**2 + z**2 < 1,
        "box": np.maximum(np.abs(x), np.maximum(np.abs(y), np.abs(z))) < 0.8,
        "ring": (np.hypot(x, y) - 1) ** 2 + z**2 < 0.15,
        "rod": (np.abs(z) < 1.6) & (np.hypot(x, y) < 0.4),
    }[name]
    noisy = inside + _NOISE * chance.normal(size=inside.shape)
    grey = np.clip(80 + 80 * noisy, 0, 255).astype(np.uint8)
    return np.asarray(grey[..., None])


def write_volumes(file: Path, *, per_class: int = 100) -> int:
    """Write volumes and the names of their solids as `x` and `y` of an .npz file.

    Args:
        file: Where to write; its folder is made if missing.
        per_class: Volumes of each solid.

    Returns:
        The number of volumes written.
    """
    chance = np.random.default_rng(0)
    names = np.repeat(SOLIDS, per_class)
    file.parent.mkdir(parents=True, exist_ok=True)
    volumes = np.stack([volume(name, chance) for name in names])
    np.savez_compressed(file, x=volumes, y=names)
    return len(names)


def main() -> None:
    """Read the file from the command line and write it."""
    parser = argparse.ArgumentParser(description="Write made-up solids.")
    parser.add_argument("file", type=Path, help="the .npz file to write")
    parser.add_argument("--per-class", type=int, default=100)
    arguments = parser.parse_args()
    count = write_volumes(arguments.file, per_class=arguments.per_class)
    sys.stdout.write(f"{count} volumes of {len(SOLIDS)} solids: {arguments.file}\n")


if __name__ == "__main__":
    main()
