import math

from hypothesis import given
from hypothesis import strategies as st

from automl.engine.clock import Clock
from automl.engine.plan import Plan, plan_for_budget, plan_without_budget
from automl.training.calibration import Speed

SPEEDS = [Speed(400_000, 1e-4), Speed(4_000_000, 5e-4)]


def plan(seconds: float, num_train: int = 50_000, epochs: int | None = None) -> Plan:
    return plan_for_budget(
        seconds,
        workers=2,
        num_train=num_train,
        num_scored=15_000,
        speeds=SPEEDS,
        epochs=epochs,
    )


@given(st.floats(5, 1e6), st.integers(2, 10**7))
def test_phases_follow_each_other_within_the_budget(seconds: float, num: int) -> None:
    made = plan(seconds, num)
    assert 0 < made.search_end(seconds) < made.final_end(seconds) < seconds
    assert made.max_epochs >= 1


@given(st.floats(60, 1e5))
def test_a_full_training_of_the_largest_network_fits(seconds: float) -> None:
    made = plan(seconds)
    assert made.max_training_macs is not None
    slope = (SPEEDS[1].seconds_per_sample - SPEEDS[0].seconds_per_sample) / 3_600_000
    macs = made.max_training_macs
    time = made.max_epochs * 50_000 * (1e-4 + slope * (macs - 400_000))
    cheapest = made.max_epochs * 50_000 * 2.5 * SPEEDS[0].seconds_per_sample
    assert time <= max(0.6 * made.search_end(seconds), cheapest)


def test_more_time_means_longer_trainings() -> None:
    epochs = [plan(seconds).max_epochs for seconds in (60, 600, 6000, 60000)]
    assert epochs == sorted(epochs)
    assert epochs[0] < epochs[-1]


def test_the_user_s_epochs_are_kept() -> None:
    assert plan(600, epochs=7).max_epochs == 7
    assert plan_without_budget(1000, 7).max_epochs == 7


def test_without_a_budget_nothing_depends_on_the_machine() -> None:
    made = plan_without_budget(1000, None)
    assert made == plan_without_budget(1000, None)
    assert made.search_end(None) == made.final_end(None) == math.inf
    assert made.max_training_macs is None


def test_json_round_trip() -> None:
    assert Plan.from_json(plan(600).to_json()) == plan(600)


def test_the_clock_counts_earlier_sessions() -> None:
    clock = Clock(100.0, before_seconds=40.0)
    assert 40 <= clock.elapsed() < 50
    assert 50 < clock.remaining() <= 60
    assert Clock(None).remaining() == math.inf
