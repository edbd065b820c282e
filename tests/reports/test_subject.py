"""The words for data and tasks."""

import pytest

from automl.metrics import baselines
from automl_reports import subject
from automl_reports.rows import DataSummary


@pytest.mark.parametrize(
    ("metric", "task"),
    [
        ("accuracy", "classification"),
        ("auc", "multilabel"),
        ("rmse", "regression"),
        ("mae", "regression"),
    ],
)
def test_page_and_warnings_call_the_baseline_the_same(metric: str, task: str) -> None:
    words = subject.baseline_words(f"val_{metric}", task)
    assert words == baselines.baseline_words(metric, task).capitalize()


def test_every_split_has_a_size_in_order() -> None:
    data = DataSummary(
        "a", "image", (8, 8, 1), ("x", "y"), {"test": (2, 3)}, totals={"train": 40}
    )
    assert subject.split_sizes(data) == {"train": 40, "val": 0, "test": 5}
