"""What the page shows of single models: networks, samples, calibration."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from automl_reports.architecture_boxes import Box, boxes
from automl_reports.architecture_layout import BOX_HEIGHT, BOX_WIDTH, layout
from automl_reports.charts import (
    architecture,
    calibration,
    examples,
    feature_maps,
    mistakes,
)
from automl_reports.charts.drawing import Drawing
from automl_reports.explanation import Explanation, LayerRow, Panel, SampleView
from automl_reports.explanation_size import picture_bytes, within_size
from automl_reports.model_detail import ModelDetail
from automl_reports.page import render
from automl_reports.rows import RunReport
from tests.reports.synthetic import HOSTILE, make_report
from tests.reports.synthetic_models import (
    KINDS,
    explained,
    make_explanation,
    make_view,
    residual_rows,
)
from tests.reports.synthetic_tasks import make_multilabel, make_regression

REPORTS = {
    "classification": make_report(5),
    "multilabel": make_multilabel(),
    "regression": make_regression(),
}
DRAWN = (architecture, calibration, feature_maps, mistakes)


class Texts(HTMLParser):
    """Collects elements and text; complains of unbalanced elements."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def of_kind(kind: str, task: str = "classification") -> RunReport:
    report = REPORTS[task]
    return explained(replace(report, data=replace(report.data, kind=kind)))


def drawings(report: RunReport) -> list[Drawing]:
    found = [chart.draw(report, report.models[0]) for chart in DRAWN]
    return [drawing for drawing in (*found, examples.draw(report)) if drawing]


def test_what_changes_numbers_in_place_joins_the_layer_before() -> None:
    found = boxes(residual_rows(1))
    assert [box.words for box in found] == [
        ("Input", "Rescaling"),
        ("Conv2D 3\N{MULTIPLICATION SIGN}3, 16", "BN", "ReLU"),
        ("Conv2D 3\N{MULTIPLICATION SIGN}3, 16", "BN"),
        ("Add", "ReLU"),
        ("GlobalAveragePooling2D",),
        ("Dense 3", "softmax"),
    ]
    assert [box.inputs for box in found] == [(), (0,), (1,), (1, 2), (3,), (4,)]
    assert (found[1].params, found[1].macs, found[1].shape) == (
        2368,
        147456,
        (8, 8, 16),
    )


def test_masks_of_padding_are_no_branch() -> None:
    rows = (
        LayerRow("input", "InputLayer", (6, 1), 0, 0, ()),
        LayerRow("held", "NotEqual", (6, 1), 0, 0, ("input",)),
        LayerRow("embedding", "Embedding", (6, 8), 80, 0, ("input",)),
        LayerRow("masked", "Multiply", (6, 8), 0, 0, ("embedding", "held")),
        LayerRow("conv", "Conv1D", (6, 4), 96, 576, ("masked",), (3,), (1,)),
        LayerRow("again", "Multiply", (6, 4), 0, 0, ("conv", "held")),
    )
    found = boxes(rows)
    assert [box.inputs for box in found] == [(), (0,), (1,)]
    assert [box.words[0] for box in found] == ["Input", "Embedding", "Conv1D 3, 4"]


@pytest.mark.parametrize("times", [2, 50])
def test_a_deep_network_is_folded_and_costs_as_much(times: int) -> None:
    rows = residual_rows(times)
    found = boxes(rows, most=10 if times > 2 else 40)
    assert sum(box.params for box in found) == sum(row.params for row in rows)
    assert sum(box.macs or 0 for box in found) == sum(row.macs or 0 for row in rows)
    if times == 2:
        assert all(box.block is None for box in found)
        return
    assert len(found) < 10
    assert {box.times for box in found} == {1, times}
    drawn = architecture.draw(*_only(rows))
    assert drawn is not None
    assert "\N{MULTIPLICATION SIGN}50" in drawn.body
    assert "dashed frame" in drawn.note


