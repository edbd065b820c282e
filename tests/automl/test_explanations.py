"""What is computed of a model for its report."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from automl.engine import explaining
from automl.explanations.attention import attention, watched_layer
from automl.explanations.choice import choose
from automl.explanations.examples import data_examples
from automl.explanations.feature_maps import feature_maps, first_convolutions
from automl.explanations.job import explain
from automl.explanations.network import flat_network, layer_rows
from automl.explanations.pictures import encoded, grey, heat
from automl.explanations.record import (
    load_examples,
    load_explanation,
    save_examples,
    save_explanation,
)
from automl.explanations.views import own_name, view
from automl.report_details import calibration, model_detail
from automl.workers.messages import Broke, Ended
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_reports.architecture_boxes import boxes
from automl_reports.explanation import Explanation
from automl_search_spaces.cost import count_macs, count_parameters
from tests.automl.tiny_models import (
    KINDS,
    TASKS,
    fitted,
    indices_of,
    raw_inputs,
    spec_of,
)

SIDE = 8


def convolutional(rank: int, *, classes: int = 3, nested: bool = False) -> keras.Model:
    """Return a network whose class `c` is the mean of the positive part of channel c.

    Channel 0 is the input, channel 1 is minus the input, channel 2 is nothing.
    """
    inputs = keras.Input(((SIDE,) * rank) + (1,))
    layer = getattr(keras.layers, f"Conv{rank}D")(3, 1, activation="relu")
    if nested:
        inner = keras.Input(((SIDE,) * rank) + (1,))
        x = keras.Model(inner, layer(inner), name="nested")(inputs)
    else:
        x = layer(inputs)
    x = getattr(keras.layers, f"GlobalAveragePooling{rank}D")()(x)
    head = keras.layers.Dense(classes, activation="softmax")
    network = keras.Model(inputs, head(x))
    kernel = np.array([1.0, -1.0, 0.0], np.float32).reshape((1,) * rank + (1, 3))
    layer.set_weights([kernel, np.zeros(3, np.float32)])
    head.set_weights([30 * np.eye(3)[:, :classes], np.zeros(classes)])
    return network


def blobs(rank: int) -> np.ndarray:
    """Return two samples: bright near the first corner, dark near the last."""
    samples = np.zeros((2, *(SIDE,) * rank, 1), np.float32)
    samples[(0, *(1,) * rank)] = 5.0
    samples[(1, *(SIDE - 2,) * rank)] = -5.0
    return samples


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_network_looked_where_its_answer_comes_from(rank: int) -> None:
    seen = attention(
        convolutional(rank), blobs(rank), np.array([0, 1]), np.ones(2, np.float32)
    )
    assert seen is not None
    assert seen.maps.shape == (2, *(SIDE,) * rank)
    for sample, place in enumerate((1, SIDE - 2)):
        found = np.unravel_index(seen.maps[sample].argmax(), (SIDE,) * rank)
        assert found == (place,) * rank
        assert seen.maps[sample].max() == 1
        assert (seen.maps[sample] > 0.01).sum() == 1


def test_a_sure_answer_is_explained_as_well_as_a_doubtful_one() -> None:
    """Gradients of a saturated softmax would vanish: logits are explained."""
    network, samples = convolutional(2), 100 * blobs(2)
    assert network(samples)[0, 0] == 1
    seen = attention(network, samples, np.array([0, 1]), np.ones(2, np.float32))
    assert seen is not None
    assert seen.maps[0].max() == 1


def test_what_speaks_for_a_small_output_is_found_by_its_sign() -> None:
    samples, which = blobs(1), np.array([0, 0])
    seen = attention(convolutional(1), samples, which, np.array([1, -1], np.float32))
    assert seen is not None
    assert seen.maps[0].max() == 1
    assert seen.maps[1].max() == 0  # nothing spoke against class 0


def test_a_network_without_convolution_has_no_map() -> None:
    inputs = keras.Input((8, 1))
    flat = keras.layers.Flatten()(inputs)
    network = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    assert watched_layer(network) is None
    assert attention(network, np.zeros((1, 8, 1)), np.zeros(1, int), np.ones(1)) is None
    assert feature_maps(network, np.zeros((8, 1))) == ()


def test_features_of_hardly_any_positions_give_way_to_earlier_ones() -> None:
    inputs = x = keras.Input((16, 16, 1))
    for _ in range(3):
        x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(x)
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    network = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    layer = watched_layer(network)
    assert layer is not None
    assert layer.output.shape[1:3] == (4, 4)


def test_nested_models_become_part_of_one_graph() -> None:
    network = convolutional(2, nested=True)
    flat = flat_network(network)
    assert not any(isinstance(layer, keras.Model) for layer in flat.layers)
    samples = blobs(2)
    np.testing.assert_allclose(flat(samples), network(samples), atol=1e-6)
    rows = layer_rows(flat)
    found = boxes(rows)
    assert [box.words[0] for box in found] == [
        "Input",
        "Conv2D 1\N{MULTIPLICATION SIGN}1, 3",
        "GlobalAveragePooling2D",
        "Dense 3",
    ]
    names = {row.name for row in rows}
    assert all(set(row.inputs) <= names for row in rows)
    assert sum(row.params for row in rows) == count_parameters(network)
    assert sum(row.macs or 0 for row in rows) == count_macs(network).total
    assert [box.inputs for box in found] == [(), (0,), (1,), (2,)]
    assert found[1].words[1] == "ReLU"
    assert all(box.macs is not None for box in found)


def test_first_convolutions_are_shown_by_their_liveliest_channels() -> None:
    inputs = keras.Input((8, 8, 8, 1))
    x = keras.layers.Conv3D(20, 3, padding="same")(inputs)
    x = keras.layers.Conv3D(4, 1)(x)
    network = keras.Model(inputs, keras.layers.Conv3D(5, 3)(x))
    assert [layer.filters for layer in first_convolutions(network)] == [20, 5]
    sample = np.random.default_rng(0).normal(size=(8, 8, 8, 1))
    first, second = feature_maps(network, sample)
    assert (first.channels, first.shape) == (16, (8, 8, 8, 20))
    assert (first.panel.width, first.panel.height) == (8 * 9 - 1, 2 * 9 - 1)
    assert second.channels == 5


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
def test_every_task_has_examples_with_words(task: str) -> None:
    spec = spec_of("image", task)
    targets = {
        "classification": np.array([0, 1, 2, 1]),
        "multilabel": np.array([[1, 0, 1], [0, 0, 0]], np.float32),
        "regression": np.array([[41.0, 7.5e4]], np.float32),
    }[task]
    split = SimpleNamespace(
        targets=targets,
        inputs=raw_inputs(spec, (9, 7), count=len(targets)),
        names=[f"folder/{n}.png" for n in range(len(targets))],
    )
    data: Any = SimpleNamespace(spec=spec, split=lambda _: split)
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


def setting_of(folder: Path, remaining: float) -> Any:
    return SimpleNamespace(
        progress=SimpleNamespace(phase=lambda text: None),
        pool=Pool(),
        clock=SimpleNamespace(remaining=lambda: remaining),
        run=SimpleNamespace(
            path=folder,
            training=lambda trial, name: folder / trial / name,
            log=lambda text: None,
        ),
        ledger=SimpleNamespace(records={"0001": None, "0002": None}),
        data=SimpleNamespace(directory=folder),
    )


@pytest.mark.parametrize(
    ("remaining", "first", "second"),
    [
        (30.0, "it ran out of memory", None),
        (0.0, "the budget left no time", "the budget left no time"),
    ],
)
def test_a_failed_explanation_is_told_and_loses_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    remaining: float,
    first: str | None,
    second: str | None,
) -> None:
    monkeypatch.setattr(explaining, "scoring_request", lambda *names: names[2])
    judgement: Any = SimpleNamespace(
        choice=SimpleNamespace(recommended="0002"),
        trainings={"0001": "search", "0002": "seed-1"},
    )
    setting = setting_of(tmp_path, remaining)
    explaining.explain_finalists(setting, judgement)
    assert all(limit <= 30 for limit in setting.pool.limits)
    reasons = [load_explanation(tmp_path / t / n) for t, n in (
        ("0001", "search"), ("0002", "seed-1"),
    )]  # fmt: skip
    for found, reason in zip(reasons, (first, second), strict=True):
        if reason is None:
            assert found is None  # the worker would have written it
        else:
            assert isinstance(found, Explanation)
            assert reason in found.notes[0]
