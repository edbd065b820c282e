"""The charts of the page, by section. A new chart is one new file and one line here.

A chart is a function of the report (and, for one model, of its details) that returns
a `Drawing`, or `None` when there is nothing to draw.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from automl_reports.charts import (
    architecture,
    balance,
    calibration,
    confusion,
    curves,
    examples,
    feature_maps,
    importance,
    landmarks,
    metrics,
    mistakes,
    parallel,
    pareto,
    pareto_models,
    per_class,
    per_label,
    predicted,
    progress,
    residual_bars,
    residuals,
    splits,
    targets,
    timeline,
)
from automl_reports.charts.drawing import Drawing
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport

Chart: TypeAlias = Callable[[RunReport], Drawing | None]
ModelChart: TypeAlias = Callable[[RunReport, ModelDetail], Drawing | None]

FIRST_SCREEN: tuple[Chart, ...] = (pareto.draw,)
MATTERED: tuple[Chart, ...] = (
    parallel.draw,
    importance.draw,
    progress.draw,
    timeline.draw,
)
TRAINING: tuple[Chart, ...] = (curves.draw, landmarks.draw)
MODEL: tuple[ModelChart, ...] = (
    architecture.draw,
    confusion.draw,
    predicted.draw,
    per_class.draw,
    per_label.draw,
    residual_bars.draw,
    residuals.draw,
    calibration.draw,
    metrics.draw,
    mistakes.draw,
    feature_maps.draw,
)
DATA: tuple[Chart, ...] = (splits.draw, balance.draw, targets.draw, examples.draw)
REPRODUCE: tuple[Chart, ...] = (pareto_models.draw,)
