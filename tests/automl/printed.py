"""What `automl search --json` prints at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automl.cli import main
from automl.opened_run import Run
from automl.run.directory import FORMAT
from automl_reports.rows import RunReport
from tests.conftest import ROOT

KEPT = ROOT / "tests" / "old_runs" / f"format-{FORMAT}"


def printed(
    report: RunReport,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[Any, dict[str, Any], str]:
    """Return exit code, result and standard error of a search that ends with a report.

    Nothing is searched.
    """
    monkeypatch.setattr(Run, "rows", report)
    monkeypatch.setattr("automl.searching.start_search", lambda *_, **__: Run(KEPT))
    with pytest.raises(SystemExit) as stopped:
        main(["search", "--data", "x", "--trials", "3", "--json", "--quiet"])
    out, err = capsys.readouterr()
    return stopped.value.code, json.loads(out), err
