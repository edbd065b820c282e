"""What the record of an ensemble becomes in the report."""

from automl.report_ensemble import ensemble_row, ensemble_verdict
from automl_reports.rows import TrialRow

SELECTION = {
    "ensemble": {
        "single": "0001",
        "members": [
            {"trial": "0001", "training": "final", "weight": 0.6},
            {"trial": "0002", "training": "final", "weight": 0.4},
        ],
        "pays": True,
        "val_score": 0.9,
        "test_score": 0.9,
        "test_interval": [0.8, 1.0],
        "test_metrics": {"accuracy": 0.9},
        "gain": 0.1,
        "gain_interval": [0.05, 0.2],
        "params": 20,
        "macs": 1664,
        "size_mb": 0.2,
        "latency_ms": None,
        "latency_p95_ms": None,
    }
}


def network(trial: str, *unknown: str) -> TrialRow:
    return TrialRow(
        trial, "completed", "net", "random", params=10, macs=832, unknown_layers=unknown
    )


def test_layers_that_nobody_can_count_are_those_of_all_members() -> None:
    rows = [network("0001", "a"), network("0002", "a", "b"), network("0003", "c")]
    found = ensemble_row(SELECTION, rows)
    assert found is not None
    assert found.row.unknown_layers == ("a", "b")
    told = ensemble_verdict(found, rows).replace("\xa0", " ")
    assert "Cost of the ensemble: 20 params, ≥ 1.66 k MACs" in told
    assert "of #0001: 10 params, ≥ 832 MACs" in told


def test_members_that_are_counted_make_an_ensemble_that_is() -> None:
    rows = [network("0001"), network("0002")]
    found = ensemble_row(SELECTION, rows)
    assert found is not None
    assert found.row.unknown_layers == ()
    assert "≥" not in ensemble_verdict(found, rows)


def test_an_interval_above_zero_that_rests_on_few_samples_is_explained() -> None:
    rows = [network("0001"), network("0002")]
    found = ensemble_row({"ensemble": SELECTION["ensemble"] | {"pays": False}}, rows)
    assert found is not None
    told = ensemble_verdict(found, rows)
    assert "does not pay" in told
    assert "too few test samples differently" in told
    assert "not wholly above zero" not in told
