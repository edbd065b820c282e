"""Axes whose ticks can be read, however large or small their numbers are."""

import re

import pytest

from automl_reports.figures import GAP
from automl_reports.svg import Scale, axes, tick_text


@pytest.mark.parametrize("factor", [1e-12, 1e-5, 1e-4, 1.0, 1e4, 1e5, 1e6, 1e12])
@pytest.mark.parametrize("sign", [1, -1])
def test_ticks_of_any_size_are_short_and_differ(factor: float, sign: int) -> None:
    low, high = sorted((sign * 1.52 * factor, sign * 1.57 * factor))
    ticks = Scale(low, high, 0, 100).ticks()
    texts = [tick_text(ticks)(tick) for tick in ticks]
    assert len(set(texts)) == len(ticks) >= 2
    assert max(map(len, texts)) <= 9
    values = [float(text.replace(GAP, "")) for text in texts]
    assert values == pytest.approx(ticks, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (15180.0, 15310.0, ["15 200", "15 250", "15 300"]),
        (1.8e-5, 3.4e-5, ["2.0e-5", "2.5e-5", "3.0e-5"]),
        (0.78, 0.91, ["0.80", "0.85", "0.90"]),
        (-1.2e-5, 1.2e-5, ["-1.0e-5", "-5.0e-6", "0", "5.0e-6"]),
    ],
)
def test_the_height_of_a_chart_is_written_in_full(
    low: float, high: float, texts: list[str]
) -> None:
    x, y = Scale(0, 1, 70, 548), Scale(low, high, 200, 0)
    drawn = axes(x, y, x_label="", y_label="", x_text=str)
    found = re.findall(r'class="tick end">([^<]*)<', drawn)
    assert set(texts) <= {text.replace(GAP, " ") for text in found}


def test_scores_that_differ_by_their_last_bits_alone_can_be_drawn() -> None:
    x, y = Scale(0, 1, 70, 548), Scale(0.9, 0.9000000000000002, 200, 0)
    drawn = axes(x, y, x_label="", y_label="", x_text=str)
    found = re.findall(r'class="tick end">([^<]*)<', drawn)
    assert set(found) == {"0.9000000"}
