"""A run on disk, for whoever uses what a search left there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl.errors import RequestError
from automl.python_data.writing import is_path, write_data
from automl.reporting import run_report, write_run_report
from automl.run.directory import open_run
from automl.run.request import DEFAULT_FORMATS, names_of
from automl_reports.rows import RunReport, TrialRow

if TYPE_CHECKING:
    from automl.engine.export import Exported
    from automl.inference import Evaluation, Prediction


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
        """The whole run as its report has it: a row a trial in `trials`, and more."""
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

        Args:
            inputs: Files; folders, which stand for the files in them; and tables,
                which give one prediction a row.

        Raises:
            DataError: If one can't be read.
            RequestError: If the run has no model.
        """
        from automl.export.predictor import load_predictor
        from automl.inference import predict_files

        given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        if not all(isinstance(path, str | Path) for path in given):
            raise RequestError(
                "`predict` takes paths; give arrays and texts to `predict_samples`."
            )
        return list(predict_files(load_predictor(self.path), given))

    def predict_samples(self, samples: Any) -> list[Prediction]:
        """Return what the recommended model says of samples that are at hand.

        Args:
            samples: For a model of texts, strings; for all others an array of shape
                `(n, *any space, channels)`, or a list of such samples, which may
                differ in size. A channel axis of one may be missing, and numbers are
                brought to the training data's dtype.

        Returns:
            A prediction a sample; the first is called `sample 0`.

        Raises:
            DataError: If a sample does not fit the model.
            RequestError: If the run has no model.
        """
        from automl.export.predictor import load_predictor
        from automl.inference import predict_arrays

        return list(predict_arrays(load_predictor(self.path), samples))

    def evaluate(self, data: Any, *, target: str | None = None) -> Evaluation:
        """Return how the recommended model does on labelled data.

        Args:
            data: A path, or the data itself, as `automl.search` takes it; of data
                with splits, the test split counts.
            target: Column, or columns with commas between, that hold the answer; by
                default those of the run.

        Raises:
            DataError: If nothing can be read, or a class is unknown to the model.
            RequestError: If the run has no model.
        """
        from automl.export.predictor import load_predictor
        from automl.inference import evaluate

        with TemporaryDirectory() as folder:
            path = data if is_path(data) else write_data(data, Path(folder))
            return evaluate(load_predictor(self.path), path, target=target)

    def export(
        self,
        formats: str | Sequence[str] = DEFAULT_FORMATS,
        *,
        trial: str | int = "best",
        quantize: str = "none",
        out: str | Path | None = None,
        space: str | Path | None = None,
    ) -> Exported:
        """Export a trial, and run each export on the test split in a fresh process.

        Args:
            formats: Some of `savedmodel`, `keras`, `onnx`, `litert`.
            trial: `best`, which may be an ensemble, or the number of a trial. One
                whose weights are gone is trained again.
            quantize: How LiteRT files keep their weights: `none`, `float16`,
                `dynamic` or `int8`.
            out: Folder to write to; by default `best/`, or that of the trial.
            space: The Python file that the networks come from, which is executed
                where it is named here alone.

        Returns:
            Where each format lies, and what was measured of it.

        Raises:
            RequestError: If there is no such trial or format, or none can hold it.
            ExportFailedError: If no format is left because of a fault.
        """
        from automl.engine.export import ExportOptions, export_trial

        options = ExportOptions(names_of(formats), quantize, out, space)
        return export_trial(self._directory, str(trial), options)

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
