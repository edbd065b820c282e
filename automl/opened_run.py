"""A run on disk, for whoever uses what a search left there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from automl.errors import RequestError
from automl.reporting import run_report, write_run_report
from automl.run.directory import open_run
from automl.run.request import DEFAULT_FORMATS, names_of
from automl_reports.rows import RunReport, TrialRow

if TYPE_CHECKING:
    from automl.engine.export import Exported
    from automl.inference import Prediction


class Run:
    """A run on disk, finished or not.

    Attributes:
        path: Its folder.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a run.

        Raises:
            RequestError: If there is none, a newer version wrote it, or links lead
                out of it.
        """
        self.path: Path = Path(path)
        self._directory = open_run(self.path)

    def __repr__(self) -> str:
        """Return the folder and the state."""
        return f"Run({str(self.path)!r}, {self.state})"

    def _repr_html_(self) -> str:
        """Return the leaderboard, for notebooks."""
        from automl_reports.notebook import leaderboard_html

        return leaderboard_html(self.rows)

    @property
    def state(self) -> str:
        """`running`, `interrupted`, `finished` or `failed`."""
        return str(self._directory.read()["state"])

    @property
    def rows(self) -> RunReport:
        """The whole run as plain records."""
        return run_report(self._directory)

    @property
    def costs(self) -> tuple[str, ...]:
        """What was to be made small beside the score, such as `latency_ms`."""
        return self._directory.request().costs

    @property
    def leaderboard(self) -> pd.DataFrame:
        """One row a trial, the best first; the columns of `leaderboard.csv`."""
        return pd.read_csv(self._report_file("leaderboard.csv"), dtype={"trial": str})

    @property
    def best(self) -> TrialRow:
        """The recommended trial.

        Raises:
            RequestError: If the run has none.
        """
        best = self.rows.recommended
        if best is None:
            raise RequestError(
                f"{self.path} has no recommended model yet ({self.state}); "
                f"go on with `automl resume {self.path}`."
            )
        return best

    def report(self) -> Path:
        """Write the report again from the record, and return the page's path."""
        write_run_report(self._directory)
        return self.path / "leaderboard.html"

    def predict(self, inputs: str | Path | Sequence[str | Path]) -> list[Prediction]:
        """Return what the recommended model says of a file, or of files or folders.

        Raises:
            DataError: If one can't be read.
            RequestError: If the run has no model.
        """
        from automl.export.predictor import load_predictor
        from automl.inference import predict_files

        given = [inputs] if isinstance(inputs, str | Path) else inputs
        return list(predict_files(load_predictor(self.path), given))

    def export(
        self,
        formats: str | Sequence[str] = DEFAULT_FORMATS,
        *,
        trial: str = "best",
        quantize: str = "none",
        out: str | Path | None = None,
        space: str | None = None,
    ) -> Exported:
        """Export a trial and prove it; see `automl export`."""
        from automl.engine.export import ExportOptions, export_trial

        options = ExportOptions(names_of(formats), quantize, out, space)
        return export_trial(self._directory, trial, options)

    def _report_file(self, name: str) -> Path:
        file = self.path / name
        if not file.exists():
            self.report()
        return file


def load_run(path: str | Path) -> Run:
    """Open a run that a search wrote.

    Raises:
        RequestError: If there is none.
    """
    return Run(path)
