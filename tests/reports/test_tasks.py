"""Reports of regressions, of multi-label tasks, and of every kind of data."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from automl_reports import model_card
from automl_reports.charts import (
    balance,
    metrics,
    per_label,
    predicted,
    residual_bars,
    residuals,
)
from automl_reports.data_summary import DataSummary
from automl_reports.figures import DASH, GAP
from automl_reports.leaderboard import to_csv, to_json
from automl_reports.model_detail import ModelDetail
from automl_reports.page import render
from automl_reports.subject import preparation, shape_words
from automl_reports.terminal.final import final_lines
from tests.reports.synthetic import HOSTILE, make_report
from tests.reports.synthetic_states import make_scaled_regression
from tests.reports.synthetic_tasks import (
    LABELS,
    SECRET,
    TARGETS,
    make_multilabel,
    make_regression,
)
from tests.reports.test_page import Page

REGRESSION, MULTILABEL = make_regression(), make_multilabel()
REPORTS = {"regression": REGRESSION, "multilabel": MULTILABEL}


def text_of(markup: str) -> str:
    return Page(markup).text.replace("\xa0", " ")


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_page_is_sound(report) -> None:  # type: ignore[no-untyped-def]
    page = Page(render(report))
    assert page.open == []
    assert "Confusion matrix" not in page.text
    assert "Per class" not in page.text
    assert "largest class" not in page.text


def test_an_error_is_told_in_its_own_unit_and_smaller_is_better() -> None:
    best = REGRESSION.recommended
    assert best is not None
    assert best.test_score is not None
    text = text_of(render(REGRESSION))
    assert f"#{best.trial} vgg · RMSE {best.test_score:.0f}" in text
    assert "audio regression · 2 targets · 2 s at 8 000 Hz" in text
    assert "260 test sounds that the search never saw" in text
    assert "Always answering with the mean: 408 (test)" in text
    absolute = text_of(render(replace(REGRESSION, objective="val_mae")))
    assert "Always answering with the median: 408 (test)" in absolute
    assert "1 200 training, 260 validation, 260 test" in text
    assert "%" not in text.partition("Recommended")[2].partition("95 %")[0]
    (head,) = re.findall(r"<th[^>]*><button[^>]*>Val. RMSE", render(REGRESSION))
    assert "data-d" not in head  # the first click puts the smallest first


def test_points_of_a_regression_are_its_pairs() -> None:
    model = REGRESSION.models[0]
    drawing = predicted.draw(REGRESSION, model)
    assert drawing is not None
    assert drawing.wide
    assert drawing.body.count("<svg") == len(TARGETS)
    assert drawing.body.count("<circle") == sum(len(d.pairs) for d in model.regression)
    places = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawing.body)
    (x1, y1, x2, y2) = map(
        float,
        re.findall(
            r'x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" class="right"',
            drawing.body,
        )[0],
    )
    for (at_x, at_y), (true, guess) in zip(
        places, model.regression[0].pairs, strict=False
    ):
        on_line = y1 + (float(at_x) - x1) * (y2 - y1) / (x2 - x1)
        above = on_line - float(at_y)  # the vertical axis points down
        assert (above > 0) == (guess > true) or abs(above) < 0.02


def test_one_point_and_equal_points_can_be_drawn() -> None:
    model = REGRESSION.models[0]
    one = replace(model.regression[0], pairs=((3.0, 3.0),) * 2)
    zero = replace(one, pairs=((0.0, 0.0),))
    drawing = predicted.draw(REGRESSION, ModelDetail("0", regression=(one, zero)))
    assert drawing is not None
    assert "nan" not in drawing.body
    none = replace(one, pairs=())
    assert predicted.draw(REGRESSION, ModelDetail("0", regression=(none,))) is None


def test_residual_bars_hold_every_sample_and_part_at_zero() -> None:
    found = residual_bars.bins([-2.0, 0.0, 0.01, 2.0, 2.0])
    assert sum(count for *_, count in found) == 5
    assert (found[0][0], found[-1][2]) == (-2.0, 2)
    middle = found[len(found) // 2]
    assert middle[0] < 0 < middle[1]
    assert middle[2] == 2
    assert residual_bars.bins([0.0, 0.0])[residual_bars.BINS // 2][2] == 2
    drawing = residual_bars.draw(REGRESSION, REGRESSION.models[0])
    assert drawing is not None
    assert drawing.body.count("<svg") == len(TARGETS)


@pytest.mark.parametrize("chart", [predicted, residual_bars])
def test_predictions_that_are_no_number_are_counted_and_not_drawn(
    chart: ModuleType,
) -> None:
    detail = replace(
        REGRESSION.models[0].regression[0],
        pairs=((1.0, math.nan), (2.0, math.inf), (3.0, 3.5)),
        errors=(math.nan, math.inf, 0.5),
    )
    drawing = chart.draw(REGRESSION, ModelDetail("0", regression=(detail,)))
    assert drawing is not None
    assert "of 1 test samples" in drawing.body
    assert drawing.note == "Predictions that are not a number are not drawn: 2."
    lost = replace(detail, pairs=detail.pairs[:2], errors=detail.errors[:2])
    assert chart.draw(REGRESSION, ModelDetail("0", regression=(lost,))) is None


def test_of_many_samples_some_are_drawn_and_all_are_counted() -> None:
    detail = replace(
        REGRESSION.models[0].regression[0],
        pairs=((1.0, 1.5),) * 500,
        errors=(0.5,) * 1200 + (-2.0,) * 34,
    )
    model = ModelDetail("0", regression=(detail,))
    bars, points = (c.draw(REGRESSION, model) for c in (residual_bars, predicted))
    assert bars is not None
    assert points is not None
    assert "residuals of 1 234 test samples" in bars.body.replace(GAP, " ")
    assert [int(n) for n in re.findall(r": (\d+)</title>", bars.body)] == [34, 1200]
    assert bars.note == ""
    assert points.note.replace(GAP, " ") == (
        "500 of 1 234 test samples are drawn, taken at random."
    )


@pytest.mark.parametrize("chart", [predicted, residual_bars])
@pytest.mark.parametrize("factor", [1e-15, 1e-6, 1e3, 1e9])
def test_the_ticks_of_a_target_of_any_size_differ(
    chart: ModuleType, factor: float
) -> None:
    report = make_scaled_regression(factor)
    drawing = chart.draw(report, report.models[0])
    assert drawing is not None
    for picture in drawing.body.split("<svg")[1:]:
        for axis in ("mid", "end"):
            ticks = re.findall(rf'class="tick {axis}">([^<]*)<', picture)
            assert len(set(ticks)) == len(ticks) > 1
            assert max(map(len, ticks)) <= 8


def test_residuals_stand_beside_the_spread_of_the_target() -> None:
    model = REGRESSION.models[0]
    drawing = residuals.draw(REGRESSION, model)
    assert drawing is not None
    cells = re.findall(r'<td class="n">(.*?)</td>', drawing.body)
    assert len(cells) == 7 * len(TARGETS)
    assert cells[2] == "0.906"
    assert [cells[6], cells[13]] == ["12.2", "812"]
    unknown = replace(REGRESSION.data, targets=(), target_std=())
    drawing = residuals.draw(replace(REGRESSION, data=unknown), model)
    assert drawing is not None
    assert re.findall(r'<td class="n">(.*?)</td>', drawing.body)[6] == DASH


def test_labels_come_worst_first_and_unknown_figures_last() -> None:
    drawing = per_label.draw(MULTILABEL, MULTILABEL.models[0])
    assert drawing is not None
    names = re.findall(r'<th scope="row".*?>(.*?)</th>', drawing.body)
    assert names == [LABELS[2], "lung &lt;b&gt;", LABELS[0], LABELS[3]]
    cells = re.findall(r'<td class="n">(.*?)</td>', drawing.body)
    assert cells[:5] == [DASH, "0", "0", "0.710", "20"]
    assert cells[-5:] == [DASH] * 4 + ["0"]


def test_every_metric_is_shown_and_the_objective_marked() -> None:
    drawing = metrics.draw(MULTILABEL, MULTILABEL.models[0])
    assert drawing is not None
    rows = re.findall(
        r'<th scope="row".*?>(.*?)</th><td class="n">(.*?)</td>', drawing.body
    )
    assert [(name, text.replace("\xa0", " ")) for name, text in rows] == [
        ("macro AUC (objective)", "0.857"),
        ("macro F1", "0.503"),
        ("subset accuracy", "61.0 %"),
        ("loss", "0.310"),
    ]
    usual = make_report(5)
    assert metrics.draw(usual, usual.models[0]) is None


def test_charts_of_other_tasks_are_left_out() -> None:
    usual = make_report(5)
    for chart in (predicted, residual_bars, residuals, per_label):
        assert chart.draw(usual, usual.models[0]) is None
    assert balance.draw(REGRESSION) is None


def test_imbalance_is_said_and_what_was_done_about_it() -> None:
    usual = make_report(5, num_classes=2)
    data = replace(usual.data, counts={"train": (900, 100), "test": (90, 10)})
    drawing = balance.draw(replace(usual, data=data))
    assert drawing is not None
    assert drawing.note == (
        "The largest class has 9 times the training samples of the smallest."
    )
    weighted = tuple(
        replace(row, hyperparameters={"class_weights": "balanced"})
        for row in usual.trials
    )
    drawing = balance.draw(replace(usual, data=data, trials=weighted))
    assert drawing is not None
    assert "trained with weights that make up for it" in drawing.note
    even = replace(data, counts={"train": (500, 500)})
    drawing = balance.draw(replace(usual, data=even))
    assert drawing is not None
    assert drawing.note == ""


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_vocabulary_never_leaves_the_model(report) -> None:  # type: ignore[no-untyped-def]
    texts = [
        render(report),
        to_csv(report),
        to_json(report),
        model_card.render(report),
        *final_lines(report, Path("runs/x")),
    ]
    assert not any(SECRET in text for text in texts)


def test_preparation_is_told_in_words() -> None:
    pairs = dict(preparation(MULTILABEL.data))
    assert pairs["Vocabulary"].replace("\xa0", " ") == "4 512 words"
    record = {
        "spacing": [1.0, 1.0, 2.5],
        "window": [-150.0, 240.0],
        "fit": "cropped",
        "new_rule": {"a": 1},
        "nothing": None,
        "many": list(range(9)),
    }
    data = replace(MULTILABEL.data, kind="volume", preprocessing=record)
    assert [text.replace("\xa0", " ") for _, text in preparation(data)] == [
        "1 × 1 × 2.50 mm",  # noqa: RUF001
        "-150 to 240",
        "cropped",
        "1 values",
        "9 values",
    ]
    unknown = replace(data, preprocessing={"spacing": None, "window": None})
    assert [text for _, text in preparation(unknown)] == ["not stated by the files"]


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("image", (32, 24, 3), "32×24 pixels, 3 channels"),  # noqa: RUF001
        ("series", (128, 1), "128 steps, 1 channel"),
        ("audio", (4000, 1), "4 000 samples"),
        ("text", (1, 1), "1 token"),
        ("volume", (9, 8, 7, 1), "9×8×7 voxels, 1 channel"),  # noqa: RUF001
        ("video", (16, 40, 40, 3), "16 frames of 40×40 pixels, 3 channels"),  # noqa: RUF001
        ("unknown", (), ""),
    ],
)
def test_shapes_are_told_in_the_words_of_their_kind(
    kind: str, shape: tuple[int, ...], words: str
) -> None:
    data = DataSummary("data", kind, shape, (), {})
    assert shape_words(data).replace("\xa0", " ") == words
    page = render(replace(make_report(2, num_models=0), data=data))
    assert words in text_of(page)


def test_the_card_has_the_table_of_its_task() -> None:
    card = model_card.render(REGRESSION)
    assert "| target | MAE | RMSE | R² | bias |" in card
    assert "Test MAE: 88.4" in card
    assert "Always answering with the mean: 408" in card
    assert "`value`, one a target" in card
    assert "`serve_bytes(bytes)` takes wav files" in card
    card = model_card.render(MULTILABEL)
    assert "| label | precision | recall | F1 | AUC | test samples |" in card
    assert "| lung \\<b\\> | 0.800 | 0.500 | 0.615 | 0.900 | 70 |" in card
    assert "takes texts as strings" in card
    assert "serve_bytes" not in card


@pytest.mark.parametrize(
    "kind", ["image", "series", "audio", "text", "volume", "video", "other"]
)
def test_a_card_can_be_written_for_every_kind(kind: str) -> None:
    data = replace(REGRESSION.data, kind=kind)
    card = model_card.render(replace(REGRESSION, data=data))
    assert "`serving_default(inputs)` takes " in card


def test_last_lines_name_the_metric_and_give_the_others() -> None:
    lines = [line.replace("\xa0", " ") for line in final_lines(REGRESSION, Path("r"))]
    best = REGRESSION.recommended
    assert best is not None
    assert best.test_score is not None
    assert f", RMSE {best.test_score:.0f} on test" in lines[3]
    assert "MAE 88.4, R² 0.912, loss 0.0900" in lines[5]


def test_json_has_every_metric_and_the_totals() -> None:
    content = json.loads(to_json(REGRESSION))
    assert content["best"]["test_metrics"]["r2"] == 0.912
    assert content["data"]["targets"] == list(TARGETS)
    assert content["data"]["totals"]["test"] == 260
    assert content["request"]["direction"] == "min"


def test_hostile_names_of_targets_and_labels_are_text() -> None:
    detail = REGRESSION.models[0].regression[0]
    labels = MULTILABEL.models[0].labels
    for report, model in (
        (
            replace(REGRESSION, data=replace(REGRESSION.data, targets=HOSTILE[:2])),
            ModelDetail(
                REGRESSION.models[0].trial,
                regression=tuple(replace(detail, name=text) for text in HOSTILE),
            ),
        ),
        (
            MULTILABEL,
            ModelDetail(
                MULTILABEL.models[0].trial,
                labels=tuple(replace(labels[0], name=text) for text in HOSTILE),
            ),
        ),
    ):
        page = Page(render(replace(report, models=(model,))))
        assert not [tag for tag, _ in page.elements if tag == "img"]
        assert len([tag for tag, _ in page.elements if tag == "script"]) == 2
        assert HOSTILE[0] in page.text
