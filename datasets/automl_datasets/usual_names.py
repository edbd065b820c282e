"""What columns and arrays are usually called, in lower case, the likeliest first."""

from __future__ import annotations

TARGET_NAMES = (
    "label", "labels", "class", "target", "y", "category", "sentiment", "outcome",
)  # fmt: skip
GROUP_NAMES = (
    "group", "groups", "patient", "patient_id", "subject", "speaker", "scan",
    "src_file", "source_file", "fsid",
)  # fmt: skip
GROUP_WORDS = (  # perhaps with `id`, `name` or the like behind them
    "patient", "subject", "participant", "volunteer", "donor", "lesion", "study",
    "speaker", "actor", "client", "user", "recording", "session", "scan", "track",
    "song",
)  # fmt: skip
SPLIT_NAMES = ("split", "set", "subset", "partition", "fold", "usage")
TIME_NAMES = (
    "time", "timestamp", "datetime", "date", "t", "step", "timestep", "time_step",
    "frame", "cycle", "tick", "seq", "sequence_index",
)  # fmt: skip
