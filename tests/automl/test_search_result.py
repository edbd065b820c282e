"""What `automl search` prints at the end, and with which exit code."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from automl.cli.search import _print_result
from automl_reports.rows import EnsembleRow, RunReport
from tests.reports.test_model_card import report_of


def printed(
    report: RunReport, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, object], str]:
    run = SimpleNamespace(path=Path("runs/a"), rows=report, costs=())
    code = _print_result(run, as_json=True)  # type: ignore[arg-type]
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_a_format_that_failed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of("digits")
    code, told, err = printed(report, capsys)
    assert (code, err) == (0, "")
    assert set(told) == {"run", "best", "trials", "seconds", "objective"}
    failed = (("litert", "LiteRT can't hold the layer x."),)
    code, told, err = printed(
        dataclasses.replace(report, failed_exports=failed), capsys
    )
    assert code == 0
    assert told["failed_exports"] == dict(failed)
    assert err == "Not exported as litert: LiteRT can't hold the layer x.\n"


def test_an_ensemble_that_pays_is_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of("digits")
    (single,) = report.trials
    both = dataclasses.replace(single, trial="ensemble", test_score=0.95)
    members = (("0007", 0.5), ("0003", 0.5))
    for pays in (True, False):
        row = dataclasses.replace(both, recommended=pays)
        ensemble = EnsembleRow(row, "0007", members, 0.02, (0.01, 0.03))
        _, told, _ = printed(dataclasses.replace(report, ensemble=ensemble), capsys)
        best, found = told["best"], told["ensemble"]
        assert isinstance(best, dict)
        assert isinstance(found, dict)
        assert best["trial"] == ("ensemble" if pays else "0007")
        assert (found["exported"], found["gain_interval"]) == (pays, [0.01, 0.03])
