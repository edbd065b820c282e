"""The whole report as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from automl_reports import charts, figures, recommendation, subject, table, verdict
from automl_reports.charts.drawing import Drawing
from automl_reports.charts.parallel import axis_data
from automl_reports.cross_validation import RANKS
from automl_reports.explanation_size import picture_bytes, within_size
from automl_reports.front import fronts
from automl_reports.leaderboard import csv_lines, ordered, statuses
from automl_reports.macs import macs_words, unknown_words
from automl_reports.rows import RunReport

# Bytes that a page may have: of a usual run, and of one of very many trials.
SMALL, LARGE = 775_000, 1_950_000


def render(report: RunReport) -> str:
    """Return the page.

    Every text is escaped where it is shown, and the page's own policy lets the
    browser load nothing and run no script but ours.

    Args:
        report: The run; it may be running, empty or failed.
    """
    if not picture_bytes(report):
        return _page(report)
    bare = len(_page(within_size(report, 0)).encode("utf-8", "backslashreplace"))
    limit = SMALL if len(report.trials) <= table.PAGED_ABOVE else LARGE
    return _page(within_size(report, max(0, limit - bare)))


def _page(report: RunReport) -> str:
    card = verdict.card(report)
    return seal(
        "page.html",
        title=card.title,
        report=report,
        card=card,
        sections=_sections(report),
        subject=_subject(report),
        models=_models(report),
        **_leaderboard(report),
    )


def seal(template: str, **content: Any) -> str:
    """Return a page of a template, with our style, our script and their policy.

    Args:
        template: Name of a file in `template/`.
        **content: What the template shows.
    """
    style = _asset("style.css") + _asset("models.css")
    script = _asset("brush.js") + _asset("page.js")
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=content_security_policy(style, script),
            **content,
        )
    )


def content_security_policy(style: str, script: str) -> str:
    """Return the policy that admits exactly this style and this script."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def json_block(value: Any) -> Markup:
    r"""Return JSON that cannot end the script element that holds it.

    Example:
        >>> str(json_block("</script>"))
        '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _subject(report: RunReport) -> dict[str, Any]:
    """Return the words for the data, its splits and its preparation."""
    data = report.data
    sizes = subject.split_sizes(data)
    return {
        "words": [
            f"{data.kind} {subject.task_words(report.task)}",
            subject.shape_words(data),
            subject.outcome_words(report),
        ],
        "sizes": {
            subject.SPLITS[name].lower(): subject.grouped(size)
            for name, size in sizes.items()
            if size
        },
        "preparation": subject.preparation(data),
    }


def _sections(report: RunReport) -> dict[str, list[Drawing]]:
    sections = {
        "first": charts.FIRST_SCREEN,
        "mattered": charts.MATTERED,
        "training": charts.TRAINING,
        "data": charts.DATA,
        "reproduce": charts.REPRODUCE,
    }
    return {
        name: [drawing for draw in members if (drawing := draw(report))]
        for name, members in sections.items()
    }


def _models(report: RunReport) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "drawings": [d for draw in charts.MODEL if (d := draw(report, model))],
        }
        for model in report.models
        if (row := report.row_of(model.trial))
    ]


def _leaderboard(report: RunReport) -> dict[str, Any]:
    names = table.hyperparameter_names(report)
    rows = ordered(report.trials)
    paged = len(rows) > table.PAGED_ABOVE
    cells = [table.hyperparameter_cells(row, names) for row in rows]
    return {
        "rows": rows,
        "columns": table.columns(report),
        "cells": [[] for _ in rows] if paged else cells,
        "paged": paged,
        "fronts": fronts(report),
        "statuses": statuses(report),
        "bar": table.interval_bars(report),
        "ranks_note": RANKS if report.cross_validated else "",
        "tags_note": recommendation.note(report),
        "data_block": json_block(
            {
                "csv": csv_lines(report),
                "cells": cells if paged else [],
                "axes": axis_data(report),
            }
        ),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("automl_reports", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for write in (
        figures.clock,
        figures.count,
        figures.duration,
        figures.figure,
        figures.headline,
        figures.interval,
        figures.percent,
        figures.score,
        figures.shorten,
        macs_words,
        recommendation.tags_of,
        table.hyperparameter,
        unknown_words,
        verdict.told,
    ):
        environment.filters[write.__name__] = write
    environment.tests["measured"] = figures.is_number
    return environment


@cache
def _asset(name: str) -> str:
    return (files("automl_reports") / "template" / name).read_text("utf-8")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
