"""Who is chosen, and what is handed over, where a model can't be scored or many pay."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import ensembling, judgement
from automl.engine.ensembling import Member
from automl.engine.judgement import Judgement, handed_over, judge
from automl.engine.setting import Setting
from automl.export.ensemble import EnsembleRequest
from automl.run.request import SearchRequest
from automl.run.trial import REFIT, Training, TrialRecord
from automl.selection.choice import Choice
from automl.training.checkpoint import BEST
from automl.training.scoring import ScoringRequest
from automl.workers.messages import Ended
from tests.automl.settings import add_trial, make_setting, predict, write_targets

COUNT = 100
REASON = "its predictions on the test split became nan or infinite"
FIRST = Choice(
    "0001", "0001", tied=("0001",), near=("0001",), compared=("0001", "0002")
)


def finalists_of(setting: Setting, *scores: float) -> list[TrialRecord]:
    """Return trials that were scored, wrong on different samples, the first on most."""
    targets = np.arange(COUNT) % 2
    write_targets(setting, val=targets, test=targets)
    records = [add_trial(setting, score) for score in scores]
    for place, record in enumerate(records):
        predict(setting, record, wrong=range(30 * place, 30 * place + 30 - place))
    return records


def failing(
    monkeypatch: pytest.MonkeyPatch, reasons: Mapping[tuple[str, str], str]
) -> None:
    """Have some trainings of some trials fail to be scored."""

    def score_all(_: Setting, trainings: Mapping[str, str]) -> dict[str, str]:
        return {
            trial: reasons[trial, name]
            for trial, name in trainings.items()
            if (trial, name) in reasons
        }

    monkeypatch.setattr(judgement, "score_all", score_all)


def judged(
    setting: Setting, records: list[TrialRecord], choice: Choice | None = None
) -> Judgement:
    found = judge(setting, records, choice)
    assert found is not None
    json.dumps(found.to_json(), allow_nan=False)
    return found


def test_a_finalist_that_can_not_be_scored_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)
    records = finalists_of(setting, 0.9, 0.7)
    failing(monkeypatch, {("0001", "search"): REASON})
    found = judged(setting, records)
    assert found.choice.recommended == "0002"
    assert found.trainings == {"0002": "search"}
    assert found.to_json()["unscored"] == {"0001": REASON}
    assert records[0].test_score is None
    assert records[1].test_score == pytest.approx(0.71)
    assert set(found.test_intervals) == set(records[1].test_metrics)


def test_without_any_that_can_be_scored_the_last_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)
    records = finalists_of(setting, 0.9, 0.7)
    failing(monkeypatch, {("0001", "search"): "no", ("0002", "search"): REASON})
    with pytest.raises(RuntimeError, match=f"No finalist could be scored: {REASON}"):
        judge(setting, records)


@pytest.mark.parametrize(
    ("reasons", "by_folds", "recommended"),
    [({}, True, "0001"), ({("0001", "search"): REASON}, False, "0002")],
)
def test_what_folds_chose_stands_if_it_can_be_scored(
    reasons: dict[tuple[str, str], str],
    by_folds: bool,
    recommended: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = make_setting(tmp_path)
    records = finalists_of(setting, 0.7, 0.9)  # by validation it would be the second
    failing(monkeypatch, reasons)
    trained: list[TrialRecord] = []

    def train(_: Setting, records: list[TrialRecord], *, goes_on_only: bool) -> Any:
        assert goes_on_only
        return SimpleNamespace(run=lambda: trained.extend(records))

    monkeypatch.setattr(judgement, "FinalTraining", train)
    found = judged(setting, records, FIRST)
    assert (found.by_folds, found.choice.recommended) == (by_folds, recommended)
    assert trained == (records[:1] if by_folds else [])  # the folds left no model


def test_a_refit_that_can_not_be_scored_gives_way_to_what_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)
    records = finalists_of(setting, 0.9, 0.7)
    for record in records:
        record.trainings.append(Training(REFIT, 1, 60, 60, val_score=0.9))
        predict(setting, record, training=REFIT)
    failing(monkeypatch, {("0001", REFIT): REASON})
    found = judged(setting, records)
    assert found.trainings == {"0001": "search", "0002": REFIT}
    assert [training.name for training in records[0].trainings] == ["search"]
    assert records[1].test_score == pytest.approx(1)


def test_nothing_is_judged_once_the_user_asks_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)
    records = finalists_of(setting, 0.9)
    failing(monkeypatch, {})
    setting.interrupt.requested = True
    assert judge(setting, records) is None
    assert records[0].test_score is None


def test_an_ensemble_that_pays_is_settled_and_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path, request=SearchRequest("data", ensemble=2))
    records = finalists_of(setting, 0.7, 0.71)
    failing(monkeypatch, {})
    monkeypatch.setattr(ensembling, "run_job", lambda *_: Ended(0, (2.0, 3.0)))
    found = judged(setting, records)
    ensemble = found.ensemble
    assert ensemble is not None
    assert ensemble.pays
    assert ensemble.single == found.choice.recommended == "0002"
    assert (ensemble.val_score, ensemble.test_score) == pytest.approx((1, 1))
    assert ensemble.gain == pytest.approx(0.29)
    assert (ensemble.latency_ms, ensemble.single_latency_ms) == (2, 2)
    assert found.test_intervals["accuracy"][0] > 0.9
    given = handed_over(setting, found)
    assert isinstance(given, EnsembleRequest)
    assert {member.folder.parent.name for member in given.members} == {"0001", "0002"}
    assert sum(given.weights) == pytest.approx(1)


def test_an_ensemble_that_does_not_pay_leaves_the_single_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path, request=SearchRequest("data", ensemble=2))
    records = finalists_of(setting, 0.7, 0.71)
    # What all are wrong about on the test split, their mean is wrong about.
    write_targets(setting, test=1 - np.arange(COUNT) % 2)
    failing(monkeypatch, {})
    measured: list[Any] = []
    monkeypatch.setattr(ensembling, "run_job", lambda *_: measured.append(_))
    found = judged(setting, records)
    assert found.ensemble is not None
    assert len(found.ensemble.members) == 2
    assert not found.ensemble.pays
    assert measured == []
    given = handed_over(setting, found)
    assert isinstance(given, ScoringRequest)
    assert given.folder == setting.run.training("0002", "search")


def test_a_best_score_that_is_no_finalist_may_be_all_there_is_of_the_ensemble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is no better than another, and larger."""
    request = SearchRequest("data", objective="val_accuracy,params", ensemble=2)
    setting = make_setting(tmp_path, request=request)
    best, finalist = finalists_of(setting, 0.9, 0.7)
    (setting.run.training(best.trial, "search") / BEST).touch()
    predict(setting, best)
    monkeypatch.setattr(ensembling, "score_all", lambda *_: {})
    failing(monkeypatch, {})
    found = judged(setting, [finalist])
    assert found.ensemble is not None
    assert found.ensemble.members == (Member("0001", "search", 1.0),)
    assert not found.ensemble.pays
    assert found.trainings == {"0002": "search"}


def test_the_record_says_who_was_compared_and_who_came_near() -> None:
    choice = Choice(
        "0002",
        "0001",
        tied=("0001", "0002", "0003"),
        near=("0001", "0002"),
        compared=("0001", "0002", "0003", "0004"),
    )
    values = Judgement(choice, {"0001": "final"}, by_folds=True).to_json()
    assert values["tied"] == ["0001", "0002", "0003"]
    assert values["near"] == ["0001", "0002"]
    assert values["compared"] == ["0001", "0002", "0003", "0004"]
