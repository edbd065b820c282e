"""The words for data and tasks."""

from automl_reports import subject
from automl_reports.data_summary import DataSummary


def test_every_split_has_a_size_in_order() -> None:
    data = DataSummary(
        "a", "image", (8, 8, 1), ("x", "y"), {"test": (2, 3)}, totals={"train": 40}
    )
    assert subject.split_sizes(data) == {"train": 40, "val": 0, "test": 5}


def test_the_baseline_of_labels_is_told_as_it_was_reckoned() -> None:
    told = {
        name: subject.baseline_words(f"val_{name}", "multilabel")
        for name in ("auc", "loss", "f1", "accuracy")
    }
    assert told["auc"] == told["loss"] == "Always giving each label its share"
    assert told["f1"] == "Always giving every label that occurs"
    assert told["accuracy"] == "Always giving the most frequent set of labels"
    assert "largest" in subject.baseline_words("val_f1", "classification")
