"""Intensities of one depth, brought to the dtype of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError

_SIXTEEN_PER_EIGHT = 257  # steps of 16-bit intensities in one of 8 bits


def rescale(
    pixels: NDArray[Any], depth: str, dtype: str, remarks: list[str]
) -> NDArray[Any]:
    """Bring intensities of one depth to the dtype of the data set.

    Between integers, full scale maps to full scale: 16 bit to 8 bit divides by 257.
    Floats have no full scale: their own range is stretched over that of an integer
    dtype. In a float32 data set they stay as they are; integers become `[0, 1]`.
    """
    if depth == "float":
        if not np.isfinite(pixels).all():
            raise DataError("holds NaN or infinite values")
        if dtype == "float32":
            return pixels.astype(np.float32)
        remarks.append(f"float pixels stretched to {dtype} by their range")
        return np.rint(stretched(pixels) * np.iinfo(dtype).max).astype(dtype)
    full_scale = 65535 if depth == "16" else 255
    if dtype == "float32":
        remarks.append(f"{depth}-bit pixels scaled to [0, 1] beside float images")
        return (pixels / np.float32(full_scale)).astype(np.float32)
    if np.iinfo(dtype).max == full_scale:
        return pixels.astype(dtype)
    if depth == "8":
        remarks.append("8-bit pixels widened to 16 bit by 257")
        widened: NDArray[Any] = pixels.astype(dtype) * _SIXTEEN_PER_EIGHT
        return widened
    remarks.append("16-bit pixels reduced to 8 bit by 257")
    # Rounded to the nearest without floats, which large images have no memory for.
    reduced = (pixels.astype(np.uint32) + _SIXTEEN_PER_EIGHT // 2) // _SIXTEEN_PER_EIGHT
    return reduced.astype(dtype)


def stretched(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Return values over their own range, from 0 to 1."""
    low, high = float(pixels.min()), float(pixels.max())
    return (pixels.astype(np.float64) - low) / ((high - low) or 1.0)
