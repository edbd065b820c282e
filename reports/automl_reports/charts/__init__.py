"""The charts of the page, by section. A new chart is one new file and one line here.

A chart is a function of the report (and, for one model, of its details) that returns
a `Drawing`, or `None` when there is nothing to draw.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from automl_reports.charts import (
    balance,
    confusion,
    curves,
    landmarks,
    metrics,
    pareto,
    per_class,
    per_label,
    predicted,
    residuals,
    targets,
)
from automl_reports.charts.drawing import Drawing
from automl_reports.rows import ModelDetail, RunReport

Chart: TypeAlias = Callable[[RunReport], Drawing | None]
ModelChart: TypeAlias = Callable[[RunReport, ModelDetail], Drawing | None]

FIRST_SCREEN: tuple[Chart, ...] = (pareto.draw,)
TRAINING: tuple[Chart, ...] = (curves.draw, landmarks.draw)
MODEL: tuple[ModelChart, ...] = (
    confusion.draw,
    predicted.draw,
    per_class.draw,
    per_label.draw,
    residuals.draw,
    metrics.draw,
)
DATA: tuple[Chart, ...] = (balance.draw, targets.draw)
