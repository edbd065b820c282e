"""Write scikit-learn's handwritten digits as a folder of images, one folder a class.

The 1 797 digits (8x8 pixels, grey) come with scikit-learn, so nothing is downloaded:

    python examples/make_digits.py demo-data/digits
    automl search --data demo-data/digits --budget 90s
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

_HIGHEST_INTENSITY = 16  # load_digits counts from 0 to 16


def write_digits(folder: Path, *, per_class: int | None = None) -> int:
    """Write the digits as 8x8 grey PNG files named `folder/<digit>/<number>.png`.

    Args:
        folder: Where to write; made if missing.
        per_class: Most images of each digit; all of them by default.

    Returns:
        The number of images written.
    """
    images, labels = load_digits(return_X_y=True)
    pixels = np.rint(images * (255 / _HIGHEST_INTENSITY)).astype(np.uint8)
    for digit in range(10):
        class_folder = folder / str(digit)
        class_folder.mkdir(parents=True, exist_ok=True)
        for number in np.flatnonzero(labels == digit)[:per_class]:
            image = Image.fromarray(pixels[number].reshape(8, 8))
            image.save(class_folder / f"{number:04d}.png")
    return len(list(folder.glob("*/*.png")))


def main() -> None:
    """Read the folder from the command line and fill it."""
    parser = argparse.ArgumentParser(description="Write the digits as images.")
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--per-class", type=int, help="most images of each digit")
    arguments = parser.parse_args()
    count = write_digits(arguments.folder, per_class=arguments.per_class)
    sys.stdout.write(f"{count} images of 10 digits in {arguments.folder}\n")


if __name__ == "__main__":
    main()
