"""When the search gives way, and to which of its trials."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl.engine.duration import training_seconds
from automl.engine.end_phase import (
    MOST_CROSS_VALIDATED,
    candidates,
    search_end,
    shortlisted,
)
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.plan import SHORTLIST_SIZE, Plan
from automl.engine.setting import Setting
from automl.run.request import SearchRequest
from automl.run.trial import Training
from automl.training.assignment import EpochEnded
from tests.automl.one_worker import OneWorker
from tests.automl.settings import EPOCH_SECONDS, StillClock, add_trial, make_setting

BUDGET = 4000.0
EPOCHS = 10
PLAIN = Plan(EPOCHS, export_seconds=0.0, final_share=0.5)
FOLDED = replace(PLAIN, folds=5)
REFITTED = replace(PLAIN, refits=True)


class ManyWorkers(OneWorker):
    """A pool of more workers than there is to do."""

    def __init__(self) -> None:
        super().__init__([])

    def idle(self) -> list[int]:
        return list(range(64))


def setting_at(
    second: float,
    folder: Path,
    plan: Plan = PLAIN,
    *,
    budget: float | None = BUDGET,
    costs: tuple[str, ...] = (),
    **parts: Any,
) -> Setting:
    """Return a search that has gone on for so long."""
    clock = StillClock(budget)
    clock.now = second
    objective = ",".join(("val_accuracy", *costs))
    request = SearchRequest("data", objective=objective)
    return make_setting(folder, plan=plan, clock=clock, request=request, **parts)


@pytest.mark.parametrize(
    ("plan", "seconds"),
    [
        # A training of 10 epochs is reckoned to take 1.15 * 10 + 5 seconds, one of 20
        # epochs 28, and 10 seconds may pass until what is running has stopped.
        (PLAIN, 3 * 3 * 28 + 10),
        (FOLDED, 8 * 5 * (1.15 * 10 * 0.96 + 5) + 10),  # four of five folds of 600
        # 5 for scoring; a refit has a fifth more samples.
        (REFITTED, 3 * 3 * 28 + 10 + 5 + 1.15 * 20 * 1.2 + 5),
    ],
)
def test_the_search_goes_on_while_all_that_may_follow_fits(
    plan: Plan, seconds: float, tmp_path: Path
) -> None:
    setting = setting_at(BUDGET / 2, tmp_path, plan)
    add_trial(setting, 0.9, planned=EPOCHS)
    assert search_end(setting, []) == pytest.approx(BUDGET - seconds)


@pytest.mark.parametrize(
    ("own", "same", "other", "reckoned"),
    [
        (0.1, 0, 0, 1.1),
        (2.5, 0, 9, 3.5),
        (0.1, 3, 9, 4),  # it was traced for a trial before
        (0, 0, 2, 3),
        (0, 0, 9, 5),  # one that is dear tells little of another
        (0, 0, 0, 5),
    ],
)
def test_what_comes_beside_the_steps_is_reckoned_from_what_is_known(
    own: float, same: float, other: float, reckoned: float, tmp_path: Path
) -> None:
    setting = setting_at(BUDGET / 2, tmp_path)
    for name, overhead in (("a", own), ("a", same), ("b", other)):
        record = add_trial(setting, 0.1, planned=EPOCHS)
        record.architecture = name
        record.trainings[0].longest_overhead_seconds = overhead
    first = next(iter(setting.ledger.records.values()))
    seconds = training_seconds(setting, first, 20)
    assert seconds == pytest.approx(1.15 * 20 + reckoned)


def test_one_short_epoch_promises_no_short_training(tmp_path: Path) -> None:
    setting = setting_at(BUDGET / 2, tmp_path)
    record = add_trial(setting, 0.9, epochs=2, planned=EPOCHS)
    row = {"epoch": 3.0, "seconds": EPOCH_SECONDS / 10}
    setting.ledger.add_epoch(record, SEARCH_TRAINING, EpochEnded(row, 0.9))
    assert training_seconds(setting, record, 20) == pytest.approx(1.15 * 20 + 5)


def test_with_many_workers_the_seeds_of_a_network_still_follow_each_other(
    tmp_path: Path,
) -> None:
    setting = setting_at(BUDGET / 2, tmp_path, pool=ManyWorkers())
    add_trial(setting, 0.9, planned=EPOCHS)
    assert search_end(setting, []) == pytest.approx(BUDGET - 3 * 28 - 10)


def test_it_never_ends_before_its_share_nor_later_for_dear_networks(
    tmp_path: Path,
) -> None:
    setting = setting_at(BUDGET / 2 - 1, tmp_path)
    add_trial(setting, 0.9, planned=EPOCHS)
    assert search_end(setting, []) == BUDGET / 2
    plan = replace(PLAIN, max_epochs=20 * EPOCHS)
    dear = setting_at(BUDGET / 2 + 1, tmp_path, plan)
    assert search_end(dear, []) == BUDGET / 2


def test_without_a_budget_it_never_ends(tmp_path: Path) -> None:
    setting = setting_at(BUDGET / 2, tmp_path, budget=None)
    assert search_end(setting, []) == float("inf")


def test_a_dearer_trial_under_way_is_reckoned_with(tmp_path: Path) -> None:
    setting = setting_at(BUDGET / 2, tmp_path)
    add_trial(setting, 0.9, planned=EPOCHS)
    alone = search_end(setting, [])
    running = setting.ledger.open({}, origin="auto", landmark=False)
    running.trainings.append(Training(SEARCH_TRAINING, 1, EPOCHS))
    assert search_end(setting, [running]) == alone
    row = {"epoch": 1.0, "seconds": 1.5 * EPOCH_SECONDS}
    setting.ledger.add_epoch(running, SEARCH_TRAINING, EpochEnded(row, 0.5))
    assert BUDGET / 2 < search_end(setting, [running]) < alone


def test_more_are_tried_by_folds_in_time_to_spare(tmp_path: Path) -> None:
    for index in range(2 * MOST_CROSS_VALIDATED):
        setting = setting_at(BUDGET / 2, tmp_path)
        record = add_trial(setting, 0.5 + index / 100)
        record.params = 1000 + index
        setting.ledger.save(record)
    folded = setting_at(BUDGET / 2, tmp_path, FOLDED)
    assert len(candidates(folded)) == MOST_CROSS_VALIDATED
    for narrow in (
        setting_at(BUDGET / 2, tmp_path, PLAIN),
        setting_at(BUDGET / 2, tmp_path, FOLDED, budget=None),
    ):
        assert len(candidates(narrow)) == SHORTLIST_SIZE
    front = setting_at(BUDGET / 2, tmp_path, FOLDED, costs=("params",))
    assert 0 < len(candidates(front)) <= SHORTLIST_SIZE


def test_what_has_folds_stays_a_candidate(tmp_path: Path) -> None:
    setting = setting_at(BUDGET / 2, tmp_path, FOLDED, budget=None)
    known = add_trial(setting, 0.1)
    known.fold_score = 0.95
    known.folds.append(Training("fold-0", 1, EPOCHS))
    newer = [add_trial(setting, 0.9 - index / 100) for index in range(4)]
    assert candidates(setting) == [*newer[:SHORTLIST_SIZE], known]
    assert shortlisted(setting, candidates(setting))[0] is known
    for record in (known, *newer):
        record.params = 1
    request = SearchRequest("data", objective="val_accuracy,params")
    assert known not in candidates(replace(setting, request=request))


def test_the_best_by_folds_are_the_shortlist(tmp_path: Path) -> None:
    setting = setting_at(BUDGET / 2, tmp_path, FOLDED)
    tried = [add_trial(setting, 0.9 - index / 100) for index in range(5)]
    assert shortlisted(setting, tried) == tried[:3]
    for record, score in zip(tried[:4], (0.6, 0.8, 0.7, 0.9), strict=True):
        record.fold_score = score
    assert shortlisted(setting, tried) == [tried[3], tried[1], tried[2]]
    smallest = replace(setting, request=SearchRequest("data", objective="val_loss"))
    assert shortlisted(smallest, tried) == [tried[0], tried[2], tried[1]]
    for record in tried[:3]:
        record.fold_score = None
    assert shortlisted(setting, tried) == [tried[3], tried[0], tried[1]]
