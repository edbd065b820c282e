"""What was found in the data and done to it, for people to read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class DataProfile:
    """The story of one prepared data set.

    Attributes:
        source: Path of the data.
        kind: One of `spec.KINDS`.
        why: Why it was taken for that kind of source.
        counts: Samples of each class, or that have each label, in each split; a
            regression has none.
        notes: One sentence each: splits, sizes, conversions, problems.
        skipped: `(name, reason)` of every file that is not in the prepared data.
        duplicate_count: Samples of validation or test whose prepared content also
            occurs in an earlier split (train, then validation).
        duplicates: Some of them by name, the earlier split's first.
        sizes: Spatial size before resizing: `min`, `median`, `max` of each dimension.
    """

    source: str
    kind: str
    why: str
    counts: dict[str, dict[str, int]]
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    duplicate_count: int = 0
    duplicates: tuple[tuple[str, str], ...] = ()
    sizes: dict[str, tuple[int, ...]] | None = None

    @property
    def duplicates_across_splits(self) -> dict[str, Any]:
        """Count and some pairs of samples that occur in two splits."""
        return {"count": self.duplicate_count, "pairs": self.duplicates}

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> DataProfile:
        """Return the profile that `to_json` wrote.

        Example:
            >>> profile = DataProfile("a.npz", "image", "named .npz", {"train": {}},
            ...                       skipped=(("a.png", "empty file"),))
            >>> DataProfile.from_json(profile.to_json()) == profile
            True
        """
        sizes = values["sizes"]
        return cls(
            **{
                **values,
                "notes": tuple(values["notes"]),
                "skipped": tuple((name, reason) for name, reason in values["skipped"]),
                "duplicates": tuple((a, b) for a, b in values["duplicates"]),
                "sizes": sizes and {key: tuple(size) for key, size in sizes.items()},
            }
        )
