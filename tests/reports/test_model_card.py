import dataclasses
import re

import pytest

from automl_reports.data_summary import DataSummary
from automl_reports.explanation import Calibration, CalibrationBin
from automl_reports.model_card import render
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import EnsembleRow, ExportRow, RunReport, TrialRow

HOSTILE = "<script>alert(1)</script> | `x` \n# head @someone"


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
        "| `saved_model` | float32 | 0.932 |",
        "| digits |",
    ):
        assert fact in card


def test_every_format_is_called_by_a_program_that_compiles() -> None:
    report = report_of("digits")
    exports = [
        ExportRow(name, f"best/{file}", 0.1, 0.9, 0.0, quantize=quantize)
        for name, file, quantize in (
            ("savedmodel", "saved_model", "none"),
            ("keras", "model.keras", "none"),
            ("onnx", "model.onnx", "none"),
            ("litert", "model.tflite", "int8"),
        )
    ]
    for kind in ("image", "series", "audio", "text"):
        data = dataclasses.replace(report.data, kind=kind, dtype="uint8")
        card = render(dataclasses.replace(report, exports=tuple(exports), data=data))
        programs = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
        assert len(programs) == len(exports)
        for program, export in zip(programs, exports, strict=True):
            compile(program, "program", "exec")
            assert f'"{export.path.removeprefix("best/")}"' in program
        assert ("serve_bytes(bytes)" in card) == (kind in ("image", "audio"))
        assert '["classify"]' in programs[0]
        assert "`classify(inputs)`" in card
        assert "litert (int8: weights and activations of 8 bits)" in card


def test_intervals_and_calibration_are_told() -> None:
    report = report_of("digits")
    bins = (CalibrationBin(0.9, 1.0, 5, 0.95, 0.8),)
    row = dataclasses.replace(
        report.trials[0],
        test_metrics={"accuracy": 0.9321, "auc": 0.99},
        test_intervals={"auc": (0.97, 0.995)},
    )
    (model,) = report.models
    model = dataclasses.replace(model, calibration=Calibration(bins, 0.15))
    card = render(dataclasses.replace(report, trials=(row,), models=(model,)))
    assert "Test AUC: 0.990 (95 % interval 0.970 to 0.995)" in card
    assert "| 0.900 to 1 | 0.950 | 0.800 | 5 |" in card
    assert "0.150" in card
    assert "How often answers on test are right" in card
    assert "| share right |" in card


def test_calibration_of_labels_says_how_often_they_are_there() -> None:
    report = report_of("digits")
    bins = (CalibrationBin(0.0, 0.1, 5, 0.05, 0.1),)
    model = ModelDetail("0007", calibration=Calibration(bins, 0.05))
    card = render(dataclasses.replace(report, task="multilabel", models=(model,)))
    assert "How often labels are there on test" in card
    assert "| share that has the label |" in card
    assert "right" not in card.partition("## Calibration")[2].partition("\n## ")[0]


def test_scores_are_not_rounded_up_to_one() -> None:
    report = report_of("digits")
    row = dataclasses.replace(
        report.trials[0],
        val_score=0.99961,
        test_score=0.99962,
        test_interval=(0.99951, 0.99971),
        test_metrics={"auc": 0.99972},
        test_intervals={"auc": (0.99952, 0.99981)},
    )
    detail = ModelDetail(
        "0007", ((3, 0), (1, 1)), (0.99963, 1.0), (1, 0.99964), (0.99965, None), (3, 2)
    )
    export = ExportRow("savedmodel", "best/saved_model", 0.1, 0.99966, 0.0)
    card = render(
        dataclasses.replace(
            report,
            trials=(row,),
            models=(detail,),
            exports=(export,),
            baseline_score=0.99958,
        )
    )
    assert "0.9996 (95 % interval 0.9995 to 0.9997)" in card
    assert "Test AUC: 0.9997 (95 % interval 0.9995 to 0.9998)" in card
    assert "Validation: 0.9996;" in card
    assert "| digits | 0.9996 | 1.00 |" in card
    assert "| b | 1.00 | 0.9996 |" in card
    assert "| float32 | 0.9997 |" in card
    assert "largest class: 0.9996" in card


def test_a_command_cannot_end_its_own_block() -> None:
    fenced = "automl predict 'a`b' FILE\n```\n# head"
    report = dataclasses.replace(
        report_of("digits"), command="automl `id` ```", commands=(fenced,)
    )
    card = render(report)
    assert f"````\n{fenced}\n````\n\nSavedModel signatures" in card
    assert "## Made with\n\n````\nautoml `id` ```\n````\n" in card


def test_an_ensemble_is_told_with_its_cost() -> None:
    report = report_of("digits")
    (single,) = report.trials
    both = dataclasses.replace(
        single, trial="ensemble", architecture="mean of two", params=9000
    )
    ensemble = EnsembleRow(
        both, "0007", (("0007", 0.5), ("0003", 0.5)), 0.01, (0.005, 0.02)
    )
    card = render(
        dataclasses.replace(report, ensemble=ensemble, ensemble_verdict="It pays.")
    )
    assert "An ensemble, the mean of two" in card
    assert "on samples that no training saw, but that decided" in card
    assert "- It pays." in card
    assert "| ensemble | 0.932 | 9.00\u00a0k |" in card
    assert "| 0007 | 0.932 | 1.23\u00a0k |" in card


def trained(**fields: object) -> RunReport:
    """Return a run of which it is known how the recommended model was trained."""
    report = report_of("digits")
    known = {"optimizer": "adamw", "epochs": 20, "best_epoch": 14, **fields}
    row = dataclasses.replace(report.trials[0], **known)  # type: ignore[arg-type]
    return dataclasses.replace(report, trials=(row,))


def test_the_card_tells_how_the_weights_were_trained() -> None:
    card = render(trained())
    assert "; trained with adamw for 20 epochs, best epoch 14\n" in card
    assert "further training" not in card


def test_weights_of_a_refit_are_not_told_to_be_those_of_the_search() -> None:
    card = render(trained(refit_epochs=28))
    assert (
        "scores of a network trained with adamw for 20 epochs, best epoch 14." in card
    )
    assert (
        "on training and validation samples together, after its last epoch, 28" in card
    )
    folded = render(trained(refit_epochs=28, cross_validated=True))
    assert "chosen by the validation scores of its folds." in folded
    assert "best epoch 14" not in folded
    assert "after its last epoch, 28" in folded


def test_every_member_of_an_ensemble_is_told_with_its_training() -> None:
    report = trained(refit_epochs=28)
    (single,) = report.trials
    other = dataclasses.replace(single, trial="0003", refit_epochs=None, epochs=9)
    mean = dataclasses.replace(single, trial="ensemble", architecture="mean of two")
    ensemble = EnsembleRow(mean, "0007", (("0007", 0.5), ("0003", 0.5)))
    card = render(
        dataclasses.replace(report, trials=(single, other), ensemble=ensemble)
    )
    assert "0007: chosen by the validation scores" in card
    assert "0003: trained with adamw for 9 epochs" in card


def test_names_are_no_markup() -> None:
    card = render(report_of(HOSTILE))
    assert "<script>" not in card
    assert "\n# head" not in card
    assert "\\@someone" in card


def test_no_model_no_card() -> None:
    with pytest.raises(ValueError, match="no recommended"):
        render(dataclasses.replace(report_of("x"), trials=()))
