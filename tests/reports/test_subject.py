"""The words for data and tasks."""

from automl_reports import subject
from automl_reports.data_summary import DataSummary


def test_every_split_has_a_size_in_order() -> None:
    data = DataSummary(
        "a", "image", (8, 8, 1), ("x", "y"), {"test": (2, 3)}, totals={"train": 40}
    )
    assert subject.split_sizes(data) == {"train": 40, "val": 0, "test": 5}
