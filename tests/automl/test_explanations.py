"""What is computed of a model for its report: its answers, and how they look."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from automl.engine.explaining import explain_finalists
from automl.engine.judgement import Judgement
from automl.explanations.choice import choose
from automl.explanations.examples import data_examples
from automl.explanations.job import explain
from automl.explanations.pictures import encoded, grey, heat
from automl.explanations.record import (
    is_explained,
    load_examples,
    load_explanation,
    save_examples,
    save_explanation,
)
from automl.explanations.views import own_name, view
from automl.report_details import calibration, model_detail
from automl.run.atomic import read_json, write_json
from automl.selection.choice import Choice
from automl.training.checkpoint import BEST, save_arrays
from automl.workers.messages import Broke, Ended
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_reports.explanation import Explanation, LayerRow
from tests.automl.settings import StillClock, add_trial, make_setting, write_targets
from tests.automl.tiny_models import (
    KINDS,
    TASKS,
    fitted,
    indices_of,
    raw_inputs,
    spec_of,
)


def test_the_most_confident_mistakes_come_first() -> None:
    spec = spec_of("image", "classification")
    targets = np.array([0, 0, 1, 2, 2])
    predictions = np.array(
        [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.05, 0.95, 0], [0.99, 0, 0.01], [0, 0, 1]],
        np.float32,
    )
    mistakes, hits = choose(spec, targets, predictions)
    assert [(m.row, m.truth, m.answer) for m in mistakes] == [(3, 2, 0), (1, 0, 1)]
    assert mistakes[0].confidence == pytest.approx(0.99)
    assert [h.row for h in hits] == [4, 2, 0]


def test_of_labels_no_sample_comes_twice() -> None:
    spec = spec_of("image", "multilabel")
    targets = np.array([[1, 0, 0], [0, 1, 1]], np.float32)
    predictions = np.array([[0.1, 0.95, 0.3], [0.2, 0.9, 0.4]], np.float32)
    mistakes, hits = choose(spec, targets, predictions)
    assert [(m.row, m.output, m.answer, m.sign) for m in mistakes] == [
        (0, 1, 1, 1),
        (1, 2, 0, -1),
    ]
    assert [(h.row, h.output) for h in hits] == [(1, 1)]


def test_errors_of_a_regression_count_in_standard_deviations() -> None:
    spec = spec_of("image", "regression")  # spreads 12 and 9000
    targets = np.array([[40.0, 7e4], [40, 7e4], [40, 7e4], [40, 7e4]], np.float32)
    offsets = np.array([[24, 0], [0, 9e3], [0, 100], [1, 0]], np.float32)
    mistakes, hits = choose(spec, targets, targets + offsets)
    assert [(m.row, m.output) for m in mistakes] == [(0, 0), (1, 1)]
    assert [h.row for h in hits] == [2, 3]
    assert mistakes[0].confidence is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_every_kind_can_be_looked_at(kind: str) -> None:
    spec = spec_of(kind, "classification")
    if kind == "text":
        sample = indices_of("good film nonsense", spec)
        seen = view(sample, spec, "a/b.txt", np.array([0.0, 1.0, 0.5, 0.0]))
        assert seen.words == ("good", "film", "\N{HORIZONTAL ELLIPSIS}")
        assert seen.heat == (0.0, 1.0, 1.0)  # eight padded positions, four of the map
    else:
        sample = fitted(raw_inputs(spec, spec.shape[:-1])[0], spec)
        seen = view(sample, spec, "a/b.x", np.ones((2,) * spec.rank, np.float32))
    assert seen.name in ("b.txt", "b.x")
    assert len(seen.panels) == {"image": 1, "audio": 1, "volume": 3, "video": 4}.get(
        kind, 0
    )
    assert all(panel.heat for panel in seen.panels)
    if kind == "series":
        assert [len(line) for line in seen.lines] == [12, 12]
        assert seen.lines[0][0] is None
        assert seen.heat == (1.0, 1.0)


def test_padding_at_the_end_of_a_series_is_not_drawn() -> None:
    spec = spec_of("series", "classification")
    sample = np.full(spec.shape, np.nan, np.float32)
    sample[:6] = 1.0
    seen = view(sample, spec, "x", np.array([1.0, 1.0, 0.0, 0.0]))
    assert [len(line) for line in seen.lines] == [6, 6]
    assert seen.heat == (1.0, 1.0)


def test_a_map_of_other_axes_than_the_sample_is_not_laid_over_it() -> None:
    spec = spec_of("image", "classification")
    sample = raw_inputs(spec, (9, 7))[0]
    assert view(sample, spec, "x", np.ones(4)).panels[0].heat == ""


def test_names_lose_their_folders() -> None:
    names = ("ward/patient 3/scan.nii", "C:\\a\\b.png", "x_test[3]")
    assert [own_name(name) for name in names] == ["scan.nii", "b.png", "x_test[3]"]


def decoded(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_pictures_are_small_and_hold_what_they_were_made_of() -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    address, width, height = encoded(pixels)
    assert address.startswith("data:image/")
    assert (width, height) == (8, 8)
    np.testing.assert_array_equal(np.asarray(decoded(address).convert("L")), pixels)
    large = np.random.default_rng(0).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    address, width, height = encoded(large)
    assert (width, height) == (96, 72)
    assert len(address) < 9000
    colours = np.asarray(decoded(heat(np.array([[0.0, 1.0]]))).convert("RGBA"))
    assert colours[0, 0, 3] == 0
    assert colours[0, 1, 3] > 150


def test_grey_knows_missing_values_and_flat_pictures() -> None:
    assert grey(np.array([np.nan, 0.0, 1.0])).tolist() == [0, 0, 255]
    assert grey(np.full(3, 7.0)).tolist() == [0, 0, 0]
    assert grey(np.full(2, np.nan)).tolist() == [0, 0]
    assert grey(np.array([5.0, 15.0]), (0.0, 10.0)).tolist() == [128, 255]


def test_calibration_counts_and_error() -> None:
    sure = np.array([0.95] * 10 + [0.65] * 10)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    found = calibration(sure, right)
    assert [(b.low, b.count) for b in found.bins] == [(0.6, 10), (0.9, 10)]
    assert [b.correct for b in found.bins] == [0.3, 0.9]
    assert found.error == pytest.approx((0.05 + 0.35) / 2)
    assert calibration(np.array([1.0]), np.array([True])).error == 0


@pytest.fixture
def prepared(digits: Path, tmp_path: Path) -> PreparedData:
    return prepare(DataOptions(str(digits)), tmp_path / "prepared")


def small_network(data: PreparedData) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input(data.spec.shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(4, 3, activation="relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def test_an_explanation_is_read_as_it_was_written(
    prepared: PreparedData, tmp_path: Path
) -> None:
    network, test = small_network(prepared), prepared.split("test")
    predictions = network.predict(np.asarray(test.inputs), verbose=0)
    found = explain(network, prepared, predictions)
    assert len(found.mistakes) == 12
    assert found.notes == ()
    assert found.looked_at
    assert "/" not in found.mistakes[0].view.name
    save_explanation(tmp_path, found)
    assert load_explanation(tmp_path) == found
    detail = model_detail(
        "1", prepared.spec, test.targets, predictions, folder=tmp_path
    )
    assert detail.explanation == found
    assert detail.calibration is not None
    samples = data_examples(prepared, ("train", "test"))
    assert [item.truth for item in samples] == [str(n) for n in range(10)] * 2
    save_examples(tmp_path, samples)
    assert load_examples(tmp_path) == samples
    assert load_examples(tmp_path / "nowhere") == ()


EXPLAINED = Explanation(layers=(LayerRow("dense", "Dense", (2,), 6, 4, inputs=()),))


def test_an_explanation_is_of_the_weights_that_it_was_made_of(tmp_path: Path) -> None:
    """A search that goes on may replace the weights in the same folder."""
    save_arrays(tmp_path / BEST, [np.zeros(3)])
    save_explanation(tmp_path, EXPLAINED)
    assert is_explained(tmp_path)
    save_arrays(tmp_path / BEST, [np.ones(3)])
    assert not is_explained(tmp_path)
    assert load_explanation(tmp_path) is None
    (tmp_path / BEST).unlink()  # as whoever hands on a run may: it still tells of it
    assert load_explanation(tmp_path) is not None


def test_an_explanation_of_an_earlier_version_is_shown_and_made_again(
    tmp_path: Path,
) -> None:
    save_arrays(tmp_path / BEST, [np.zeros(3)])
    save_explanation(tmp_path, EXPLAINED)
    file = tmp_path / "explanation.json"
    values = read_json(file)
    del values["weights"]
    write_json(file, values)
    assert load_explanation(tmp_path) == EXPLAINED
    assert not is_explained(tmp_path)


def test_a_model_without_a_graph_keeps_its_mistakes(prepared: PreparedData) -> None:
    class Own(keras.Model):
        def call(self, x: Any) -> Any:
            return keras.ops.zeros((keras.ops.shape(x)[0], 10))

    predictions = np.full((len(prepared.split("test")), 10), 0.1, np.float32)
    found = explain(Own(), prepared, predictions)
    assert found.mistakes
    assert found.layers == ()
    assert "not drawn" in found.notes[0]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_examples_with_words(task: str, tmp_path: Path) -> None:
    spec = spec_of("image", task)
    targets = {
        "classification": np.array([0, 1, 2, 1]),
        "multilabel": np.array([[1, 0, 1], [0, 0, 0]], np.float32),
        "regression": np.array([[41.0, 7.5e4]], np.float32),
    }[task]
    setting = make_setting(tmp_path, spec=spec)
    write_targets(setting, train=targets)
    data, split = setting.data, setting.data.split("train")
    np.save(split.file("inputs.npy"), raw_inputs(spec, (9, 7), count=len(targets)))
    names = [f"folder/{n}.png" for n in range(len(targets))]
    split.file("names.json").write_text(json.dumps(names))
    told = {item.truth for item in data_examples(data, ("train",))}
    assert (
        told
        == {
            "classification": {"a <b>", "ä", "=1+1"},
            "multilabel": {"a <b>, =1+1", "no label"},
            "regression": {"age 41, weight 7.5e+04"},
        }[task]
    )


class Pool:
    """Two workers, of which the second breaks whatever it is given."""

    def __init__(self) -> None:
        self.jobs: dict[int, Any] = {}
        self.limits: list[float] = []

    def idle(self) -> list[int]:
        return [worker for worker in (0, 1) if worker not in self.jobs]

    def submit(self, worker: int, job: Any) -> None:
        self.jobs[worker] = job
        self.limits.append(job.time_limit_seconds)

    def wait(self) -> list[Any]:
        worker, _ = self.jobs.popitem()
        return [Ended(0, None) if worker == 0 else Broke(1, "it ran out of memory")]


@pytest.mark.parametrize(
    ("remaining", "first", "second"),
    [
        (30.0, "it ran out of memory", None),
        (0.0, "the budget left no time", "the budget left no time"),
    ],
)
def test_a_failed_explanation_is_told_and_loses_nothing(
    tmp_path: Path, remaining: float, first: str | None, second: str | None
) -> None:
    both, pool = ("0001", "0002"), Pool()
    choice = Choice("0002", "0002", tied=both, near=both, compared=both)
    trainings = {"0001": "search", "0002": "seed-1"}
    setting = make_setting(tmp_path, pool=pool, clock=StillClock(remaining))
    for score in (0.7, 0.9):
        add_trial(setting, score)
    explain_finalists(setting, Judgement(choice, trainings))
    assert all(limit <= 30 for limit in pool.limits)
    reasons = [load_explanation(setting.run.training(*t)) for t in trainings.items()]
    for found, reason in zip(reasons, (first, second), strict=True):
        if reason is None:
            assert found is None  # the worker would have written it
        else:
            assert isinstance(found, Explanation)
            assert reason in found.notes[0]
