import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl_reports.figures import DASH, GAP, count, figure, percent, score, shorten


@pytest.mark.parametrize("write", [figure, score, percent, count])
@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf])
def test_nothing_measured_is_a_dash(write, nothing):  # type: ignore[no-untyped-def]
    assert write(nothing) == DASH


@given(st.floats(1e-6, 1e6))
def test_figures_keep_three_significant_digits(value: float) -> None:
    assert float(figure(value)) == pytest.approx(value, rel=0.00501)


@given(st.floats(0.001, 1.0))
def test_scores_are_close_and_never_rounded_up_to_one(value: float) -> None:
    shown = score(value)
    assert float(shown) == pytest.approx(value, rel=0.00501)
    assert (float(shown) == 1.0) == (value == 1.0) or value > 0.9999999


@given(st.integers(1, 10**12))
def test_counts_keep_three_significant_digits(number: int) -> None:
    text, _, prefix = count(number).partition(GAP)
    factor = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[prefix]
    assert float(text) * factor == pytest.approx(number, rel=0.00501)
    assert 1 <= float(text) < 1000


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.9405, "94.0"), (0.99962, "99.96"), (1.0, "100"), (0.05, "5.00")],
)
def test_percentages_below_all_never_read_as_all(share: float, shown: str) -> None:
    assert percent(share, unit=False) == shown


@given(st.text(), st.integers(1, 20))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
