"""What `--json` prints is public: docs/options.md names every field of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.cli.search import _result
from automl.inference import (
    ClassPrediction,
    Evaluation,
    LabelsPrediction,
    ValuesPrediction,
)
from automl_datasets.inspection import Inspection
from automl_reports.rows import EnsembleRow
from automl_search_spaces.overview import Dimension, NetworkCost
from docs.write_options import HEAD
from tests.reports.test_model_card import report_of

SECTION = HEAD.partition("## JSON\n")[2]


def untold(names: set[str]) -> set[str]:
    """Return the fields that the section does not name."""
    return {name for name in names if f"`{name}`" not in SECTION}


@pytest.mark.parametrize(
    "record",
    [
        ClassPrediction,
        Dimension,
        Inspection,
        LabelsPrediction,
        NetworkCost,
        ValuesPrediction,
    ],
)
def test_every_field_of_a_record_is_told(record: Any) -> None:
    assert not untold({field.name for field in dataclasses.fields(record)})


def test_every_field_of_an_evaluation_is_told() -> None:
    evaluation = Evaluation(
        "val_accuracy", 0.9, (0.8, 1.0), 10, {"accuracy": 0.9}, (), "accuracy"
    )
    assert not untold(set(evaluation.to_json()))


def test_every_field_of_a_search_is_told() -> None:
    report = report_of("digits")
    (single,) = report.trials
    ensemble = EnsembleRow(single, "0007", (("0007", 1.0),), 0.02, (0.01, 0.03))
    report = dataclasses.replace(
        report, ensemble=ensemble, failed_exports=(("onnx", "It lacks a layer."),)
    )
    run = SimpleNamespace(path=Path("runs/a"), rows=report, costs=())
    told = _result(run)  # type: ignore[arg-type]

    assert {"failed_exports", "ensemble"} <= set(told)
    inner = (told[name] for name in ("best", "trials", "ensemble"))
    assert not untold(set(told).union(*inner))
