r"""Keep a run of this version for the tests of later ones: `keep.py RUN`.

The run is a tiny one of generated data, searched with paths relative to its folder:

    python examples/make_digits.py digits --per-class 20
    automl search --data digits --out run --trials 2 --epochs 8 --workers 1 \
        --export keras
    python tests/old_runs/keep.py run

What can be made again, and weights beside the model's, are left behind. The run of
format 1 is version 0.1.0's.
"""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

KEPT = (
    "run.json",
    "oracle.json*",
    "importance.json",
    "examples.json",
    "trials/*/trial.json",
    "trials/*/history.csv",
    "trials/**/*_predictions.npy",
    "trials/**/*_probabilities.npy",  # as version 0.1.0 called them
    "trials/**/explanation.json",
    "data/*.json",
    "data/*_targets.npy",
    "best/labels.txt",
    "best/model.keras",
)
MOST_BYTES = 150_000


def keep(run: Path) -> int:
    """Copy what is to be kept, and return its size in bytes."""
    values = json.loads((run / "run.json").read_text(encoding="utf-8"))
    folder = Path(__file__).with_name(f"format-{values.get('format', 1)}")
    files = [file for pattern in KEPT for file in sorted(run.glob(pattern))]
    for file in files:
        target = folder / file.relative_to(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    pack(folder / "best" / "model.keras")
    values["environment"]["hardware"] = {}  # of whoever keeps it: of no use to a test
    (folder / "run.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def pack(model: Path) -> None:
    """Compress the parts of an archive, which Keras stores as they are."""
    with zipfile.ZipFile(model) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(model, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


if __name__ == "__main__":
    kept = keep(Path(sys.argv[1]))
    sys.stdout.write(f"{kept / 1000:.0f} kB\n")
    sys.exit(kept > MOST_BYTES)
