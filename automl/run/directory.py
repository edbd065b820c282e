"""Where a run's files lie, and how they are read and written."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from automl.errors import RequestError
from automl.run.atomic import read_json, write_json, write_text
from automl.run.request import SearchRequest
from automl.run.strangers import check_folder_name, refuse_links
from automl.run.trial import TrialRecord

RUN_FILE = "run.json"
MODEL_CARD = "MODEL_CARD.md"
TRUNK_FILE = "pretrained.keras"
INTERRUPTED = "interrupted"
FINISHED = "finished"
FAILED = "failed"
IN_PROGRESS = "running"
#: Of the record. It grows when an older version could not read what is written now; 1,
#: of version 0.1.0, was not written down.
FORMAT = 2
_OWN = (
    *("data", "input", "best", "trials", "log.txt", "oracle.jsonl"),
    *(f"leaderboard.{ending}" for ending in ("html", "csv", "json", "md")),
)


class RunDirectory:
    """One run's folder; every write is atomic.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read or written yet."""
        self.path = path

    @property
    def prepared(self) -> Path:
        """Folder of the prepared arrays."""
        return self.path / "data"

    @property
    def input(self) -> Path:
        """Folder of data that was handed over in Python, as files."""
        return self.path / "input"

    @property
    def trunk(self) -> Path | None:
        """The trained network that the search starts from, if it does."""
        file = self.input / TRUNK_FILE
        return file if file.exists() else None

    @property
    def best(self) -> Path:
        """Folder of the exported model."""
        return self.path / "best"

    @property
    def oracle_file(self) -> Path:
        """What the search strategy knows, one line for each thing that happened."""
        return self.path / "oracle.jsonl"

    def trial(self, trial: str) -> Path:
        """Folder of one trial."""
        return self.path / "trials" / check_folder_name(trial)

    def training(self, trial: str, name: str) -> Path:
        """Folder of one training of a trial."""
        return self.trial(trial) / check_folder_name(name)

    def exists(self) -> bool:
        """Whether a run was ever begun here."""
        return (self.path / RUN_FILE).exists()

    def refuse_taken(self) -> None:
        """Refuse a folder that a new run can't have.

        Raises:
            RequestError: If a run was begun there, if it has files that a search would
                replace, or if it can't be written to.
        """
        if self.exists():
            state = self.read().get("state")
            raise RequestError(
                f"{self.path} holds a run already ({state}); go on with "
                f"`automl resume {self.path}` or choose another --out."
            )

        above = next(
            p for p in (self.path, *self.path.absolute().parents) if p.exists()
        )
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            why = "is read-only" if above.is_dir() else "is a file"
            raise RequestError(
                f"The run can't be written to {self.path}, since {above} {why}; choose "
                "another --out."
            )
        there = [name for name in _OWN if (self.path / name).exists()]
        if there:
            raise RequestError(
                f"{self.path / there[0]} is there already, and belongs to no run; "
                "choose another --out, or move it away."
            )

    def refuse_old(self) -> None:
        """Refuse to go on with a run whose files only an older version understands.

        Raises:
            RequestError: If it is one.
        """
        values = self.read()
        if format_of(values) < FORMAT:
            raise RequestError(
                f"{self.path} was begun by version {_version_of(values)}, and can be "
                "looked at and used, but not gone on with; search anew with another "
                "--out."
            )

    def read(self) -> dict[str, Any]:
        """Return `run.json`.

        Raises:
            RequestError: If there is none, or it is of no use.
        """
        try:
            values = read_json(self.path / RUN_FILE)
        except (FileNotFoundError, NotADirectoryError):
            raise RequestError(
                f"{self.path} is not a run: it has no {RUN_FILE}; give the folder that "
                "`automl search` wrote."
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise RequestError(
                f"{self.path / RUN_FILE} can't be read ({error}); "
                "give another run, or search again."
            ) from error
        if not (isinstance(values, dict) and isinstance(values.get("request"), dict)):
            raise RequestError(
                f"{self.path / RUN_FILE} holds no request; give another run."
            )
        if format_of(values) > FORMAT:
            raise RequestError(
                f"{self.path} was written by a newer version, {_version_of(values)}, "
                "which this one can't read; install that version or a later one."
            )
        return values

    def write(self, values: Mapping[str, Any]) -> None:
        """Write `run.json`."""
        write_json(self.path / RUN_FILE, dict(values))

    def update(self, **values: Any) -> None:
        """Change some entries of `run.json`."""
        self.write({**self.read(), **values})

    def request(self) -> SearchRequest:
        """Return what was asked for.

        Raises:
            RequestError: If the record is of no use.
        """
        try:
            return SearchRequest.from_json(self.read()["request"])
        except (TypeError, KeyError, AttributeError) as error:
            raise RequestError(
                f"The request in {self.path / RUN_FILE} can't be read ({error}); give "
                "another run."
            ) from error

    def read_trials(self) -> dict[str, TrialRecord]:
        """Return every recorded trial, by identity, in order of identity.

        Raises:
            RequestError: If a record is of no use, or not of the folder it lies in.
        """
        files = sorted((self.path / "trials").glob("*/trial.json"))
        return {file.parent.name: _trial_of(file) for file in files}

    def write_trial(self, record: TrialRecord) -> None:
        """Write `trials/<id>/trial.json`."""
        write_json(self.trial(record.trial) / "trial.json", record.to_json())

    def write_error(self, trial: str, text: str) -> None:
        """Write `trials/<id>/error.txt`."""
        write_text(self.trial(trial) / "error.txt", text)

    def write_history(
        self, trial: str, name: str, rows: Iterable[Mapping[str, float]]
    ) -> None:
        """Write the epochs of one training; the first one's is the trial's own."""
        rows = list(rows)
        if not rows:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        folder = self.trial(trial) if name == "search" else self.training(trial, name)
        write_text(folder / "history.csv", text.getvalue())

    def read_history(self, trial: str, name: str = "search") -> list[dict[str, float]]:
        """Return the epochs of one training; none where it has no history."""
        folder = self.trial(trial) if name == "search" else self.training(trial, name)
        file = folder / "history.csv"
        if not file.exists():
            return []
        with file.open(encoding="utf-8", newline="") as lines:
            return [
                {key: float(value) for key, value in row.items() if value}
                for row in csv.DictReader(lines)
            ]

    def discard(self) -> None:
        """Remove what a run wrote that never got to its first trial."""
        for folder in (self.prepared, self.input, self.best, self.path / "trials"):
            shutil.rmtree(folder, ignore_errors=True)
        # The lock goes last: who takes the next one finds nothing of this run.
        for name in (RUN_FILE, "log.txt", ".lock"):
            (self.path / name).unlink(missing_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()

    def log(self, text: str) -> None:
        """Add one line to `log.txt`."""
        with (self.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def open_run(path: Path) -> RunDirectory:
    """Return a run that may be anybody's.

    Raises:
        RequestError: If there is none, it is of no use, or links lead out of it.
    """
    run = RunDirectory(path)
    values = run.read()
    lacking = [
        name for name in ("name", "state") if not isinstance(values.get(name), str)
    ]
    if lacking:
        raise RequestError(
            f"{path / RUN_FILE} holds no {lacking[0]}; give another run."
        )
    refuse_links(path)
    return run


def format_of(values: Mapping[str, Any]) -> int:
    """Return the format of a `run.json`."""
    form = values.get("format", 1)
    return form if isinstance(form, int) else FORMAT + 1


def _version_of(values: Mapping[str, Any]) -> str:
    """Return which version of ours began a run, as far as its record tells."""
    versions = (values.get("environment") or {}).get("versions") or {}
    return str(versions.get("conv-automl", "another"))


def _trial_of(file: Path) -> TrialRecord:
    try:
        record = TrialRecord.from_json(read_json(file))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RequestError(
            f"{file} can't be read ({error}); give another run."
        ) from error
    if record.trial != file.parent.name:
        raise RequestError(
            f"{file} is the record of a trial {record.trial!r}, not of the one it lies "
            "with; give another run."
        )
    for training in (*record.trainings, *record.folds):
        check_folder_name(training.name)
    return record


def lock_run(run: RunDirectory) -> IO[bytes]:
    """Take the run for this process, until the returned file is closed.

    Raises:
        RequestError: If another process works on the run.
    """
    run.path.mkdir(parents=True, exist_ok=True)
    file = (run.path / ".lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise RequestError(
            f"Another command is working on {run.path}; "
            "wait for it or choose another --out."
        ) from None
    return file
