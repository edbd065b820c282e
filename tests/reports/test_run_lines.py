"""The lines of several runs can be told apart, and none is cut off unsaid."""

import re
from dataclasses import replace
from types import ModuleType
from xml.etree import ElementTree

import pytest

from automl_reports import comparison
from automl_reports.charts import run_fronts, run_progress
from automl_reports.charts.run_lines import BOTTOM, HEIGHT, MIDDLE, TOP, LineEnd, names
from automl_reports.rows import RunReport, TrialRow
from tests.reports.synthetic import HOSTILE, make_report

CHARTS = (run_fronts, run_progress)


def runs_of(number: int) -> list[RunReport]:
    return [replace(make_report(12, seed=n), name=f"run {n}") for n in range(number)]


def drawn_by(chart: ModuleType, runs: list[RunReport]) -> ElementTree.Element:
    drawing = chart.draw(runs)
    assert drawing is not None
    return ElementTree.fromstring(f"<div>{drawing.body}</div>")


def lines_of(tree: ElementTree.Element) -> list[ElementTree.Element]:
    return [m for m in tree.iter() if m.attrib.get("class", "").startswith("curve ")]


@pytest.mark.parametrize("chart", CHARTS)
def test_every_line_looks_unlike_the_others_and_names_its_run(
    chart: ModuleType,
) -> None:
    runs = runs_of(12)
    lines = lines_of(drawn_by(chart, runs))
    assert len({line.attrib["class"] for line in lines}) == len(runs)
    told = [(line.findtext("title") or "").partition(",")[0] for line in lines]
    assert told == [run.name for run in runs]


def test_the_keys_of_the_page_look_like_the_lines() -> None:
    runs = runs_of(7)
    page = comparison.render(runs)
    looks = {line.attrib["class"][6:] for line in lines_of(drawn_by(run_fronts, runs))}
    assert set(re.findall(r'class="key ([^"]*)"', page)) == looks


def test_every_network_of_a_front_is_named_with_its_run() -> None:
    runs = runs_of(2)
    titles = [c.findtext("title") for c in drawn_by(run_fronts, runs).iter("circle")]
    fronts = [(run, row) for run in runs for row, _, _ in run_fronts.front_of(run)]
    assert len(titles) == len(fronts)
    for (run, row), title in zip(fronts, titles, strict=True):
        assert (title or "").startswith(f"{run.name}, #{row.trial}: ")


@pytest.mark.parametrize("chart", CHARTS)
def test_names_stand_beside_the_lines_as_text(chart: ModuleType) -> None:
    (run,) = runs_of(1)
    tree = drawn_by(chart, [replace(run, name=HOSTILE[0])])
    found = [t for t in tree.iter("text") if "run" in t.attrib["class"].split()]
    assert [(text.text or "")[:9] for text in found] == [HOSTILE[0][:9]]


def test_names_are_left_out_where_there_is_no_room() -> None:
    ends = [LineEnd(n, f"run {n}", 548.0, 100.0 + n) for n in range(12)]
    found = [str(text) for text in names(ends)]
    assert [re.findall(r">(run \d+)<", text)[0] for text in found] == ["run 0", "run 1"]
    assert list(names(ends, [(0.0, 560.0, float(y)) for y in range(HEIGHT)])) == []


@pytest.mark.parametrize("y", [float(TOP), float(HEIGHT - BOTTOM)])
@pytest.mark.parametrize("x", [71.0, 300.0, 548.0])
def test_names_stay_inside_the_chart(x: float, y: float) -> None:
    (text,) = names([LineEnd(0, "a name of some length", x, y)])
    (base,) = map(float, re.findall(r' y="([\d.]+)"', text))
    assert TOP <= base - MIDDLE <= HEIGHT - BOTTOM


def scored(*scores: float) -> RunReport:
    rows = (
        TrialRow(
            str(n), "completed", "", "", val_score=score, params=10 * (n + 1),
            ended_seconds=float(n),
        )
        for n, score in enumerate(scores)
    )  # fmt: skip
    return replace(make_report(0), trials=tuple(rows))


@pytest.mark.parametrize("chart", CHARTS)
def test_what_lies_outside_the_scale_is_counted(chart: ModuleType) -> None:
    drawing = chart.draw([scored(0.1, 0.95, 0.96, 0.97, 0.98)])
    assert drawing is not None
    assert drawing.note.startswith("1 below 0.8")
    drawing = chart.draw([scored(0.95, 0.96, 0.97, 0.98, 0.1)])  # it is in no line
    assert drawing is not None
    assert drawing.note == ""
