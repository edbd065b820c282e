"""How many workers a machine carries, and how much memory each may take."""

from __future__ import annotations

from automl.run.environment import usable_cores, usable_memory

_USUAL_BYTES = 1_500_000_000  # of a worker with a small network and its samples


def usual_workers() -> int:
    """Return one worker a core, or as many as there is memory for."""
    fitting = default_memory_limit(1) // _USUAL_BYTES
    return max(1, min(usable_cores(), fitting))


def default_memory_limit(num_workers: int) -> int:
    """Return the resident bytes of a worker: its share of nine tenths of memory."""
    return int(0.9 * usable_memory() / num_workers)
