"""The most confident mistakes of a model, some right answers, and where it looked."""

from __future__ import annotations

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.samples import gallery, parts
from automl_reports.explanation import Example, Explanation
from automl_reports.figures import figure, percent, shorten
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.subject import MULTILABEL, REGRESSION
from automl_reports.svg import element, join

_LONGEST = 24
_ARROW = "\N{RIGHTWARDS ARROW}"


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return both galleries, or `None` where no sample was looked at."""
    found = model.explanation
    if found is None or not (found.mistakes or found.hits):
        return None
    key = f"model{report.models.index(model)}"
    parts = (
        [_gallery(report, found.mistakes, f"{key}-mistake")] if found.mistakes else []
    )
    if not found.mistakes:
        parts.append(element("p", "There is no mistake on the test split."))
    if found.hits:
        title = "Smallest errors" if report.task == REGRESSION else "Right answers"
        parts += [element("h4", title), _gallery(report, found.hits, f"{key}-hit")]
    return Drawing(_title(report, found), join(parts), _note(report, found), wide=True)


def _title(report: RunReport, found: Explanation) -> str:
    """Return what is shown, and how to read its captions."""
    what = "Largest errors" if report.task == REGRESSION else "Most confident mistakes"
    if report.task == REGRESSION:
        how = f"true {_ARROW} predicted"
    elif report.task == MULTILABEL:
        how = "label given or missed"
    else:
        how = f"true class {_ARROW} what it was taken for"
    looked = ", and where the model looked" if found.looked_at else ""
    return f"{what} on the test split{looked} ({how})"


def _note(report: RunReport, found: Explanation) -> str:
    shown = parts(item.view for item in (*found.mistakes, *found.hits))
    if not found.looked_at:
        return shown
    answer = (
        "its departure from the mean" if report.task == REGRESSION else "the answer"
    )
    return f"{shown} " * bool(shown) + (
        f"Grad-CAM (Selvaraju et al. 2017) at layer {shorten(found.looked_at, 60)}: "
        f"the brighter, the more a place spoke for {answer}. It is as coarse as that "
        "layer, and tells where, not why."
    )


def _gallery(report: RunReport, examples: tuple[Example, ...], key: str) -> Markup:
    shown = ((item.view, _caption(report, item)) for item in examples)
    return gallery(shown, key=key)


def _caption(report: RunReport, item: Example) -> Markup:
    data = report.data
    sure = f" ({percent(item.confidence)})" if item.confidence is not None else ""
    if report.task == REGRESSION:
        name = data.targets[item.output] if len(data.targets) > 1 else ""
        text = f"{figure(item.truth)} {_ARROW} {figure(item.answer)}"
        return element("span", f"{shorten(name, _LONGEST)} {text}".strip())
    name = shorten(data.classes[item.output], _LONGEST)
    if report.task == MULTILABEL:
        right = item.truth == item.answer
        done = "given" if item.answer else "not given"
        return element("span", f"{name}: {'rightly ' if right else ''}{done}{sure}")
    truth = shorten(data.classes[int(item.truth)], _LONGEST)
    if item.truth == item.answer:
        return element("span", f"{truth}{sure}")
    return element("span", f"{truth} {_ARROW} ", element("b", name), sure)
