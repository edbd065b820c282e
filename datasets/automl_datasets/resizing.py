"""The common size of images, and resizing exactly as the exported model will."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from automl_datasets.naming import plural
from automl_datasets.samples import shape_median


def common_size(
    sizes: Sequence[tuple[int, int]],
    asked: tuple[int, int] | None,
    *,
    noun: str,
    kept_side: int,
    longest_side: int,
) -> tuple[tuple[int, int], str]:
    """Return the size to bring images to, and why.

    Images of one size are used as they are where they are small; larger or mixed ones
    become their median size, or smaller.

    Args:
        sizes: `(height, width)` of each; at least one.
        asked: The size that the user asks for.
        noun: What one of them is called.
        kept_side: Longest side of what is small.
        longest_side: Longest side of what is not.

    Returns:
        `(height, width)`, and one sentence.
    """
    many, title = plural(noun), noun.capitalize()
    if asked is not None:
        return asked, f"{title} size {asked[0]}x{asked[1]}, as asked for."
    height, width = shape_median(sizes)
    uniform = len(set(sizes)) == 1
    if uniform and max(height, width) <= kept_side:
        return (height, width), f"All {many} are {height}x{width} (height x width)."
    scale = min(1.0, longest_side / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    cause = f"All {many} are {height}x{width}" if uniform else f"{title} sizes differ"
    return size, (
        f"{cause}; all are resized to {size[0]}x{size[1]} (height x width), the median "
        f"size with the longer side at most {longest_side}."
    )


def resize_image(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Stretch an image bilinearly, with antialiasing, to `(height, width)`."""
    height, width = size
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=None)


def resize_array(array: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Stretch an image bilinearly, with antialiasing.

    `tf.image.resize(method="bilinear", antialias=True)` followed by rounding gives
    the same to within one grey level.

    Args:
        array: An image of any numeric dtype, shape `(height, width, channels)`.
        size: `(height, width)` to reach.

    Returns:
        The image in the dtype of `array`, shape `(*size, channels)`; integers are
        rounded to the nearest.
    """
    if array.shape[:2] == size:
        return array
    if array.dtype == np.uint8 and array.shape[2] in (1, 3):
        pixels = array[:, :, 0] if array.shape[2] == 1 else array
        resized = np.asarray(resize_image(Image.fromarray(pixels), size))
        return resized.reshape(*size, array.shape[2])
    planes = [
        np.asarray(resize_image(Image.fromarray(plane.astype(np.float32)), size))
        for plane in np.moveaxis(array, 2, 0)
    ]
    stacked = np.stack(planes, axis=2)
    if np.issubdtype(array.dtype, np.integer):
        stacked = np.rint(stacked)
    return stacked.astype(array.dtype)
