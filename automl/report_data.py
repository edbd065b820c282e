"""What the data set is, as the report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.explanations.record import load_examples
from automl.run.directory import RunDirectory
from automl_datasets.profile import DataProfile
from automl_datasets.spec import DataSpec
from automl_datasets.splitting import SPLITS
from automl_reports.data_summary import DataSummary

_MAX_SKIPPED_SHOWN = 200


def data_summary(run: RunDirectory, values: Mapping[str, Any]) -> DataSummary:
    """Return what the run's record knows of its data.

    Args:
        run: The run, for the samples to show.
        values: What `run.json` holds.
    """
    if "spec" not in values:
        return DataSummary(values["request"]["data"], "unknown", (), (), {})
    spec = DataSpec.from_json(values["spec"])
    profile = DataProfile.from_json(values["profile"])
    counts = {
        split: tuple(by_class.get(name, 0) for name in spec.classes)
        for split, by_class in profile.counts.items()
    }
    return DataSummary(
        source=profile.source,
        kind=spec.kind,
        shape=spec.shape,
        classes=spec.classes,
        counts=counts,
        notes=profile.notes,
        skipped=profile.skipped[:_MAX_SKIPPED_SHOWN],
        num_skipped=len(profile.skipped),
        duplicates_across_splits=profile.duplicate_count,
        totals={name: values["spec"][f"num_{name}"] for name in SPLITS},
        targets=spec.targets,
        target_mean=spec.target_mean,
        target_std=spec.target_std,
        preprocessing=spec.preprocessing,
        examples=load_examples(run.path),
        dtype=spec.dtype,
    )
