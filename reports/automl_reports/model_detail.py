"""What the test split says of one model, for the report."""

from __future__ import annotations

from dataclasses import dataclass

from automl_reports.explanation import Calibration, Explanation


@dataclass(frozen=True)
class LabelDetail:
    """What the test split says of one label of a multi-label task.

    Attributes:
        name: Name of the label.
        support: Test samples that have it.
        precision: `None` where it was never predicted.
        recall: `None` where no test sample has it.
        f1: `None` where undefined.
        auc: Area under its ROC curve; `None` where all or no test samples have it.
    """

    name: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None


@dataclass(frozen=True)
class RegressionDetail:
    """What the test split says of one target of a regression, in raw units.

    Attributes:
        name: Name of the target column.
        mae: Mean absolute error.
        rmse: Root mean squared error.
        r2: Coefficient of determination.
        bias: Mean of predicted minus true.
        residuals: The 5th, 25th, 50th, 75th and 95th percentile of predicted minus
            true.
        pairs: `(true, predicted)` of test samples; of very many, 500 drawn at random.
        errors: Predicted minus true of every test sample.
    """

    name: str
    mae: float
    rmse: float
    r2: float
    bias: float
    residuals: tuple[float, ...]
    pairs: tuple[tuple[float, float], ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class ModelDetail:
    """What the test split says of one shortlisted model.

    The fields of the classes are filled for classifications, `labels` for multi-label
    tasks and `regression` for regressions; the others are empty.

    Attributes:
        trial: The trial it belongs to.
        confusion: Counts, `confusion[true][predicted]`.
        precision: Per class; `None` where nothing was predicted as the class.
        recall: Per class; `None` where the class has no test sample.
        f1: Per class; `None` where undefined.
        support: Test samples per class.
        labels: One entry a label.
        regression: One entry a target.
        calibration: Whether its probabilities mean what they say; `None` for a
            regression.
        explanation: What was computed of the model itself; `None` where nothing was.
    """

    trial: str
    confusion: tuple[tuple[int, ...], ...] = ()
    precision: tuple[float | None, ...] = ()
    recall: tuple[float | None, ...] = ()
    f1: tuple[float | None, ...] = ()
    support: tuple[int, ...] = ()
    labels: tuple[LabelDetail, ...] = ()
    regression: tuple[RegressionDetail, ...] = ()
    calibration: Calibration | None = None
    explanation: Explanation | None = None
