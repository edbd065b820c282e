"""Small pictures as `data:` addresses."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

MOST_PIXELS = 96
_QUALITY = 75
_LOSSLESS_PIXELS = 32
_OUTLIERS = 1.0  # percent at either end

# Dark red to light yellow: seen on black and on white, and by the colour-blind.
_HEAT = np.array([(120, 28, 109), (203, 65, 73), (247, 131, 33), (252, 255, 164)])
_STRONGEST = 200


def encoded(pixels: np.ndarray, *, most: int = MOST_PIXELS) -> tuple[str, int, int]:
    """Return a picture as a `data:` address, with its width and height.

    Args:
        pixels: uint8 `(height, width)`, or `(height, width, 3 or 4)`.
        most: Pixels of its longer side; a larger picture is made smaller.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if max(image.size) > most:
        image.thumbnail((most, most), Image.Resampling.BOX)
    return _address(image), image.width, image.height


def heat(strengths: np.ndarray, *, most: int = 24) -> str:
    """Return strengths in [0, 1] of shape `(height, width)` as see-through colours."""
    places = np.linspace(0, 1, len(_HEAT))
    strengths = np.clip(strengths, 0, 1)
    channels = [np.interp(strengths, places, _HEAT[:, c]) for c in range(3)]
    pixels = np.stack([*channels, _STRONGEST * strengths], axis=-1)
    return encoded(np.round(pixels).astype(np.uint8), most=most)[0]


def grey(values: np.ndarray, limits: tuple[float, float] | None = None) -> np.ndarray:
    """Return numbers of any kind as uint8, from black to white.

    Args:
        values: Any shape; NaN becomes black.
        limits: What is black and what is white; by default the values without the
            outermost hundredths.
    """
    numbers = np.asarray(values, float)
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        return np.zeros(numbers.shape, np.uint8)
    low, high = limits or np.percentile(known, (_OUTLIERS, 100 - _OUTLIERS))
    if high <= low:
        low, high = float(known.min()), float(known.max())
    share = (numbers - low) / ((high - low) or 1.0)
    scaled = np.nan_to_num(255 * np.clip(share, 0, 1))
    return np.asarray(np.round(scaled), np.uint8)


def _address(image: Image.Image) -> str:
    kind, options = _format_of(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    text = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{text}"


def _format_of(image: Image.Image) -> tuple[str, dict[str, Any]]:
    tiny = max(image.size) <= (_LOSSLESS_PIXELS if image.mode != "RGB" else 16)
    if ".webp" in Image.registered_extensions():
        return "WEBP", {"lossless": tiny, "quality": _QUALITY, "method": 6}
    if tiny or image.mode == "RGBA":
        return "PNG", {"optimize": True}
    return "JPEG", {"quality": _QUALITY}
