"""Sound files inside TensorFlow graphs."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def decode_wav(encoded: Any, sample_rate: int) -> Any:
    """Return one wav file as a float32 waveform in [-1, 1], `(samples, 1)`.

    A file of another sample rate, an empty one, a truncated one and one whose samples
    do not have 16 bits fail with a message.

    Args:
        encoded: A scalar string: a wav file of 16-bit samples. Several channels are
            mixed down to their mean.
        sample_rate: What the file must have, in Hz.
    """
    waves, rate = tf.audio.decode_wav(encoded)
    checks = [
        _require(
            tf.equal(rate, sample_rate),
            f"Resample the wav file to {sample_rate} Hz, which the model takes; "
            "its own rate is",
            rate,
        ),
        _require(tf.size(waves) > 0, "The wav file holds no sound; its size is", 0),
    ]
    with tf.control_dependencies([check for check in checks if check is not None]):
        return tf.reduce_mean(waves, axis=1, keepdims=True)


def _require(condition: Any, message: str, value: Any) -> Any:
    """Return an operation that fails; `None` where it ran already, outside graphs."""
    return tf.debugging.Assert(condition, [message, value])
