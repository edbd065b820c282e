"""Spoil good files at random, and read them under limits of memory and time.

    python benchmarks/fuzz_readers.py --family wav --minutes 60
    python benchmarks/fuzz_readers.py --minutes 3         # three minutes of each family

A file has to be read, or refused in a sentence. Anything else is a fault: another
error, a crash, more than 10 s of processor time, more than 1 GiB of memory. Each fault
is told once, and the file that caused it is kept in the folder of faults.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.printing import say
from tests.datasets.fuzz_mutations import mutated
from tests.datasets.fuzz_reading import Outcome, Readers
from tests.datasets.fuzz_seeds import FAMILIES

_TOLD_EVERY_SECONDS = 60.0


def fault_kind(fault: str) -> str:
    """Return a fault without what differs from file to file."""
    place = re.search(r"\(\w+\.py:\d+\)$", fault)
    name = fault.partition(":")[2].partition(":")[0]
    return f"{name} {place[0]}" if place else re.sub(r"\d+", "N", fault)[:80]


def fuzz(family: str, seconds: float, chance: Random, faults: Path) -> int:
    """Read spoilt files of a family for some time; return how many kinds of fault."""
    seeds = FAMILIES[family][0]()
    others = [seed.content for seed in seeds]
    words: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    start = told = time.monotonic()
    with Readers() as readers, TemporaryDirectory() as temporary:
        folders = [Path(temporary) / str(i) for i in range(len(seeds))]
        for seed, folder in zip(seeds, folders, strict=True):
            folder.mkdir()
            path = seed.write(folder, seed.content)
            good = readers.read(path, seed.medium, trusted=True)
            if good.word != "read":
                sys.exit(f"the good {seed.name} is {good.word}: {good.told}")
        while time.monotonic() - start < seconds:
            place = chance.randrange(len(seeds))
            seed = seeds[place]
            content = mutated(seed.content, chance, others)
            path = seed.write(folders[place], content)
            outcome = readers.read(path, seed.medium)
            words[outcome.word] += 1
            if outcome.fault:
                kind = fault_kind(outcome.fault)
                kinds[kind] += 1
                if kinds[kind] == 1:
                    _keep(path.parent / seed.name, family, outcome, faults, len(kinds))
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                say(f"{family}: {dict(words)}, {len(kinds)} faults")
    say(f"{family}: {words.total():,} files, {dict(words)}")
    for kind, count in kinds.most_common():
        say(f"  {count:6,} x {kind}")
    return len(kinds)


def _keep(path: Path, family: str, outcome: Outcome, faults: Path, number: int) -> None:
    folder = faults / f"{family}-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / path.name).write_bytes(path.read_bytes())
    say(f"{family}: {outcome.fault}\n  kept in {folder}")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=[*FAMILIES, "all"], default="all")
    parser.add_argument("--minutes", type=float, default=3.0, help="of each family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", type=Path, default=Path("faults"))
    asked = parser.parse_args()
    chosen = list(FAMILIES) if asked.family == "all" else [asked.family]
    found = 0
    for family in chosen:
        chance = Random(f"{asked.seed} {family}")
        found += fuzz(family, 60 * asked.minutes, chance, asked.faults)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
