"""How samples are made from the rows of a CSV file.

A recipe travels in the `member` of each sample, so that a reader needs nothing but the
sample: it says how the file is written and which columns are the values.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from automl_datasets.sources._csv_form import CsvForm


@dataclass(frozen=True)
class Recipe:
    """How the samples of a file are made from its rows.

    Attributes:
        csv: How the file is written.
        form: `text`, `wide`, `pixels`, `cells` or `long`.
        values: Places of the columns of values by channel.
        series: Place of the column that tells series apart; long tables only.
        time: Place of the column that orders their steps; long tables only.
    """

    csv: CsvForm
    form: str
    values: tuple[tuple[int, ...], ...]
    series: int | None = None
    time: int | None = None

    def to_member(self) -> str:
        """Return the recipe as the `member` of a sample."""
        return json.dumps(asdict(self))

    @classmethod
    def from_member(cls, member: str) -> Recipe:
        """Return the recipe that `to_member` wrote."""
        found = json.loads(member)
        csv = CsvForm(**{**found["csv"], "names": tuple(found["csv"]["names"])})
        values = tuple(tuple(channel) for channel in found["values"])
        return cls(csv, found["form"], values, found["series"], found["time"])
