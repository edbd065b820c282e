"""Ensembles: which models, whether they pay, one network of them, and its export."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.engine.budgeting import plan_for_budget
from automl.engine.ensembling import within_limits
from automl.errors import RequestError
from automl.export.ensemble import averaged
from automl.export.job import WRITERS
from automl.export.names import FILES
from automl.export.verification import verify
from automl.metrics.answers import Answers
from automl.run.request import SearchRequest
from automl.selection.choice import Finalist
from automl.selection.ensemble import compare, mean_of, select
from automl.training.calibration import Speed
from automl_datasets.spec import DataSpec
from tests.automl.settings import make_setting
from tests.automl.tiny_models import (
    KINDS,
    WORDS,
    network_of,
    raw_inputs,
    reference_of,
    spec_of,
)

SIZE = 300
ANSWERS = Answers("classification", np.zeros(SIZE, np.int64))


def finalist(name: str, wrong: range, *, sure: float = 0.9) -> Finalist:
    """Return a model that is slightly wrong on some samples, and right on others."""
    right = np.full(SIZE, sure, np.float32)
    right[list(wrong)] = 0.4
    predictions = np.stack([right, 1 - right], axis=1)
    return Finalist(name, float(np.mean(right > 0.5)), predictions, 1, 1)


def test_models_that_err_on_different_samples_are_averaged() -> None:
    models = [
        finalist(name, range(40 * i, 40 * i + 40)) for i, name in enumerate("abc")
    ]
    weights = select(models, "val_accuracy", ANSWERS, size=3)
    assert set(weights) >= {"a", "b"}
    assert sum(weights.values()) == pytest.approx(1)
    mean = mean_of([m.predictions for m in models[:2]], [0.5, 0.5])
    assert (mean.argmax(axis=1) == 0).all()


def test_a_model_that_knows_less_than_another_is_left_out() -> None:
    models = [finalist("bad", range(90)), finalist("good", range(30), sure=0.95)]
    assert select(models, "val_accuracy", ANSWERS, size=2) == {"good": 1.0}


def test_draws_are_with_replacement() -> None:
    # Where one knows all and the other is sure of the contrary on a third, the mean
    # of equals is wrong; with more weight for the first it is right and surer.
    rng = np.random.default_rng(0)
    truth = rng.normal(size=SIZE)
    answers = Answers("regression", truth[:, None], (1.0,))
    errors = rng.normal(size=(2, SIZE))
    errors[1] = 2 * errors[1] - 0.5 * errors[0]
    models = [
        Finalist(name, 0.0, (truth + error)[:, None].astype(np.float32), 1, 1)
        for name, error in zip("ab", errors, strict=True)
    ]
    weights = select(models, "val_rmse", answers, size=2)
    best = np.linalg.lstsq((errors[0] - errors[1])[:, None], -errors[1], rcond=None)[0]
    assert weights["a"] == pytest.approx(best[0], abs=0.06)


def test_size_and_limits_bound_the_members() -> None:
    models = [
        finalist(name, range(30 * i, 30 * i + 30)) for i, name in enumerate("abcd")
    ]
    assert len(select(models, "val_accuracy", ANSWERS, size=4)) > 2
    assert len(select(models, "val_accuracy", ANSWERS, size=2)) == 2
    alone = select(models, "val_accuracy", ANSWERS, size=4, fits=lambda _: False)
    assert alone == {"a": 1.0}
    with pytest.raises(ValueError, match="empty"):
        select([], "val_accuracy", ANSWERS, size=2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_no_ensemble_is_worse_on_what_chose_it(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    answers = Answers("classification", rng.integers(3, size=40))
    models = []
    for name in "abcde":
        raw = rng.random((40, 3)).astype(np.float32)
        raw /= raw.sum(axis=1, keepdims=True)
        hits = float(np.mean(raw.argmax(axis=1) == answers.targets))
        models.append(Finalist(name, hits, raw, 1, 1))
    weights = select(models, "val_accuracy", answers, size=size)
    assert 1 <= len(weights) <= size
    members = [m for m in models if m.trial in weights]
    mean = mean_of(
        [m.predictions for m in members], [weights[m.trial] for m in members]
    )
    assert np.mean(mean.argmax(axis=1) == answers.targets) >= max(
        m.score for m in models
    )


def test_the_interval_of_the_gain_decides() -> None:
    worse, better = finalist("a", range(60)), finalist("b", range(10))
    found = compare(better.predictions, worse.predictions, "val_accuracy", ANSWERS)
    assert found.gain == pytest.approx(50 / SIZE)
    assert found.pays
    assert found.interval[0] < found.gain < found.interval[1]
    back = compare(worse.predictions, better.predictions, "val_accuracy", ANSWERS)
    assert back.gain == pytest.approx(-found.gain)
    assert not back.pays
    same = compare(worse.predictions, worse.predictions, "val_loss", ANSWERS)
    assert (same.gain, same.interval, same.pays) == (0, (0, 0), False)


@pytest.mark.parametrize(("count", "pays"), [(5, False), (6, True)])
def test_a_gain_on_very_few_samples_does_not_pay(count: int, pays: bool) -> None:
    worse, better = finalist("a", range(count)), finalist("b", range(0))
    found = compare(better.predictions, worse.predictions, "val_accuracy", ANSWERS)
    assert found.differing == count
    assert found.interval[0] > 0
    assert found.pays is pays


def test_a_gain_on_one_patient_does_not_pay() -> None:
    worse, better = finalist("a", range(30)), finalist("b", range(0))
    grouped = replace(ANSWERS, groups=np.arange(SIZE) // 30)
    found = compare(better.predictions, worse.predictions, "val_accuracy", grouped)
    assert (found.differing, found.pays) == (1, False)
    alone = compare(better.predictions, worse.predictions, "val_accuracy", ANSWERS)
    assert alone.pays


def test_a_smaller_error_is_a_gain() -> None:
    truth = np.arange(50.0)[:, None]
    answers = Answers("regression", truth, (10.0,))
    found = compare(truth + 0.1, truth + 1.0, "val_rmse", answers)
    assert found.gain == pytest.approx(0.9)
    assert found.pays


def members_of(spec: DataSpec, count: int = 3) -> list[keras.Model]:
    """Return networks that answer differently."""
    networks = [network_of(spec) for _ in range(count)]
    for place, network in enumerate(networks):
        network.set_weights([(1 + 0.2 * place) * w for w in network.get_weights()])
    return networks


@pytest.mark.parametrize("kind", KINDS)
def test_the_network_is_the_mean_and_flat(kind: str) -> None:
    spec = spec_of(kind, "classification")
    networks = members_of(spec)
    inputs = prepared_inputs(spec)
    expected = mean_of([np.asarray(n(inputs)) for n in networks], (0.5, 0.3, 0.2))
    network = averaged(networks, (0.5, 0.3, 0.2))
    assert np.asarray(network(inputs)) == pytest.approx(expected, abs=1e-6)
    assert not any(isinstance(layer, keras.Model) for layer in network.layers)
    assert network.count_params() == sum(n.count_params() for n in networks)
    names = [operation.name for operation in network.operations]
    assert len(names) == len(set(names))


def prepared_inputs(spec: DataSpec) -> np.ndarray:
    if spec.kind == "text":
        words = 2 + np.arange(3 * spec.shape[0], dtype=np.int32) % len(WORDS)
        return words.reshape(3, *spec.shape)
    return raw_inputs(spec, spec.shape[:-1]).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "task", "formats"),
    [
        ("image", "classification", tuple(WRITERS)),
        ("volume", "regression", tuple(WRITERS)),
        ("text", "multilabel", ("savedmodel", "keras")),
    ],
)
def test_every_format_holds_it(
    kind: str, task: str, formats: tuple[str, ...], tmp_path: Path
) -> None:
    spec = spec_of(kind, task)
    networks = members_of(spec, 2)
    inputs = prepared_inputs(spec)
    expected = mean_of([np.asarray(n(inputs)) for n in networks], (0.7, 0.3))
    network = averaged(networks, (0.7, 0.3))
    inputs = inputs.astype(spec.dtype)
    for name in formats:
        WRITERS[name](network, spec, tmp_path / FILES[name])
    reference = reference_of(tmp_path / "inputs.npy", inputs, expected, spec)
    verified, failed = verify(tmp_path, formats, reference)
    assert failed == []
    assert tuple(v.format for v in verified) == formats


@pytest.mark.parametrize("size", [1, 0, -3])
def test_an_ensemble_of_one_is_refused(size: int) -> None:
    with pytest.raises(RequestError, match=f"--ensemble .* got {size};"):
        SearchRequest("data", ensemble=size)


def test_time_for_the_members_is_planned() -> None:
    spec = DataSpec(
        "image", (8, 8, 1), "uint8", "classification", ("a", "b"),
        3_000, 500, 500, (0.0,), (1.0,),
    )  # fmt: skip
    speeds = [Speed(400_000, 1e-4), Speed(4_000_000, 5e-4)]
    single, mean = (
        plan_for_budget(600, workers=2, spec=spec, speeds=speeds, ensemble=size)
        for size in (0, 5)
    )
    assert (single.refit_rounds, mean.refit_rounds) == (1, 3)
    assert mean.final_end(600) < single.final_end(600)
    assert mean.search_end(600) < single.search_end(600)
    assert single == plan_for_budget(600, workers=2, spec=spec, speeds=speeds)


@pytest.mark.parametrize(
    ("latencies", "allowed"),
    [((2.0, 3.0), True), ((2.0, 7.0), False), ((2.0, None), False)],
)
def test_members_together_keep_the_limits_of_one_model(
    latencies: tuple[float | None, ...], allowed: bool, tmp_path: Path
) -> None:
    request = SearchRequest("data", max_latency_ms=6.0, max_macs=10)
    setting = make_setting(tmp_path, request=request)
    for latency in latencies:
        record = setting.ledger.open({}, origin="auto", landmark=False)
        record.macs, record.size_mb, record.latency_ms = 5, 0.1, latency
    assert within_limits(setting, frozenset(setting.ledger.records)) == allowed


@pytest.mark.slow
def test_a_search_with_an_ensemble(digits: Path, tmp_path: Path) -> None:
    from tests.end_to_end.test_tasks import automl

    run = tmp_path / "run"
    answer = automl(
        "search", "--data", digits, "--out", run, "--trials", 3, "--epochs", 3,
        "--strategy", "random", "--objective", "val_loss", "--workers", 1,
        "--ensemble", 2, "--export", "keras", "--json", "--quiet",
    )  # fmt: skip
    told = json.loads(answer.stdout)
    record = json.loads((run / "run.json").read_text())
    found = record["selection"]["ensemble"]
    assert found["single"] == record["selection"]["recommended"]
    assert told["ensemble"]["exported"] == found["pays"]
    assert (told["best"]["trial"] == "ensemble") == found["pays"]
    if found["gain"] is not None:
        assert found["pays"] == (found["gain_interval"][0] > 0)
    assert record["exports"][0]["test_score"] == pytest.approx(
        told["best"]["test_score"], abs=1e-4
    )
    # The same run, had the ensemble of its best two been kept.
    trainings = list(record["selection"]["trainings"].items())[:2]
    found["members"] = [
        {"trial": trial, "training": name, "weight": 0.5} for trial, name in trainings
    ]
    found |= {"pays": True, "gain": 0.1, "gain_interval": [0.05, 0.2]}
    found["test_score"] = 0.5
    (run / "run.json").write_text(json.dumps(record))
    automl("export", run, "--format", "keras")
    exported = json.loads((run / "run.json").read_text())["exports"][0]
    params = [
        json.loads((run / "trials" / trial / "trial.json").read_text())["params"]
        for trial, _ in trainings
    ]
    model = keras.saving.load_model(run / "best" / "model.keras", compile=False)
    assert model.count_params() == sum(params)
    assert exported["max_difference"] <= 1e-4
    assert "An ensemble pays and is exported" in (run / "leaderboard.md").read_text()
    assert "An ensemble, the mean of" in (run / "best" / "MODEL_CARD.md").read_text()
