"""What is worth telling about data that has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl_datasets.naming import counted, few, quoted
from automl_datasets.reading import Outcome
from automl_datasets.sources import Sample
from automl_datasets.splitting import SPLITS

_NAMED_PAIRS = 20
_NAMED_CLASSES = 5
_NAMED_REASONS = 3
_BALANCED = 3  # times as many samples of one class as of another


def conversions(outcomes: Sequence[Outcome], noun: str) -> list[str]:
    """Return one sentence for each thing that was done to samples."""
    done = Counter(remark for outcome in outcomes for remark in outcome.remarks)
    return [f"{counted(n, noun)}: {remark}." for remark, n in done.most_common()]


def skipped_for(skipped: Sequence[tuple[str, str]]) -> str:
    """Return why entries were skipped, the most frequent reasons first.

    Args:
        skipped: `(name, reason)` of files, rows of tables, lines.

    Example:
        >>> skipped_for([("a", "empty"), ("b", "not an image"), ("c", "empty")])
        'empty (2); not an image (1)'
    """
    reasons = Counter(reason for _, reason in skipped).most_common()
    told = [f"{reason.rstrip('.')} ({n:,})" for reason, n in reasons[:_NAMED_REASONS]]
    rest = sum(n for _, n in reasons[_NAMED_REASONS:])
    return "; ".join([*told, f"other reasons ({rest:,})"] if rest else told)


def size_range(sizes: Sequence[tuple[int, ...]]) -> dict[str, tuple[int, ...]] | None:
    """Return the `min`, `median` and `max` of each spatial dimension."""
    if not sizes:
        return None
    return {
        name: tuple(int(v) for v in measure(sizes, axis=0))
        for name, measure in (("min", np.min), ("median", np.median), ("max", np.max))
    }


def duplicates(
    samples: Sequence[Sample], outcomes: Sequence[Outcome], splits: NDArray[np.str_]
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Find samples that occur, exactly as prepared, in an earlier split as well.

    Returns:
        How many samples of validation and test do, and some pairs of names, the
        earlier split's first.
    """
    seen: dict[bytes, str] = {}
    pairs = []
    for split in SPLITS:
        places = np.flatnonzero(splits == split).tolist()
        for place in places:
            twin = seen.get(outcomes[place].digest)
            if twin is not None:
                pairs.append((twin, samples[place].name))
        for place in places:
            seen.setdefault(outcomes[place].digest, samples[place].name)
    return len(pairs), tuple(pairs[:_NAMED_PAIRS])


def contradictions(
    samples: Sequence[Sample], outcomes: Sequence[Outcome], *, told: str = "class"
) -> list[str]:
    """Return a sentence if identical samples are labelled differently.

    Args:
        samples: The samples, with their targets.
        outcomes: What reading each of them gave.
        told: What a target is called: `class`, `set of labels` or `target`.
    """
    first: dict[bytes, Sample] = {}
    pairs = []
    for sample, outcome in zip(samples, outcomes, strict=True):
        twin = first.setdefault(outcome.digest, sample)
        if twin.target != sample.target:
            pairs.append((twin.name, sample.name))
    if not pairs:
        return []
    return [
        f"{counted(len(pairs), 'sample')} repeat another exactly under a different "
        f"{told}, for example {pairs[0][0]} and {pairs[0][1]}."
    ]


def thin_classes(counts: dict[str, dict[str, int]]) -> list[str]:
    """Return one sentence for each split that misses some classes.

    Classes that the data declares, and no sample has, are told once.

    Example:
        >>> split = {"a": 1, "b": 0}
        >>> thin_classes({"train": split, "val": {"a": 0, "b": 0}, "test": split})
        ["No split has a sample of 'b'.", "The val split has no sample of 'a'."]
    """
    missing = {s: {c for c, n in counts[s].items() if n == 0} for s in SPLITS}
    nowhere = set.intersection(*missing.values())
    told = {"No split has a sample of": nowhere}
    told |= {f"The {s} split has no sample of": missing[s] - nowhere for s in SPLITS}
    sentences = []
    for beginning, absent in told.items():
        names = [quoted(name) for name in counts[SPLITS[0]] if name in absent]
        if names:
            sentences.append(f"{beginning} {few(names, _NAMED_CLASSES)}.")
    return sentences


def imbalance(counts: dict[str, int], task: str) -> list[str]:
    """Return a sentence if classes differ much in their training samples.

    Args:
        counts: Training samples of each class, or that have each label.
        task: One of `spec.TASKS`.
    """
    present = {name: count for name, count in counts.items() if count}
    if len(present) < 2:
        return []
    most, least = (
        max(present, key=present.__getitem__),
        min(present, key=present.__getitem__),
    )
    ratio = present[most] / present[least]
    if ratio <= _BALANCED:
        return []
    noun = "Classes" if task == "classification" else "Labels"
    return [
        f"{noun} are imbalanced: {present[most]:,} training samples of {most!r}, "
        f"{present[least]:,} of {least!r} ({ratio:.1f} times as many); accuracy alone "
        "says little."
    ]


def shared_groups(groups: Sequence[str] | None, splits: NDArray[np.str_]) -> list[str]:
    """Return a sentence if some groups have samples in several splits.

    None is named: a group may be a patient.
    """
    if groups is None:
        return []
    found: dict[str, set[str]] = {}
    for group, split in zip(groups, splits.tolist(), strict=True):
        found.setdefault(group, set()).add(split)
    shared = [of for of in found.values() if len(of) > 1]
    if not shared:
        return []
    where = ", ".join(name for name in SPLITS if any(name in of for of in shared))
    return [
        f"{counted(len(shared), 'group')} of {len(found):,} occur in several of the "
        f"splits that the data declares ({where}); scores on them may be too good."
    ]