def test_blocks_that_alternate_are_folded_together() -> None:
    def row(name: str, before: str, width: int) -> LayerRow:
        return LayerRow(name, "Dense", (width,), 5, 5, (before,))

    rows = [LayerRow("0", "InputLayer", (4,), 0, 0, ())]
    rows += [row(str(n), str(n - 1), 8 + n % 2) for n in range(1, 41)]
    found = boxes(rows, most=5)
    assert [(box.words[0], box.times) for box in found[1:]] == [
        ("Dense 9", 20),
        ("Dense 8", 20),
    ]


def test_no_box_covers_another_and_arrows_lead_down() -> None:
    wide = LayerRow("side", "Conv2D", (8, 8, 16), 9, 9, ("last0",), (1, 1), (1, 1))
    rows = list(residual_rows(3))
    rows.insert(5, wide)
    found = boxes(rows)
    place = layout(found)
    corners = set(place.corners)
    assert len(corners) == len(found)
    for left, top in corners:
        assert 0 <= left <= place.width - BOX_WIDTH
        assert 0 <= top <= place.height - BOX_HEIGHT
    for number, box in enumerate(found):
        for source in box.inputs:
            assert place.corners[source][1] < place.corners[number][1]
    assert len(place.arrows) == sum(len(box.inputs) for box in found)


def test_unknown_costs_are_said() -> None:
    layer = LayerRow("x", "Attention", (3,), 5, None, ("input",))
    rows = (LayerRow("input", "InputLayer", (None, 3), 0, 0, ()), layer)
    drawn = architecture.draw(*_only(rows))
    assert drawn is not None
    assert "MACs not known" in drawn.body
    assert "not known" in drawn.note
    assert "?\N{MULTIPLICATION SIGN}3" in drawn.body


def _only(rows: tuple[LayerRow, ...]) -> tuple[RunReport, ModelDetail]:
    return REPORTS["classification"], ModelDetail(
        "0001", explanation=Explanation(layers=rows)
    )


