import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.engine.budgeting import (
    plan_for_budget,
    plan_for_data,
    plan_without_budget,
    usual_folds,
)
from automl.engine.clock import Clock
from automl.engine.plan import Plan
from automl.engine.speeds import pace_of
from automl.training.calibration import Speed
from automl_datasets.spec import DataSpec
from automl_search_spaces.pace import Pace, Work

SPEEDS = [Speed(400_000, 1e-4), Speed(4_000_000, 5e-4)]


def plan(
    seconds: float,
    num_train: int = 50_000,
    epochs: int | None = None,
    folds: int | None = None,
    workers: int = 2,
) -> Plan:
    return plan_for_budget(
        seconds, workers=workers, spec=images(num_train), speeds=SPEEDS,
        epochs=epochs, folds=folds,
    )  # fmt: skip


def images(num_train: int) -> DataSpec:
    return DataSpec(
        "image", (8, 8, 1), "uint8", "classification", ("a", "b"),
        num_train, 5_000, 10_000, (0.0,), (1.0,),
    )  # fmt: skip


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
    assert plan_without_budget(images(1000), 7).max_epochs == 7


def test_without_a_budget_nothing_depends_on_the_machine() -> None:
    made = plan_without_budget(images(1000), None)
    assert made == plan_without_budget(images(1000), None)
    assert made.search_end(None) == made.final_end(None) == math.inf
    assert made.max_training_macs is None


def test_json_round_trip() -> None:
    paced = replace(plan(600), pace=Pace(overhead=2.0, latency=3.0))
    for made in (paced, plan_without_budget(images(1000), None)):
        written = json.dumps(made.to_json(), allow_nan=False)
        assert Plan.from_json(json.loads(written)) == made


def test_networks_whose_multiplications_nobody_counts_are_planned_by_time() -> None:
    """As of a user's own space with layers of its own alone."""
    made = plan_for_budget(
        600, workers=2, spec=images(1000), speeds=[Speed(0, 1e-4), Speed(0, 2e-4)]
    )
    assert made.for_budget
    assert made.max_training_macs is None


def test_a_plan_of_an_earlier_version_opens() -> None:
    """From before paces were measured, when a training had a time limit."""
    written = {
        "max_epochs": 15, "max_training_macs": 4194304, "folds": None, "refits": True,
        "final_share": 0.45, "export_seconds": 15.0, "trial_seconds": 60.0,
    }  # fmt: skip
    made = Plan.from_json(written)
    assert (made.max_epochs, made.pace, made.max_sample_seconds) == (15, None, None)


def test_the_pace_is_that_of_the_measured_networks() -> None:
    work = [Work(1e-3, 1e-3), Work(2e-3, 5e-2)]
    slow = Pace(overhead=2.0, compute=3.0)
    speeds = [
        Speed(
            macs=1, seconds_per_sample=slow.step_seconds(w) / 16, batch_size=16,
            work=w, prediction_work=1e-4, latency_seconds=5e-4,
        )
        for w in work
    ]  # fmt: skip
    pace = pace_of(speeds)
    assert pace is not None
    for w in work:
        assert pace.step_seconds(w) == pytest.approx(slow.step_seconds(w), rel=0.1)
    assert pace.latency == pytest.approx(5.0)
    assert pace_of(SPEEDS) is None


@given(st.floats(5, 1e5))
def test_the_cheapest_landmark_is_always_allowed(seconds: float) -> None:
    made = plan(seconds)
    assert made.max_sample_seconds is not None
    assert made.max_sample_seconds > SPEEDS[0].seconds_per_sample


def test_a_landmark_predicted_slower_than_measured_is_allowed() -> None:
    """On a busy machine the two measurements may contradict each other."""
    cheap, dear = Work(0.001464, 0.000466), Work(0.002895, 0.003024)
    speeds = [Speed(66_600, 1.9e-5, 64, cheap), Speed(533_824, 2.5e-4, 64, dear)]
    spec = DataSpec(
        "image", (8, 8, 1), "uint8", "classification", ("a", "b"),
        1_298, 229, 270, (0.0,), (1.0,),
    )  # fmt: skip
    made = plan_for_budget(17, workers=2, spec=spec, speeds=speeds)
    assert made.pace is not None
    assert made.max_sample_seconds is not None
    assert made.pace.step_seconds(cheap) / 64 > 1.5 * 1.9e-5
    assert made.max_sample_seconds > made.pace.step_seconds(cheap) / 64


