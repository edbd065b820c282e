"""Prepared data on disk, shared by every process that opens it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from automl_datasets.array_files import load_array
from automl_datasets.errors import DataError
from automl_datasets.profile import DataProfile
from automl_datasets.samples import Array
from automl_datasets.spec import DataSpec
from automl_datasets.splitting import SPLITS

RECORD = "prepared.json"
FORMAT = 2
_NEEDED = ("inputs.npy", "targets.npy", "names.json")
ENDINGS = (*_NEEDED, "groups.json", "twins.json")


@dataclass(frozen=True)
class Split:
    """One split of prepared data; arrays are opened when first used.

    Attributes:
        directory: Where the prepared data is.
        name: `train`, `val` or `test`.
    """

    directory: Path
    name: str

    @cached_property
    def inputs(self) -> Array:
        """Read-only memory map, shape `(n, *spec.shape)`, in the spec's dtype."""
        return _load(self.file("inputs.npy"), mapped=True)

    @cached_property
    def targets(self) -> Array:
        """What is to be told, by the task.

        Classification: class indices, int64, shape `(n,)`. Multi-label: zeros and
        ones, float32, shape `(n, labels)`. Regression: values in raw units, float32,
        shape `(n, targets)`.
        """
        return _load(self.file("targets.npy"))

    @cached_property
    def names(self) -> list[str]:
        """File names relative to the source, or for example `x_test[12]`."""
        names: list[str] = json.loads(self.file("names.json").read_text("utf-8"))
        return names

    @cached_property
    def groups(self) -> list[int | str] | None:
        """What each sample belongs to; `None` where no group was asked for.

        Patients, speakers or scans are numbered over all splits together; version
        0.1 wrote what the data calls them.
        """
        groups: list[int | str] | None = self._values("groups.json")
        return groups

    @cached_property
    def twins(self) -> list[int] | None:
        """Numbers, equal for samples that are exactly alike, label and all.

        They are numbered over all splits together; `None` where all samples differ.
        """
        twins: list[int] | None = self._values("twins.json")
        return twins

    def _values(self, ending: str) -> Any:
        """Return what a file holds that some data sets lack; `None` if it is absent."""
        file = self.file(ending)
        return json.loads(file.read_text("utf-8")) if file.exists() else None

    def exists(self) -> bool:
        """Whether it is there: whoever hands a run on may leave the arrays out."""
        return self.file("names.json").exists()

    def file(self, ending: str) -> Path:
        """Return the path of one file of the split."""
        return self.directory / f"{self.name}_{ending}"

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.targets)


def _load(file: Path, *, mapped: bool = False) -> Array:
    try:
        return load_array(file, mapped=mapped)
    except DataError as error:
        raise DataError(
            f"{file} can't be read ({error}); prepare the data again."
        ) from error


@dataclass(frozen=True)
class PreparedData:
    """A prepared data set.

    Attributes:
        directory: Where its files are.
        spec: What every room needs to know of it.
        profile: What was found in the data and done to it.
        fingerprint: Hash of names, sizes and times of the data's files.
        options: The options it was prepared with, as JSON values.
    """

    directory: Path
    spec: DataSpec
    profile: DataProfile
    fingerprint: str
    options: dict[str, Any]

    def split(self, name: str) -> Split:
        """Return one split.

        Raises:
            ValueError: If `name` is not `train`, `val` or `test`.
        """
        if name not in SPLITS:
            raise ValueError(f"A split is one of {', '.join(SPLITS)}, not {name!r}.")
        return Split(self.directory, name)

    def is_whole(self) -> bool:
        """Whether every split is there, with its arrays."""
        splits = [Split(self.directory, name) for name in SPLITS]
        return all(split.file(of).exists() for split in splits for of in _NEEDED)


def open_prepared(directory: Path) -> PreparedData:
    """Open data that `prepare` finished.

    Raises:
        DataError: If there is none, or another version wrote it.
    """
    record = Path(directory) / RECORD
    try:
        values = json.loads(record.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{directory} holds no finished prepared data; prepare it again."
        ) from error
    if values.get("format") != FORMAT:
        raise DataError(
            f"{record} is of format {values.get('format')}, but {FORMAT} is needed; "
            "prepare the data again."
        )
    return PreparedData(
        Path(directory),
        DataSpec.from_json(values["spec"]),
        DataProfile.from_json(values["profile"]),
        values["fingerprint"],
        values["options"],
    )
