"""The benchmark beside the peers: its parts, and KerasTuner under its time limit."""

import os
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from benchmarks import draws
from benchmarks.contenders import Contest, Curve, code_lines, command, user_lines
from benchmarks.measured_process import Limits, run_measured
from benchmarks.same_budget_plot import median_curve, plot
from benchmarks.same_budget_table import share_of_time, table


def row(contender: str, seed: int = 0, **values: Any) -> dict[str, Any]:
    usual = {
        "problem": "mnist1d",
        "contender": contender,
        "seed": seed,
        "budget": 60.0,
        "workers": "1",
        "cores": 1,
        "seconds": 60.0,
        "memory": 10**9,
        "disk": 10**6,
        "lines": 1,
        "date": "2026-01-01",
        "hardware": {"processor": "test"},
        "versions": {"keras": "3"},
    }
    return {**usual, **values}


def scored(contender: str, seed: int, score: float, best: Any) -> dict[str, Any]:
    return row(
        contender,
        seed,
        test_score=score,
        val_score=best[-1][1],
        best=best,
        step_seconds=45.0,
        trials=7,
        used_workers=1,
    )


OURS = scored("automl", 0, 0.95, [[5, 0.5], [10, 0.8], [50, 0.96]])
PEER = scored("kt-random", 0, 0.7, [[8, 0.6], [40, 0.75]])


def test_time_to_a_peers_score_is_a_share_of_the_peers_time() -> None:
    assert share_of_time(OURS, PEER) == 10 / 40
    assert share_of_time(PEER, OURS) == float("inf")
    assert share_of_time(OURS, {**PEER, "best": []}) is None


def test_the_table_compares_runs_of_the_same_seed() -> None:
    other = scored("kt-random", 1, 0.9, [[9, 0.9]])  # ours has no second seed
    failed = row("autokeras", failure="exit code 1: no trial finished")
    text = table([OURS, PEER, other, failed])
    peers = next(line for line in text.splitlines() if line.startswith("| kt-random"))
    assert "0.800 (0.700–0.900)" in peers  # noqa: RUF001
    assert "| 25 % | 17 % | 75 % (75 %–75 %) | 7 | 1.0 GB | 1.0 MB |" in peers  # noqa: RUF001
    assert "| autokeras | 0 of 1 |" in text
    assert "* autokeras, seed 0: exit code 1: no trial finished" in text
    assert "2026-01-01" in text


def test_runs_of_another_budget_stand_in_a_table_of_their_own() -> None:
    text = table([OURS, {**PEER, "budget": 600.0}])
    assert text.count("| contender |") == 2
    assert "| 25 %" not in text


def test_a_curve_begins_once_every_run_has_a_score() -> None:
    curve = median_curve([OURS, PEER])
    assert curve == [(8, 0.55), (10, 0.7), (40, 0.775), (50, pytest.approx(0.855))]


def test_the_plot_is_a_picture_with_a_line_for_each_contender() -> None:
    drawn = ET.fromstring(plot([OURS, PEER, row("autokeras", failure="none")]))
    lines = [e for e in drawn.iter() if e.get("class") == "curve"]
    words = [e.text for e in drawn.iter() if e.tag.endswith("text")]
    assert len(lines) == 2
    assert {"automl", "kt-random"} <= set(words)
    assert "autokeras" not in words


def test_lines_of_code_leave_out_comments_and_docstrings(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        '"""Some."""\n\ndef one(a):\n    """Say.\n\n    More.\n    """\n'
        "    # why\n    return f(\n        a,\n    )\n\n\ndef two():\n    return 2\n"
    )
    assert code_lines(file, ("one",)) == 4
    assert code_lines(file, ("one", "two")) == 6
    assert user_lines("automl") == 1
    assert user_lines("autokeras") < user_lines("kt-hand-random") > 50


def test_every_contender_has_a_command(tmp_path: Path) -> None:
    for contender, word in [
        ("automl", "--objective"),
        ("kt-random", "ours"),
        ("kt-hand-bayesian", "hand"),
        ("autokeras", "benchmarks.peer_autokeras"),
    ]:
        contest = Contest("patches", contender, 3, 60.0, "1")
        words = command(
            contest, data=tmp_path, prepared=tmp_path, out=tmp_path, python=tmp_path
        )
        assert word in words
        assert "3" in words
        assert ("scan" in words) == (contender == "automl")


