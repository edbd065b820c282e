"""What `--json` prints is public: docs/options.md names every field of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

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
from tests.automl.printed import printed
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


def test_every_field_of_a_search_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of("digits")
    (single,) = report.trials
    ensemble = EnsembleRow(single, "0007", (("0007", 1.0),), 0.02, (0.01, 0.03))
    report = dataclasses.replace(
        report, ensemble=ensemble, failed_exports=(("onnx", "It lacks a layer."),)
    )
    _, told, _ = printed(report, monkeypatch, capsys)
    assert {"failed_exports", "ensemble"} <= set(told)
    inner = (told[name] for name in ("best", "trials", "ensemble"))
    assert not untold(set(told).union(*inner))
