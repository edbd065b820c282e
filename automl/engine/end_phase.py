"""What follows the search, and when the search has to give way to it."""

from __future__ import annotations

from collections.abc import Iterable

from automl.engine.duration import fold_seconds, refit_seconds, training_seconds
from automl.engine.final_training import MOST_SEEDS, longest_epochs
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.plan import SHORTLIST_SIZE
from automl.engine.setting import Setting
from automl.engine.task_loop import STOP_GRACE_SECONDS
from automl.run.trial import TrialRecord

#: Most that are cross-validated in time to spare, of which the best are the shortlist:
#: the few validation samples of small data rank hardly better than chance.
MOST_CROSS_VALIDATED = 8


def search_end(setting: Setting, running: Iterable[TrialRecord]) -> float:
    """Return the second at which the search gives way to what follows it.

    As planned; or later, where what follows could not use the time that is kept for it
    even with every further seed or finalist that it may train. The plan reckons with
    the dearest networks that it allows, and those that turn out best are often cheaper.

    Args:
        setting: The search.
        running: Trials under way, which may be the best before they end.
    """
    clock, plan = setting.clock, setting.plan
    planned = plan.search_end(clock.budget_seconds, clock.budget_since)
    if clock.elapsed() < planned:
        return planned
    known = [r for r in running if setting.ledger.history(r.trial, SEARCH_TRAINING)]
    records = [*candidates(setting), *known]
    if not records:
        return planned
    longest = max(_end_phase_seconds(setting, record) for record in records)
    return max(planned, plan.final_end(clock.budget_seconds) - longest)


def candidates(setting: Setting) -> list[TrialRecord]:
    """Return the trials that may be finalists: the best first, then what has folds.

    What an earlier session cross-validated stays a candidate, although others may have
    better scores on the validation split by now; but a front is that of now.
    """
    ledger = setting.ledger
    best = ledger.shortlist(_count_tried(setting), setting.request.costs)
    if setting.request.costs or not setting.plan.cross_validates:
        return best
    return [*best, *(r for r in ledger.ranked() if r.folds and r not in best)]


def shortlisted(setting: Setting, tried: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Return the finalists: the best by all folds of those that have them.

    Args:
        setting: The search.
        tried: The candidates; without folds, in order.
    """
    sign = -1 if setting.direction == "max" else 1

    def key(record: TrialRecord) -> tuple[bool, float]:
        return not record.cross_validated, sign * (record.fold_score or 0.0)

    return sorted(tried, key=key)[:SHORTLIST_SIZE]


def _count_tried(setting: Setting) -> int:
    """Return how many may be tried.

    A front is not widened: its members are far apart, and not those with the best
    scores.
    """
    timed = setting.clock.budget_seconds is not None
    widened = timed and setting.plan.cross_validates and not setting.request.costs
    return MOST_CROSS_VALIDATED if widened else SHORTLIST_SIZE


def _end_phase_seconds(setting: Setting, record: TrialRecord) -> float:
    """Return the most that all of it takes if every network is as dear as this one."""
    plan = setting.plan
    if plan.cross_validates:
        epochs = plan.max_epochs
        rounds = setting.rounds(_count_tried(setting) * (plan.folds or 1))
        seconds = rounds * fold_seconds(setting, record)
    else:
        # The seeds of one network wait for each other.
        epochs = longest_epochs(setting, record)
        rounds = max(MOST_SEEDS, setting.rounds(SHORTLIST_SIZE * MOST_SEEDS))
        seconds = rounds * training_seconds(setting, record, epochs)
    return STOP_GRACE_SECONDS + seconds + refit_seconds(setting, [record], epochs)