def test_our_curve_leaves_out_trainings_on_validation_samples(tmp_path: Path) -> None:
    trial = tmp_path / "trials" / "0001"
    curve = Curve(tmp_path)
    for folder, score in ((trial, 0.5), (trial / "refit", 0.99), (trial / "s", 0.7)):
        folder.mkdir(parents=True)
        text = f"epoch,val_accuracy,seconds\n1.0,{score},1\n2.0,0.1,1\n"
        (folder / "history.csv").write_text(text)
        curve.look(score)
    assert curve.best == [(0.5, 0.5), (0.7, 0.7)]


def test_a_process_and_its_children_are_measured_and_killed(tmp_path: Path) -> None:
    child = (
        "import os, time; kept = bytearray(60_000_000);"
        "open('child', 'w').write(str(os.getpid())); time.sleep(600)"
    )
    code = (
        "import subprocess, sys; open('kept', 'wb').write(bytes(5000));"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    usage = run_measured(
        ["env", "-C", str(tmp_path), sys.executable, "-c", code],
        Limits(os.sched_getaffinity(0), seconds=5.0),
        folder=tmp_path,
        log=tmp_path / "log.txt",
    )
    assert usage.exit_code == -9
    assert usage.memory > 60_000_000
    assert usage.disk >= 5000
    with suppress(psutil.NoSuchProcess):  # or nobody has asked how it ended
        left = psutil.Process(int((tmp_path / "child").read_text()))
        assert left.status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def small_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared pictures of two classes, which differ in brightness."""
    folder = tmp_path_factory.mktemp("peers")
    numbers = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = numbers.integers(0, 100, (120, 8, 8)) + 150 * labels[:, None, None]
    np.savez(folder / "two.npz", x=images.astype(np.uint8), y=labels)
    return prepare(DataOptions(str(folder / "two.npz")), folder / "data").directory


# KerasTuner loads weights without the optimizer's state, of which Keras warns.
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "strategy"), [("ours", "hyperband"), ("hand", "bayesian")]
)
def test_keras_tuner_competes_until_the_time_is_up(
    small_images: Path, tmp_path: Path, space: str, strategy: str
) -> None:
    from benchmarks.peer_keras_tuner import compete, hand_written, our_space
    from benchmarks.time_limit import TimeLimit

    class EpochClock(TimeLimit):
        """Time passes as epochs end, so that no machine is too slow."""

        ended = 0.0

        def elapsed(self) -> float:
            return self.ended

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(epoch, logs)
            self.ended += 1.0

    limit = EpochClock(0.0, 300.0)
    contest = (
        our_space(small_images, 0, limit)
        if space == "ours"
        else hand_written(small_images, 2)
    )
    limit.budget = 3.0
    result = compete(strategy, contest, limit, seed=0, folder=tmp_path)
    assert 0.0 <= result["test_score"] <= 1.0
    assert result["trials"] >= 1
    assert result["val_score"] == pytest.approx(result["best"][-1][1])
    assert result["step_seconds"] > 0.0
    assert limit.elapsed() >= limit.budget


@pytest.mark.slow
def test_averaged_and_mixed_networks_are_validated_as_ours(small_images: Path) -> None:
    import keras_tuner

    from automl.training.mixing import mixing_of
    from automl_datasets.preparation import open_prepared
    from automl_search_spaces.space import SearchSpace
    from benchmarks.peer_keras_tuner import AsKerasTuner

    data = open_prepared(small_images)
    space = SearchSpace(data.spec, max_epochs=2)
    hp = keras_tuner.HyperParameters()
    mixed = {"augmentation": "strong", "mixing": "mixup"}
    hp.values = {**mixed, "weight_averaging": True, "batch_size": 16}
    hypermodel = AsKerasTuner(space, data, seed=0)
    model = hypermodel.build(hp)
    assert mixing_of(model) is not None
    told = hypermodel.fit(hp, model, epochs=2, callbacks=[], verbose=0)
    assert len(told.history["val_accuracy"]) == 2


def test_draws_go_on_from_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "draws.jsonl"
    command = ["draws.py", "--draws", "10", "--space", "landmarks", "--rank", "1"]
    monkeypatch.setattr(sys, "argv", [*command, "--out", str(out)])
    draws.main()
    first, kept = capsys.readouterr().out, out.read_bytes()
    assert "10 draws, 10 of 10 networks built, 0 repeats" in first
    monkeypatch.setattr(draws, "explore", None)  # nothing is left to draw
    draws.main()
    assert out.read_bytes() == kept
    assert capsys.readouterr().out.partition(";")[0] == first.partition(";")[0]
