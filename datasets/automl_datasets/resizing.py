"""Resizing images exactly as the exported model will."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


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
