"""The numbers in the pictures are the numbers of the rows."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from automl_reports.charts import (
    balance,
    confusion,
    curves,
    landmarks,
    pareto,
    per_class,
)
from automl_reports.figures import DASH, score
from automl_reports.front import comparable, cost_name, pareto_front
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale
from tests.reports.synthetic import all_failed, make_report

Read = Callable[[float], float]


def parsed(body: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{body}</div>")


def shown_first(body: str) -> ElementTree.Element:
    """Return the chart that shows before anybody chooses another cost."""
    start = body.index("<svg")
    return parsed(body[start : body.index("</svg>") + len("</svg>")])


def marks(tree: ElementTree.Element) -> dict[str, tuple[float, float]]:
    """Return the centre of every mark by its trial."""
    found = {}
    for item in tree.iter("circle"):
        found[item.attrib["data-t"]] = (
            float(item.attrib["cx"]),
            float(item.attrib["cy"]),
        )
    for item in tree.iter("rect"):
        x, y = float(item.attrib["x"]) + 4, float(item.attrib["y"]) + 4
        found[item.attrib["data-t"]] = x, y
    return found


def ticks(tree: ElementTree.Element, kind: str, axis: str) -> list[tuple[float, float]]:
    return [
        (float(item.attrib[axis]), float(item.text or "nan"))
        for item in tree.iter("text")
        if item.attrib.get("class") == f"tick {kind}"
    ]


def reader(pairs: list[tuple[float, float]], *, log: bool = False) -> Read:
    """Return what reads a number off an axis, given two of its printed ticks."""
    (p0, v0), (p1, v1) = pairs[0], pairs[-1]
    if log:
        return lambda p: v0 * (v1 / v0) ** ((p - p0) / (p1 - p0))
    return lambda p: v0 + (v1 - v0) * (p - p0) / (p1 - p0)


def plain_row(trial: str, val: float | None, latency: float | None) -> TrialRow:
    return TrialRow(
        trial, "completed", "plain gap", "random", val_score=val, latency_ms=latency,
        params=1000,
    )  # fmt: skip


def run_of(*rows: TrialRow, direction: str = "max") -> RunReport:
    return replace(make_report(0), trials=rows, direction=direction)


def test_pareto_marks_lie_where_the_axes_say() -> None:
    report = make_report(60)
    drawing = pareto.draw(report)
    assert drawing is not None
    tree = shown_first(drawing.body)
    read_x = reader(ticks(tree, "mid", "x"), log=True)
    # Labels of ticks sit four units below the lines they name.
    read_y = reader([(at - 4, value) for at, value in ticks(tree, "end", "y")])
    drawn = marks(tree)
    expected = comparable(report)
    assert set(drawn) == {row.trial for row, _, _ in expected}
    floor = max(y for _, y in drawn.values())
    for row, value, cost in expected:
        x, y = drawn[row.trial]
        assert read_x(x) == pytest.approx(cost, rel=0.01)
        assert read_y(y) == pytest.approx(value, abs=0.001) or y == floor


def test_pareto_titles_say_the_figures() -> None:
    report = make_report(20)
    drawing = pareto.draw(report)
    assert drawing is not None
    for row, value, _ in comparable(report):
        assert f"#{row.trial} {row.architecture}: {score(value)} on" in drawing.body


def test_front_is_what_nothing_beats() -> None:
    report = make_report(80)
    front = {row.trial for row in pareto_front(report)}
    points = comparable(report)
    for row, value, cost in points:
        beaten = any(
            (v >= value and c <= cost) and (v, c) != (value, cost) for _, v, c in points
        )
        assert (row.trial in front) == (not beaten)


def test_front_of_a_loss_goes_down() -> None:
    rows = (
        plain_row("0", 0.5, 1.0),
        plain_row("1", 0.4, 2.0),
        plain_row("2", 0.6, 3.0),
    )
    assert [r.trial for r in pareto_front(run_of(*rows, direction="min"))] == ["0", "1"]
    assert [r.trial for r in pareto_front(run_of(*rows))] == ["0", "2"]


def test_only_trained_networks_with_both_figures_compare() -> None:
    rows = (
        plain_row("0", 0.5, 1.0),
        plain_row("1", math.nan, 1.0),
        plain_row("2", 0.9, None),
        plain_row("3", 0.9, 0.0),
        replace(plain_row("4", 0.4, 1.0), status="stopped"),
        replace(plain_row("5", 0.9, 1.0), status="failed"),
    )
    assert [row.trial for row, _, _ in comparable(run_of(*rows))] == ["0", "4"]


def test_params_stand_in_while_nothing_is_timed() -> None:
    report = run_of(plain_row("0", 0.5, None))
    assert cost_name(report) == "params"
    drawing = pareto.draw(report)
    assert drawing is not None
    assert "Parameters (log)" in drawing.body


def test_a_trial_that_learnt_nothing_is_drawn_at_the_edge_and_counted() -> None:
    rows = [plain_row(str(i), 0.98 + i / 1000, 1.0 + i) for i in range(9)]
    drawing = pareto.draw(run_of(*rows, plain_row("x", 0.1, 2.0)))
    assert drawing is not None
    assert "1 below" in drawing.body


def test_labels_do_not_overlap() -> None:
    rows = [
        replace(plain_row(str(i), 0.9, 1.0), landmark=True, origin=f"Net-{i}")
        for i in range(4)
    ]
    drawing = pareto.draw(run_of(*rows))
    assert drawing is not None
    labels = [
        float(item.attrib["y"])
        for item in shown_first(drawing.body).iter("text")
        if item.attrib["class"].startswith("label")
    ]
    gaps = [b - a for a, b in pairwise(sorted(labels))]
    assert len(labels) == 4
    assert min(gaps) >= 12


def test_no_label_lies_among_the_ticks_of_the_axis() -> None:
    good = [plain_row(str(i), 0.99, 1.0 + i) for i in range(9)]
    poor = [
        replace(plain_row(f"n{i}", 0.1, 1.0 + i / 99), landmark=True, origin="A net")
        for i in range(5)
    ]
    drawing = pareto.draw(run_of(*good, *poor))
    assert drawing is not None
    tree = shown_first(drawing.body)
    named = [item for item in tree.iter("text") if "data-t" in item.attrib]
    assert len(named) == len(poor)
    lowest = max(float(item.attrib["y"]) for item in named)
    assert lowest <= pareto.HEIGHT - pareto.BOTTOM


def test_labels_do_not_lie_over_the_marks_of_others() -> None:
    rows = (
        replace(plain_row("0", 0.9, 1.0), landmark=True, origin="A long name"),
        replace(plain_row("1", 0.9, 1.2), landmark=True, origin="Net"),
        replace(plain_row("2", 0.9, 1.4), recommended=True),
    )
    drawing = pareto.draw(run_of(*rows, plain_row("3", 0.5, 9.0)))
    assert drawing is not None
    tree = shown_first(drawing.body)
    named = [item for item in tree.iter("text") if "data-t" in item.attrib]
    assert len(named) == len(rows)
    for item in named:
        begin, base = float(item.attrib["x"]), float(item.attrib["y"])
        end = begin + 8 * len(item.text or "")
        for trial, (x, y) in marks(tree).items():
            beside = x + 4 <= begin or end <= x - 4
            above_or_below = y + 4 <= base - 11 or base + 3 <= y - 4
            assert trial == item.attrib["data-t"] or beside or above_or_below


def test_curves_lie_where_the_axes_say() -> None:
    report = make_report(20)
    drawing = curves.draw(report)
    assert drawing is not None
    tree = parsed(drawing.body)
    read_x = reader(ticks(tree, "mid", "x"))
    read_y = reader([(at - 4, value) for at, value in ticks(tree, "end", "y")])
    best = report.trials[0]
    line = next(
        item
        for item in tree.iter("polyline")
        if item.attrib["data-t"] == best.trial and "dashed" not in item.attrib["class"]
    )
    pairs = [
        tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()
    ]
    assert len(pairs) == len(best.history)
    edge = max(y for _, y in pairs)
    for (x, y), epoch in zip(pairs, best.history, strict=True):
        assert read_x(x) == pytest.approx(epoch["epoch"], abs=0.05)
        value = epoch["val_accuracy"]
        assert read_y(y) == pytest.approx(value, abs=0.005) or y == edge


def test_curves_skip_what_is_no_number_and_keep_the_last_epoch() -> None:
    history = [{"epoch": n, "val_accuracy": n / 1000} for n in range(1, 500)]
    history[3]["val_accuracy"] = math.nan
    pairs = curves.curve(history, "val_accuracy")
    assert pairs[0] == (1, 0.001)
    assert pairs[-1] == (499, 0.499)
    assert len(pairs) <= curves.MOST_POINTS + 1


def test_there_is_nothing_between_two_epochs() -> None:
    history = tuple({"epoch": n, "val_accuracy": n / 10} for n in (1, 2))
    drawing = curves.draw(run_of(TrialRow("7", "completed", "", "", history=history)))
    assert drawing is not None
    words = [text.text for text in parsed(drawing.body).iter("text")]
    assert {"1", "2"} <= set(words)
    assert not {"1.2", "1.5"} & set(words)


def test_a_failed_trial_ends_in_a_cross_with_its_reason() -> None:
    row = TrialRow(
        "7", "failed", "plain", "random", reason="it <b>broke</b>",
        history=({"epoch": 1, "val_accuracy": 0.3}, {"epoch": 2, "val_accuracy": 0.4}),
    )  # fmt: skip
    drawing = curves.draw(run_of(row))
    assert drawing is not None
    crosses = [
        p for p in parsed(drawing.body).iter("path") if p.attrib["class"] == "cross"
    ]
    assert [c.findtext("title") for c in crosses] == ["#7 failed: it <b>broke</b>"]


def test_of_very_many_trials_the_best_and_the_failed_have_curves() -> None:
    report = make_report(400)
    rows = curves.chosen(report)
    failed = sum(row.status == "failed" for row in report.trials)
    assert len(rows) == 50 + failed
    drawing = curves.draw(report)
    assert drawing is not None
    assert f"{400 - len(rows)} trials outside the best 50" in drawing.note


def test_confusion_shows_every_count() -> None:
    report = make_report(5, num_classes=7, num_models=1)
    model = report.models[0]
    drawing = confusion.draw(report, model)
    assert drawing is not None
    rows = parsed(drawing.body).findall(".//tbody/tr")
    shown = [[int(cell.text or 0) for cell in row.findall("td")] for row in rows]
    assert shown == [list(row) for row in model.confusion]


@pytest.mark.parametrize("num_classes", [31, 200])
def test_confusion_of_many_classes_lists_the_top_pairs(num_classes: int) -> None:
    report = make_report(5, num_classes=num_classes, num_models=1)
    model = report.models[0]
    drawing = confusion.draw(report, model)
    assert drawing is not None
    rows = parsed(drawing.body).findall(".//tbody/tr")
    counts = [int(row.findall("td")[1].text or 0) for row in rows]
    wrong = sorted(
        (
            n
            for t, row in enumerate(model.confusion)
            for g, n in enumerate(row)
            if t != g
        ),
        reverse=True,
    )
    assert counts == wrong[: len(counts)]
    assert len(counts) == confusion.MOST_PAIRS


def test_a_class_without_test_samples_is_a_dash_and_comes_last() -> None:
    report = make_report(5, num_classes=3, num_models=1)
    model = replace(
        report.models[0],
        confusion=((0, 0, 0), (0, 5, 1), (0, 2, 6)),
        precision=(None, 5 / 7, 6 / 7),
        recall=(None, 5 / 6, 0.75),
        f1=(None, 0.77, 0.8),
        support=(0, 6, 8),
    )
    drawing = per_class.draw(report, model)
    assert drawing is not None
    rows = parsed(drawing.body).findall(".//tbody/tr")
    texts = [[cell.text for cell in row] for row in rows]
    assert texts[0] == ["class 1", "0.714", "0.833", "0.770", "6"]
    assert texts[-1] == ["class 0", DASH, DASH, DASH, "0"]
    assert confusion.draw(report, model) is not None


def test_balance_shows_every_count_and_bars_in_proportion() -> None:
    report = make_report(1, num_classes=5)
    drawing = balance.draw(report)
    assert drawing is not None
    totals, widths = [], []
    for place, row in enumerate(parsed(drawing.body).findall(".//tbody/tr")):
        cells = [int(cell.text or -1) for cell in row.findall("td")[:4]]
        assert cells[:3] == [
            report.data.counts[s][place] for s in ("train", "val", "test")
        ]
        assert cells[3] == sum(cells[:3])
        totals.append(cells[3])
        widths.append(float(next(row.iter("rect")).attrib["width"]))
    assert widths == pytest.approx([200 * n / max(totals) for n in totals], abs=0.01)


def test_landmarks_stand_beside_the_recommended_model() -> None:
    report = make_report(30)
    drawing = landmarks.draw(report)
    assert drawing is not None
    trials = [r.attrib["data-t"] for r in parsed(drawing.body).findall(".//tbody/tr")]
    expected = [row.trial for row in report.trials if row.landmark or row.recommended]
    assert trials == expected


@pytest.mark.parametrize("draw", [pareto.draw, curves.draw, landmarks.draw])
def test_there_is_nothing_to_draw_when_nothing_succeeded(
    draw: Callable[[RunReport], object],
) -> None:
    assert draw(all_failed()) is None
    assert draw(make_report(0)) is None


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [
        (0.31, 0.32, False),
        (0, 1, False),
        (1, 1.2, True),
        (0.01, 9000, True),
        (3, 4, True),
    ],
)
def test_ticks_are_few_and_inside(low: float, high: float, log: bool) -> None:
    ticks_ = Scale(low, high, 0, 100, log=log).ticks()
    assert 2 <= len(ticks_) <= 8
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks_)