@pytest.mark.parametrize("task", REPORTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_task_is_drawn_with_words_for_it(kind: str, task: str) -> None:
    report = of_kind(kind, task)
    found = drawings(report)
    assert len(found) == (4 if task == "regression" else 5)
    for drawing in found:
        page = Texts(str(drawing.body))
        for tag, attributes in page.elements:
            assert not any(n.startswith("on") or n == "style" for n in attributes)
            assert (attributes.get("href") or "#").startswith(("data:image/", "#"))
            if tag == "svg":
                assert attributes["aria-label"]
                assert attributes["role"] == "img"


def test_captions_tell_what_was_right_and_what_was_said() -> None:
    told = {}
    for task in REPORTS:
        report = of_kind("image", task)
        drawn = mistakes.draw(report, report.models[0])
        assert drawn is not None
        told[task] = Texts(str(drawn.body)).text.replace("\xa0", " ")
    assert "class 0 \N{RIGHTWARDS ARROW} class 1 (98.4 %)" in told["classification"]
    assert "lung <b>: given (93.0 %)" in told["multilabel"]
    assert "lung <b>: rightly given" in told["multilabel"]
    assert "weight, g 1.25 \N{RIGHTWARDS ARROW} 7.50" in told["regression"]


def test_a_model_without_mistakes_is_told_so() -> None:
    report = explained(REPORTS["classification"], mistakes=0)
    drawn = mistakes.draw(report, report.models[0])
    assert drawn is not None
    assert "There is no mistake" in drawn.body


def test_nothing_is_drawn_of_what_is_not_known() -> None:
    report, model = REPORTS["classification"], ModelDetail("0001")
    assert [chart.draw(report, model) for chart in DRAWN] == [None] * 4
    assert examples.draw(report) is None
    empty = replace(model, explanation=Explanation(notes=("No.",)))
    assert [chart.draw(report, empty) for chart in DRAWN] == [None] * 4


def test_calibration_is_drawn_to_scale() -> None:
    report = of_kind("image")
    drawn = calibration.draw(report, report.models[0])
    assert drawn is not None
    assert "4.60" in drawn.title
    heights = re.findall(r'height="([\d.]+)" class="bar', drawn.body)
    low, high = (float(text) for text in heights)
    assert low / high == pytest.approx(0.4 / 0.99, rel=0.01)
    assert "of 80 at 97%, 99%" in drawn.body
    assert "97.0% on average, 99.0% right" in drawn.body


def test_calibration_of_labels_says_how_often_they_are_there() -> None:
    report = of_kind("text", "multilabel")
    drawn = calibration.draw(report, report.models[0])
    assert drawn is not None
    assert "97.0% on average, 99.0% have the label" in drawn.body
    assert "% right" not in drawn.body


def test_hostile_names_are_text() -> None:
    report = of_kind("text")
    data = replace(report.data, classes=HOSTILE + report.data.classes)
    found = make_explanation("text", "classification")
    for text in HOSTILE:
        view = replace(make_view("text", text), words=(text,), heat=(1.0,))
        rows = tuple(replace(r, name=text, kind=text, inputs=()) for r in found.layers)
        seen = replace(
            found,
            layers=rows,
            looked_at=text,
            sample=text,
            mistakes=(replace(found.mistakes[0], view=view),),
        )
        model = replace(report.models[0], explanation=seen)
        for drawing in drawings(replace(report, data=data, models=(model,))):
            tags = {tag for tag, _ in Texts(str(drawing.body)).elements}
            assert not tags & {"img", "script", "b onerror"}


def test_why_there_is_no_explanation_is_on_the_page() -> None:
    report = REPORTS["classification"]
    note = "This model is not explained: <b>it broke</b>."
    model = replace(report.models[0], explanation=Explanation(notes=(note,)))
    page = render(replace(report, models=(model,)))
    assert "not explained: &lt;b&gt;it broke&lt;/b&gt;." in page


def test_pictures_are_left_out_until_they_fit_and_that_is_said() -> None:
    report = explained(make_report(100, num_models=5))
    total = picture_bytes(report)
    assert within_size(report, total) is report
    for share, first, others in (
        (0.9, 12, 12),
        (0.5, 12, 6),
        (0.2, 12, 0),
        (0.0, 0, 0),
    ):
        room = int(total * share)
        less = within_size(report, room)
        assert picture_bytes(less) <= max(room, picture_bytes(within_size(report, 0)))
        shown = [len(m.explanation.mistakes) for m in less.models if m.explanation]
        assert shown == [first] + [others] * 4
        assert less.models[0].explanation is not None
        assert less.models[0].explanation.layers
    notes = less.models[1].explanation.notes if less.models[1].explanation else ()
    assert "To keep this page small, its mistakes are left out." in notes
    assert "only training samples" in less.data.notes[-1]


def test_boxes_of_one_layer() -> None:
    row = LayerRow("x", "Dense", (3,), 5, 5, ())
    assert boxes([row]) == (Box("dense", ("Dense 3",), (3,), 5, 5, ()),)
    assert layout(boxes([row])).arrows == ()


def heavy(report: RunReport) -> RunReport:
    """Return a report whose pictures are as large as those of photographs."""
    address = "data:image/webp;base64," + 3600 * "A"

    def panels(view: SampleView) -> SampleView:
        return replace(view, panels=(Panel(address, 96, 96, address[:600]),))

    models = []
    for model in report.models:
        found = model.explanation
        assert found is not None
        shown = [replace(e, view=panels(e.view)) for e in found.mistakes]
        models.append(replace(model, explanation=replace(found, mistakes=tuple(shown))))
    samples = tuple(replace(e, view=panels(e.view)) for e in report.data.examples)
    data = replace(report.data, examples=samples)
    return replace(report, models=tuple(models), data=data)


@pytest.mark.parametrize(("num_trials", "limit"), [(100, 800_000), (1000, 2_000_000)])
def test_the_page_stays_small_with_photographs(num_trials: int, limit: int) -> None:
    report = heavy(explained(make_report(num_trials, num_models=5)))
    page = render(report)
    assert len(page.encode()) < limit
    identities = re.findall(r' id="([^"]*)"', page)
    assert len(identities) == len(set(identities))
    assert set(re.findall(r'<use href="#([^"]*)"', page)) <= set(identities)
    Texts(re.sub(r"<(meta|input|br)\b[^>]*>|<!doctype html>", "", page))
