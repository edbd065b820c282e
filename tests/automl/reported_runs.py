"""Runs on disk that a report is written of, as small as they can be."""

from __future__ import annotations

from pathlib import Path

from automl.run.directory import IN_PROGRESS, RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import Training, TrialRecord


def record(
    trial: str, status: str, score: float | None, **fields: object
) -> TrialRecord:
    """Return a trial that the search gave three epochs."""
    training = Training("search", 1, 9, epochs=3, best_epoch=2, val_score=score)
    values = {"params": 10, "macs": 20, **fields}
    return TrialRecord(
        trial,
        {},
        "auto",
        status=status,
        trainings=[training],
        **values,  # type: ignore[arg-type]
    )


def folds(*scores: float) -> list[Training]:
    """Return one training a fold."""
    return [
        Training(f"fold-{place}", 1, 9, val_score=score, seconds=2.0)
        for place, score in enumerate(scores)
    ]


def begun(
    path: Path, *, data: str = "photos", objective: str = "val_accuracy"
) -> RunDirectory:
    """Return a run of two classes that has no trial yet."""
    directory = RunDirectory(path)
    directory.write(
        {
            "name": "run",
            "state": IN_PROGRESS,
            "request": SearchRequest(data, objective=objective).to_json(),
            "seconds": 3.0,
            "spec": {
                "kind": "image",
                "shape": [8, 8, 1],
                "dtype": "uint8",
                "task": "classification",
                "classes": ["a", "b"],
                "num_train": 100,
                "num_val": 20,
                "num_test": 40,
                "mean": [1.0],
                "std": [1.0],
                "resized": False,
            },
            "profile": {
                "source": data,
                "kind": "image",
                "why": "a folder",
                "counts": {"train": {"a": 50, "b": 50}},
                "notes": [],
                "skipped": [],
                "duplicate_count": 0,
                "duplicates": [],
                "sizes": None,
            },
        }
    )
    return directory
