"""A program that uses the public API: its types are checked, it is not run.

mypy sees it with the rest of the tests, and `.ci/check-release` once more beside an
installed wheel, as a user of the package would.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import automl


def search_and_use(data: Path) -> float | None:
    """Search, look at the best, predict, export, and open the run again."""
    run = automl.search(data, budget="10m", trials=3, seed=1, max_params=100_000)
    assert_type(run, automl.Run)
    assert_type(run.state, str)
    assert_type(run.best.architecture, str)
    assert_type(run.report(), Path)
    for prediction in run.predict(["photo.jpg"]):
        assert_type(prediction.file, str)
    exported = run.export(["keras"], trial="best", out=data / "model")
    assert_type(exported.paths, dict[str, Path])
    assert_type(len(run.leaderboard), int)
    again = automl.load_run(run.path)
    assert_type(again, automl.Run)
    return again.best.test_score


def refusal(data: Path) -> str:
    """Return what is wrong with a request."""
    try:
        automl.search(data, budget="10")
    except automl.RequestError as error:
        return str(error)
    return ""