@given(st.floats(60, 1e4), st.floats(60, 1e4))
def test_a_further_budget_is_shared_out_anew(first: float, further: float) -> None:
    made = plan(first)
    searching = made.search_end(first + further, since=first) - first
    left = made.final_end(first + further) - first
    assert searching == pytest.approx((1 - made.final_share) * left)


def test_the_clock_counts_earlier_sessions() -> None:
    clock = Clock(100.0, before_seconds=40.0)
    assert 40 <= clock.elapsed() < 50
    assert 50 < clock.remaining() <= 60
    assert Clock(None).remaining() == math.inf


@pytest.mark.parametrize(("num_train", "batch"), [(40, 8), (100, 12), (500, 62)])
def test_tiny_data_gets_enough_steps(num_train: int, batch: int) -> None:
    made = (
        plan(300, num_train).max_epochs,
        plan_without_budget(images(num_train), None),
    )
    for epochs in (made[0], made[1].max_epochs):
        assert 0.75 * 800 <= epochs * num_train / batch <= 800
        assert 60 < epochs <= 600


def test_large_data_is_planned_as_ever() -> None:
    assert plan_without_budget(images(5_000), None).max_epochs == 60
    assert plan_without_budget(images(60_000), None).max_epochs == 5
    assert plan(1e6).max_epochs == 60


def test_texts_get_fewer_epochs() -> None:
    texts = replace(images(5_000), kind="text", shape=(40,), dtype="int32")
    assert plan_without_budget(texts, None).max_epochs == 10
    made = plan_for_budget(1e6, workers=2, spec=texts, speeds=SPEEDS)
    assert made.max_epochs == 10


@given(st.floats(60, 1e5), st.integers(2, 10))
def test_the_cross_validation_fits(seconds: float, folds: int) -> None:
    made = plan(seconds, 300, folds=folds)
    left = made.final_end(seconds) - made.search_end(seconds)
    training = made.max_epochs * 300 * SPEEDS[0].seconds_per_sample
    assert (3 * folds + 2) * training <= 2 * left


@given(st.floats(100, 1e5), st.integers(1, 100), st.sampled_from([None, 5]))
def test_no_training_outgrows_the_search_however_many_workers_there_are(
    seconds: float, workers: int, folds: int | None
) -> None:
    made = plan(seconds, 2_000, folds=folds, workers=workers)
    half = 0.5 * made.search_end(seconds)
    dearest = made.max_epochs * 2_000 * SPEEDS[1].seconds_per_sample
    cheapest = 60 * 2_000 * SPEEDS[0].seconds_per_sample
    assert dearest <= max(half, 5 * cheapest)


@pytest.mark.parametrize(
    ("train", "counts", "folds"),
    [(80, (40, 40), 5), (80, (77, 3), None), (5000, (2500, 2500), None)],
)
def test_small_data_is_cross_validated(
    train: int, counts: tuple[int, ...], folds: int | None
) -> None:
    spec = DataSpec(
        "series", (9, 1), "float32", "classification", ("a", "b"), train, 20, 20,
        (0.0,), (1.0,), class_counts=counts,
    )  # fmt: skip
    assert usual_folds(spec) == folds


@pytest.mark.parametrize(("most", "folds"), [(1, None), (4, None), (5, 5), (400, 5)])
def test_data_of_fewer_groups_than_folds_is_not_cross_validated(
    most: int, folds: int | None
) -> None:
    spec = replace(images(300), num_val=100, class_counts=(150, 150))
    assert usual_folds(spec, most) == folds
    made = plan_for_data(
        3600.0, folds=None, spec=spec, most_folds=most, workers=2, speeds=SPEEDS
    )
    assert made.folds == folds


def test_folds_that_nobody_asked_for_do_not_cut_trainings_short() -> None:
    spec = DataSpec(
        "series", (9, 1), "float32", "classification", ("a", "b"), 300, 100, 20,
        (0.0,), (1.0,), class_counts=(150, 150),
    )  # fmt: skip
    made = {
        seconds: plan_for_data(seconds, folds=None, spec=spec, workers=2, speeds=SPEEDS)
        for seconds in (40.0, 3600.0)
    }
    assert made[40.0].folds is None
    assert made[3600.0].folds == 5
    asked = plan_for_data(3600.0, folds=1, spec=spec, workers=2, speeds=SPEEDS)
    assert asked.folds is None
    assert asked.refits
