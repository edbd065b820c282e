import dataclasses

import pytest

from automl_reports.model_card import render
from automl_reports.rows import (
    DataSummary,
    ExportRow,
    ModelDetail,
    RunReport,
    TrialRow,
)

HOSTILE = "<script>alert(1)</script> | `x` \n# head"


def report_of(name: str) -> RunReport:
    row = TrialRow(
        "0007",
        "completed",
        "resnet gap",
        "auto",
        val_score=0.96,
        test_score=0.9321,
        test_interval=(0.91, 0.95),
        params=1234,
        macs=99,
        recommended=True,
    )
    data = DataSummary("data", "image", (8, 8, 1), (name, "b"), {"test": (3, 2)})
    detail = ModelDetail(
        "0007", ((3, 0), (1, 1)), (0.75, 1.0), (1, 0.5), (0.9, None), (3, 2)
    )
    export = ExportRow("savedmodel", "best/saved_model", 0.1, 0.9321, 0.0)
    return RunReport(
        name=name,
        state="finished",
        task="classification",
        objective="val_accuracy",
        direction="max",
        seconds=1.0,
        workers=1,
        created="now",
        trials=(row,),
        data=data,
        models=(detail,),
        exports=(export,),
    )


def test_the_card_has_the_facts() -> None:
    card = render(report_of("digits"))
    for fact in (
        "0.932",
        "0.910 to 0.950",
        "1.23\u00a0k",
        "savedmodel export",
        "| digits |",
    ):
        assert fact in card


def test_names_are_no_markup() -> None:
    card = render(report_of(HOSTILE))
    assert "<script>" not in card
    assert "\n# head" not in card


def test_no_model_no_card() -> None:
    with pytest.raises(ValueError, match="no recommended"):
        render(dataclasses.replace(report_of("x"), trials=()))
