"""A page of bounded size: what matters least is left out first, and that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from automl_reports.explanation import Explanation, SampleView
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport

_FEW = 6
_FIRST, _OTHERS = slice(0, 1), slice(1, None)
_BYTES_PER_NUMBER, _BYTES_PER_WORD = 11, 24

Cut: TypeAlias = Callable[[Explanation], Explanation]


def within_size(report: RunReport, room: int) -> RunReport:
    """Return the report with as many pictures as there is room for.

    First go the examples of the data but those of training, then what explains all
    models but the first, then what explains the first.

    Args:
        report: The run.
        room: Bytes that all pictures together may take.
    """
    for cut in (_fewer_examples, *_cuts()):
        if picture_bytes(report) <= room:
            break
        report = cut(report)
    return report


def picture_bytes(report: RunReport) -> int:
    """Return about how many bytes the pictures of a report take on the page."""
    found = [model.explanation for model in report.models if model.explanation]
    views = [item.view for e in found for item in (*e.mistakes, *e.hits)]
    views += [example.view for example in report.data.examples]
    maps = sum(len(m.panel.picture) for e in found for m in e.feature_maps)
    return maps + sum(_view_bytes(view) for view in views)


def _view_bytes(view: SampleView) -> int:
    panels = sum(len(panel.picture) + len(panel.heat) for panel in view.panels)
    numbers = sum(len(line) for line in view.lines) + len(view.heat)
    return panels + _BYTES_PER_NUMBER * numbers + _BYTES_PER_WORD * len(view.words)


def _fewer_examples(report: RunReport) -> RunReport:
    kept = tuple(e for e in report.data.examples if e.split == "train")
    note = "To keep this page small, only training samples are shown as examples."
    data = replace(report.data, examples=kept, notes=(*report.data.notes, note))
    return replace(report, data=data) if kept != report.data.examples else report


def _cuts() -> Iterable[Callable[[RunReport], RunReport]]:
    """Yield what is left out, the least important first."""
    for places, cut, words in (
        (_OTHERS, _no_maps, "its feature maps are left out"),
        (_OTHERS, _no_hits, "its right answers are left out"),
        (_OTHERS, _few_mistakes, f"only {_FEW} of its mistakes are shown"),
        (_FIRST, _no_maps, "its feature maps are left out"),
        (_OTHERS, _no_mistakes, "its mistakes are left out"),
        (_FIRST, _no_hits, "its right answers are left out"),
        (_FIRST, _few_mistakes, f"only {_FEW} of its mistakes are shown"),
        (_FIRST, _no_mistakes, "its mistakes are left out"),
    ):
        yield partial(_cut, places=places, cut=cut, words=words)


def _cut(report: RunReport, *, places: slice, cut: Cut, words: str) -> RunReport:
    models = list(report.models)
    models[places] = [_cut_model(model, cut, words) for model in models[places]]
    return replace(report, models=tuple(models))


def _cut_model(model: ModelDetail, cut: Cut, words: str) -> ModelDetail:
    if model.explanation is None:
        return model
    less = cut(model.explanation)
    if less == model.explanation:
        return model
    note = f"To keep this page small, {words}."
    return replace(model, explanation=replace(less, notes=(*less.notes, note)))


def _no_maps(found: Explanation) -> Explanation:
    return replace(found, feature_maps=())


def _no_hits(found: Explanation) -> Explanation:
    return replace(found, hits=())


def _few_mistakes(found: Explanation) -> Explanation:
    return replace(found, mistakes=found.mistakes[:_FEW])


def _no_mistakes(found: Explanation) -> Explanation:
    return replace(found, mistakes=())
