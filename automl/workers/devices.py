"""The GPUs of this machine, found without TensorFlow.

Whoever supervises the workers never touches a GPU: a process that did would hold memory
on it, and could not be forked. NVIDIA's own tool tells what there is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

_COLUMNS = "index,uuid,name,memory.total,compute_cap"
_TOOL = "nvidia-smi"
_TOOL_SECONDS = 20
_PROBE_SECONDS = 120
_PROBE = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
#: Least compute capability with tensor cores for bfloat16, and for float16.
_BFLOAT16, _FLOAT16 = 8.0, 7.0


@dataclass(frozen=True)
class Device:
    """One GPU.

    Attributes:
        identity: What `CUDA_VISIBLE_DEVICES` calls it.
        name: For people.
        memory_bytes: Its memory.
        compute_capability: For example 8.6.
    """

    identity: str
    name: str
    memory_bytes: int
    compute_capability: float

    @property
    def precision(self) -> str:
        """Keras's dtype policy for training on it.

        Half precision pays where tensor cores compute in it. bfloat16 has the range of
        float32, float16 needs its loss scaled, which Keras does.
        """
        if self.compute_capability >= _BFLOAT16:
            return "mixed_bfloat16"
        if self.compute_capability >= _FLOAT16:
            return "mixed_float16"
        return "float32"

    def environment(self) -> dict[str, str]:
        """Return what a process has to have set before it imports TensorFlow."""
        return {
            "CUDA_VISIBLE_DEVICES": self.identity,
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        }


def visible_devices(environment: Mapping[str, str] = os.environ) -> tuple[Device, ...]:
    """Return the GPUs that processes started from here may use; none is usual.

    Args:
        environment: `CUDA_VISIBLE_DEVICES` in it narrows and orders them.
    """
    allowed = environment.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None and not allowed.strip():
        return ()
    tool = shutil.which(_TOOL)
    if tool is None:
        return ()
    query = [tool, f"--query-gpu={_COLUMNS}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(
            query, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()  # a driver that does not answer is no GPU to train on
    return _narrowed(parse_devices(answer.stdout), allowed)


def usable_devices() -> tuple[Device, ...]:
    """Return the GPUs that TensorFlow can use too, asked in a process of its own.

    TensorFlow without its CUDA libraries sees none: then the machine computes on its
    processors. Where there is no GPU nothing is started.
    """
    devices = visible_devices()
    return devices if devices and _tensorflow_sees_gpus() else ()


def parse_devices(text: str) -> tuple[Device, ...]:
    """Return what lines of `nvidia-smi` tell, with UUIDs as identities.

    Example:
        >>> parse_devices("0, GPU-1f, NVIDIA L4, 23034, 8.9")[0].precision
        'mixed_bfloat16'
    """
    devices = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != len(_COLUMNS.split(",")) or not cells[0].isdigit():
            continue  # a message of the tool, such as that no device was found
        _, identity, name, mebibytes, capability = cells
        memory = _memory(mebibytes)
        devices.append(Device(identity, name, memory, float(capability)))
    return tuple(devices)


def _memory(mebibytes: str) -> int:
    """Return bytes; a GPU that names none shares the machine's."""
    try:
        return int(float(mebibytes) * 2**20)
    except ValueError:
        return int(psutil.virtual_memory().total)


def _narrowed(devices: tuple[Device, ...], allowed: str | None) -> tuple[Device, ...]:
    """Return the devices that `CUDA_VISIBLE_DEVICES` leaves, in its order.

    CUDA ignores everything from the first entry on that names no device.
    """
    if allowed is None:
        return devices
    found: list[Device] = []
    for entry in (text.strip() for text in allowed.split(",")):
        device = _named(devices, entry)
        if device is None:
            break
        found.append(device)
    return tuple(found)


def _named(devices: tuple[Device, ...], entry: str) -> Device | None:
    if entry.isdigit():
        return devices[int(entry)] if int(entry) < len(devices) else None
    return next((d for d in devices if entry and d.identity.startswith(entry)), None)


def _tensorflow_sees_gpus() -> bool:
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    lines = answer.stdout.split()
    return bool(lines) and lines[-1].isdigit() and int(lines[-1]) > 0
