"""Images inside TensorFlow graphs: decoding and resizing as the preparation does."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

# ITU-R 601-2 luma, as Pillow converts to grey.
_LUMA = (0.299, 0.587, 0.114)
_WHITE = 255.0
_PNG_MAGIC = b"\x89PNG"


def resize(images: Any, height: int, width: int, *, whole: bool) -> Any:
    """Return images of the model's size.

    Args:
        images: Intensities of shape `(batch, any, any, channels)`, any dtype.
        height: Rows that the model takes.
        width: Columns that the model takes.
        whole: Whether resized intensities are rounded, as those of whole numbers are
            in the preparation.

    Returns:
        float32 `(batch, height, width, channels)`; the values as they are where the
        size is right already.
    """
    images = tf.cast(images, tf.float32)
    fits = tf.reduce_all(tf.shape(images)[1:3] == [height, width])
    resized = tf.cond(
        fits, lambda: images, lambda: _resampled(images, (height, width), whole=whole)
    )
    # Not `ensure_shape` inside the branch: within `map_fn` it runs even if not taken.
    return tf.ensure_shape(resized, (None, height, width, images.shape[-1]))


def _resampled(images: Any, size: tuple[int, int], *, whole: bool) -> Any:
    resampled = tf.image.resize(images, size, method="bilinear", antialias=True)
    return tf.round(resampled) if whole else resampled


def decode(encoded: Any, channels: int) -> Any:
    """Return one encoded image as float32 `(height, width, channels)` in 0 to 255.

    Args:
        encoded: A scalar string: PNG, JPEG, GIF (its first frame), BMP or WebP.
        channels: 1 or 3.
    """
    pixels = tf.case(
        [
            (tf.io.is_jpeg(encoded), lambda: _decode_jpeg(encoded)),
            (_is_png(encoded), lambda: _decode_png(encoded)),
        ],
        default=lambda: _decode_any(encoded),
    )
    pixels = tf.ensure_shape(pixels, (None, None, 3))
    if channels == 1:
        pixels = tf.round(tf.tensordot(pixels, tf.constant(_LUMA), axes=1))[..., None]
    return pixels


def _decode_jpeg(encoded: Any) -> Any:
    # The accurate transform is the one that Pillow uses.
    pixels = tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")
    return tf.cast(pixels, tf.float32)


def _decode_png(encoded: Any) -> Any:
    pixels = tf.cast(tf.io.decode_png(encoded, channels=4), tf.float32)
    opacity = pixels[..., 3:] / 255.0
    return tf.round(pixels[..., :3] * opacity + _WHITE * (1.0 - opacity))


def _decode_any(encoded: Any) -> Any:
    pixels = tf.io.decode_image(encoded, channels=3, expand_animations=False)
    return tf.cast(pixels, tf.float32)


def _is_png(encoded: Any) -> Any:
    return tf.strings.substr(encoded, 0, len(_PNG_MAGIC)) == _PNG_MAGIC
