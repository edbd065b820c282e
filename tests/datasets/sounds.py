"""Sounds and files of them, whole or merely claimed."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import wavfile

from automl_datasets.media import audio
from automl_datasets.samples import Layout


def layout_of(rate: int, samples: int) -> Layout:
    preprocessing = {"sample_rate": rate, "samples": samples, "fit": audio.FIT}
    return Layout("audio", (samples, 1), "float32", preprocessing)


def write(path: Path, values: Any, rate: int = 8000) -> str:
    wavfile.write(path, rate, np.asarray(values))
    return str(path)


def tone(seconds: float, rate: int, pitch: float = 440.0) -> np.ndarray[Any, Any]:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def header_of(
    *, frames: int = 100, rate: int = 8000, block: int = 2, channels: int = 1
) -> bytes:
    """Return the header of a 16-bit wav file, whatever it claims."""
    described = struct.pack(
        "<HHIIHH", 1, channels, rate, rate * block % 2**32, block, 16
    )
    size = frames * block % 2**32
    chunks = b"fmt " + struct.pack("<I", 16) + described
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVE"
        + chunks
        + (b"data" + struct.pack("<I", size))
    )
