"""Small data sets made on the fly, in every form that is read.

A new source, or a new medium, adds a `Form` to `FORMS`: a function that writes so many
readable and unreadable samples of each class and returns the path of the data, and a
few words on what is read from it. The conformance tests do the rest. Samples must
differ from each other, and unreadable ones must fail when they are read, not before.
"""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Counts = Mapping[str, int]
WriteFile = Callable[[Path, int], None]


@dataclass(frozen=True)
class Form:
    """A form of data, and how to write it.

    Attributes:
        name: What tests call it.
        source: What the source calls itself.
        kind: What kind its samples are of.
        write: Writes `samples` of each class at a folder, and as many unreadable
            ones as `broken` says; returns the path of the data.
        shape: Shape of a prepared sample; `None` where it depends on the samples.
        suffix: Ending of a file of one sample; empty where a file holds them all.
    """

    name: str
    source: str
    kind: str
    write: Callable[[Path, Counts, Counts], Path]
    shape: tuple[int, ...] | None
    suffix: str = ""


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write_png(path: Path, seed: int) -> None:
    Image.fromarray(noise(seed, 9, 8, 3)).save(path)


def write_wav(path: Path, seed: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(noise(seed, 2000).tobytes())


def write_volume(path: Path, seed: int) -> None:
    nibabel = pytest.importorskip("nibabel")
    nibabel.save(nibabel.Nifti1Image(noise(seed, 5, 6, 7), np.eye(4)), path)


def write_series(path: Path, seed: int) -> None:
    np.save(path, noise(seed, 40).astype(np.float32))


def write_gif(path: Path, seed: int) -> None:
    first, *rest = [Image.fromarray(frame) for frame in noise(seed, 4, 9, 8)]
    first.save(path, save_all=True, append_images=rest)


def write_text(path: Path, seed: int) -> None:
    words = ("red", "green", "blue", "grey", "pink")
    path.write_text(" ".join(words[value % 5] for value in noise(seed, 12)))


def write_broken(path: Path, write_file: WriteFile) -> None:
    """Write a file that begins well, where that tells what it is, and ends early."""
    write_file(path, 0)
    kept = 200 if path.suffix == ".npy" else 0
    path.write_bytes(path.read_bytes()[:kept])


def write_folders(
    folder: Path, samples: Counts, broken: Counts, *, suffix: str, write_file: WriteFile
) -> Path:
    root = folder / "classes"
    seed = 0
    for name in {**samples, **broken}:
        (root / name).mkdir(parents=True)
        for i in range(samples.get(name, 0)):
            seed += 1
            write_file(root / name / f"{i}{suffix}", seed)
        for i in range(broken.get(name, 0)):
            write_broken(root / name / f"broken{i}{suffix}", write_file)
    return root


def write_images(folder: Path, samples: Counts, broken: Counts) -> Path:
    return write_folders(folder, samples, broken, suffix=".png", write_file=write_png)


def write_manifest(
    folder: Path, samples: Counts, broken: Counts, *, suffix: str, write_file: WriteFile
) -> Path:
    (folder / "files").mkdir()
    rows = [("path", "label")]
    for name in {**samples, **broken}:
        for i in range(samples.get(name, 0) + broken.get(name, 0)):
            path = folder / "files" / f"{len(rows)}{suffix}"
            rows.append((f"files/{path.name}", name))
            if i < samples.get(name, 0):
                write_file(path, len(rows))
            else:
                write_broken(path, write_file)
    table = folder / "table.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return table


def write_npz(folder: Path, samples: Counts, broken: Counts) -> Path:
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


def write_pixels(folder: Path, samples: Counts, broken: Counts) -> Path:
    """Write an image a row; unreadable ones lack a pixel."""
    rows = [["label", *(f"pixel{i}" for i in range(64))]]
    for name in {**samples, **broken}:
        whole, bad = samples.get(name, 0), broken.get(name, 0)
        for i in range(whole + bad):
            pixels = list(map(str, noise(len(rows), 64)))
            if i >= whole:
                pixels[len(rows)] = ""
            rows.append([name, *pixels])
    path = folder / "pixels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


# One line a medium: kind, ending, writer, shape as prepared.
_MEDIA: tuple[tuple[str, str, WriteFile, tuple[int, ...] | None], ...] = (
    ("image", ".png", write_png, (9, 8, 3)),
    ("audio", ".wav", write_wav, (1000, 1)),
    ("volume", ".nii", write_volume, (7, 6, 5, 1)),
    ("video", ".gif", write_gif, (4, 9, 8, 1)),
    ("series", ".npy", write_series, (40, 1)),
    ("text", ".txt", write_text, None),
)

FORMS = (
    Form("npz file", "npz file", "image", write_npz, (9, 8, 3)),
    Form("table of pixels", "table", "image", write_pixels, (8, 8, 1)),
    *(
        Form(
            f"{source}, {kind}",
            source,
            kind,
            partial(write, suffix=suffix, write_file=write_file),
            shape,
            suffix,
        )
        for source, write in (
            ("class folders", write_folders),
            ("table of paths", write_manifest),
        )
        for kind, suffix, write_file, shape in _MEDIA
    ),
)
