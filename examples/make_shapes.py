"""Write made-up drawings, each with none to four shapes, as a multi-label data set.

Nothing is downloaded. `labels.csv` has a column of files and a column of labels:

    python examples/make_shapes.py demo-data/shapes
    automl search --data demo-data/shapes/labels.csv --budget 2m
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 32  # pixels
SHARES = {"circle": 0.6, "square": 0.45, "triangle": 0.3, "cross": 0.12}
_NOISE = 45  # grey levels


def drawing(names: list[str], chance: np.random.Generator) -> Image.Image:
    """Return the shapes at random places in noise, as a grey image.

    Args:
        names: Keys of `SHARES`.
        chance: Where place, size and noise come from.
    """
    image = Image.new("L", (SIDE, SIDE), 90)
    pen = ImageDraw.Draw(image)
    for name in names:
        size = chance.uniform(4, 7)
        x, y = chance.uniform(size, SIDE - size, size=2)
        box = (x - size, y - size, x + size, y + size)
        if name == "circle":
            pen.ellipse(box, outline=190)
        elif name == "square":
            pen.rectangle(box, outline=190)
        elif name == "triangle":
            pen.polygon([(x, box[1]), (box[2], box[3]), (box[0], box[3])], outline=190)
        else:
            pen.line(box, fill=190)
            pen.line((box[0], box[3], box[2], box[1]), fill=190)
    noisy = np.asarray(image) + chance.normal(0, _NOISE, size=(SIDE, SIDE))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def write_shapes(folder: Path, *, count: int = 1200) -> int:
    """Write `folder/<number>.png` and `folder/labels.csv`.

    Args:
        folder: Where to write; made if missing.
        count: Drawings to write.

    Returns:
        The number of drawings written.
    """
    chance = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        names = [name for name, share in SHARES.items() if chance.random() < share]
        drawing(names, chance).save(folder / f"{number:04d}.png")
        rows.append((f"{number:04d}.png", "|".join(names)))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "label"), *rows])
    return count


def main() -> None:
    """Read the folder from the command line and fill it."""
    parser = argparse.ArgumentParser(description="Write made-up drawings.")
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--count", type=int, default=1200)
    arguments = parser.parse_args()
    count = write_shapes(arguments.folder, count=arguments.count)
    sys.stdout.write(f"{count} drawings of {len(SHARES)} labels: {arguments.folder}\n")


if __name__ == "__main__":
    main()
