"""Small data sets made on the fly, in every form that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Form:
    """A form of data, and how to write it.

    Attributes:
        name: What the source calls itself.
        write: Writes `samples` of each class at a folder, and as many unreadable
            ones as `broken` says; returns the path of the data.
    """

    name: str
    write: Callable[[Path, Mapping[str, int], Mapping[str, int]], Path]


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write_images(
    folder: Path, samples: Mapping[str, int], broken: Mapping[str, int]
) -> Path:
    root = folder / "images"
    seed = 0
    for name in {**samples, **broken}:
        (root / name).mkdir(parents=True)
        for i in range(samples.get(name, 0)):
            seed += 1
            Image.fromarray(noise(seed, 9, 8, 3)).save(root / name / f"{i}.png")
        for i in range(broken.get(name, 0)):
            (root / name / f"broken{i}.png").write_bytes(b"\x89PNG not really")
    return root


def write_npz(
    folder: Path, samples: Mapping[str, int], broken: Mapping[str, int]
) -> Path:
    classes = list({**samples, **broken})
    inputs, labels = [], []
    for target, name in enumerate(classes):
        whole, bad = samples.get(name, 0), broken.get(name, 0)
        for i in range(whole + bad):
            sample = noise(1000 * target + i, 9, 8, 3).astype(np.float32)
            if i >= whole:
                sample[0, 0, 0] = np.nan
            inputs.append(sample)
            labels.append(target)
    path = folder / "data.npz"
    x = np.array(inputs, np.float32).reshape(-1, 9, 8, 3)
    np.savez(path, x=x, y=np.array(labels, np.int64), classes=np.array(classes))
    return path


FORMS = (Form("image folder", write_images), Form("npz file", write_npz))
