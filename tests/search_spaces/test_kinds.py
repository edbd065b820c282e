"""Every kind of data with every task: it builds, trains, is saved and is deployed."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest

from automl_datasets.spec import KINDS, TASKS, DataSpec
from automl_search_spaces.blocks.catalog import admitted_blocks
from automl_search_spaces.cost import count_macs
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.inference import inference_model, is_augmentation
from automl_search_spaces.space import SearchSpace
from automl_search_spaces.training_only import TrainingOnly
from tests.search_spaces.draws import assert_trains, draw, parameters
from tests.search_spaces.specs import learnable, make_example, make_spec

LOAD = """
import sys
sys.modules["automl_search_spaces"] = sys.modules["automl_datasets"] = None
import keras, numpy
for model, samples, answers in zip(sys.argv[1::3], sys.argv[2::3], sys.argv[3::3]):
    loaded = keras.saving.load_model(model, safe_mode=True)
    numpy.save(answers, loaded(numpy.load(samples), training=False))
"""

STRONG = {"augmentation": "strong", "flip": True, "filters": 16, "repeats": 1}


def build(spec: DataSpec, values: dict[str, Any]) -> keras.Model:
    return SearchSpace(spec, max_epochs=15).build(parameters(values))


def answers(model: keras.Model, x: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_task_trains(kind: str, task: str) -> None:
    keras.utils.set_random_seed(0)
    spec = make_example(kind, task)
    calm = {"augmentation": "none", "schedule": "constant", "learning_rate": 1e-2}
    calm |= {"filters": 16, "filters_waveform": 16, "embedding_dropout": 0.0}
    model = build(spec, calm)
    x, y = learnable(spec)
    assert model.output_shape == (None, spec.num_outputs)
    assert model.outputs[0].dtype == "float32"
    assert model.inputs[0].dtype == ("int32" if kind == "text" else "float32")
    assert_trains(model, x, y)
    answer = answers(model, x)
    assert np.isfinite(answer).all()
    if task == "classification":
        np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    if task == "multilabel":
        assert ((answer >= 0) & (answer <= 1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_one_traced_step_with_the_strongest_augmentation(kind: str) -> None:
    keras.utils.set_random_seed(0)
    spec = make_example(kind)
    model = build(spec, STRONG)
    x, y = learnable(spec)
    before = answers(model, x)
    np.testing.assert_array_equal(before, answers(model, x))
    logs = model.fit(x, y, batch_size=8, steps_per_epoch=2, verbose=0).history
    assert np.isfinite(logs["loss"][0])
    assert set(logs) == {"loss", "accuracy"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_landmark_of_a_kind_trains(kind: str) -> None:
    keras.utils.set_random_seed(0)
    spec = make_example(kind)
    landmarks = SearchSpace(spec, max_epochs=15).landmarks()
    assert 3 <= len(landmarks) <= 5
    x, y = learnable(spec)
    for landmark in landmarks:
        values = {**landmark.values, "augmentation": "none", "schedule": "constant"}
        values |= {"dropout": 0.0, "embedding_dropout": 0.0}
        # Words start so near to the origin that the first steps hardly move a loss.
        steps = 30 if kind == "text" else 10
        assert_trains(build(spec, values), x, y, steps=steps)


# Keras saves through an outdated form of numpy's protocol.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_what_is_deployed_loads_without_this_package(tmp_path: Path) -> None:
    expected, command = [], [sys.executable, "-c", LOAD]
    cases: list[tuple[str, str, dict[str, Any]]]
    cases = [(kind, "classification", {}) for kind in KINDS]
    cases += [("series", "regression", {}), ("text", "multilabel", {"head": "gap"})]
    cases += [("audio", "multilabel", {"representation": "waveform"})]
    for index, (kind, task, values) in enumerate(cases):
        spec = make_example(kind, task)
        model = build(spec, {**STRONG, **values})
        deployed = inference_model(model)
        layers = deployed.layers
        assert not any(
            is_augmentation(x) or isinstance(x, TrainingOnly) for x in layers
        )
        x = learnable(spec)[0]
        expected.append(answers(model, x))
        np.testing.assert_allclose(answers(deployed, x), expected[-1], atol=1e-6)
        files = [str(tmp_path / f"{index}{end}") for end in (".keras", ".npy", "a.npy")]
        deployed.save(files[0])
        np.save(files[1], x)
        command += files
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    for index, wanted in enumerate(expected):
        got = np.load(tmp_path / f"{index}a.npy")
        np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_random_draws_build_and_are_counted(kind: str) -> None:
    check_draws(kind, 4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_random_draws_build(kind: str) -> None:
    check_draws(kind, 20)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_random_draws_build(kind: str) -> None:
    check_draws(kind, 200)


def check_draws(kind: str, number: int) -> None:
    generator = random.Random(2)
    for index in range(number):
        spec = make_example(kind, TASKS[index % 3], class_counts=(3, 9, 10, 10))
        if spec.task == "regression":
            spec = replace(spec, class_counts=())
        space = SearchSpace(spec, max_epochs=3)
        hp = parameters(draw(space, generator))
        drawn = dict(hp.values)
        model = space.build(hp)
        assert hp.values == drawn
        assert model.output_shape == (None, spec.num_outputs)
        assert count_macs(model).unknown_layers == ()
        assert space.notation(hp.values)
        keras.backend.clear_session()


@pytest.mark.parametrize("kind", KINDS)
def test_dimensions_have_names_of_their_own(kind: str) -> None:
    for limit in (None, 500_000):
        space = SearchSpace(make_example(kind), max_epochs=2, max_macs=limit)
        hp = keras_tuner.HyperParameters()
        space.declare_hyperparameters(hp)
        names = [h.name for h in hp.space]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("head", ["gmp", "gap"])
@pytest.mark.parametrize("block", admitted_blocks((64, 64), "text"))
def test_more_padding_of_texts_changes_nothing(block: str, head: str) -> None:
    values = {"block": block, "head": head, "stages": 2, "repeats": 2, "filters": 16}
    values |= {"augmentation": "none", "kernel_size": 3, "pooling": "max"}
    values |= {"squeeze_excitation": True}
    short = make_spec((64, 1), kind="text", preprocessing={"vocabulary": ["a"] * 50})
    longer = replace(short, shape=(96, 1))
    first, second = build(short, values), build(longer, values)
    generator = np.random.default_rng(0)
    weights = [w + generator.uniform(0, 0.2, w.shape) for w in first.get_weights()]
    first.set_weights(weights)
    second.set_weights(weights)
    x = generator.integers(1, 52, (5, 64, 1)).astype("int32")
    for row, length in enumerate((0, 1, 7, 29, 64)):
        x[row, length:] = 0
    padded = np.pad(x, ((0, 0), (0, 32), (0, 0)))
    np.testing.assert_allclose(answers(first, x), answers(second, padded), atol=1e-5)
    assert np.isfinite(answers(first, x)).all()


def test_convolutions_of_texts_keep_the_length_that_masks_have() -> None:
    spec = make_spec((64, 1), kind="text", preprocessing={"vocabulary": ["a"] * 50})
    for max_macs in (None, 500_000):
        hp = parameters({"block": "plain", "padding": "valid"})
        space = SearchSpace(spec, max_epochs=2, max_macs=max_macs)
        space.declare_hyperparameters(hp)
        assert "padding" not in {h.name for h in hp.space}
    model = build(spec, {"block": "plain", "padding": "valid", "stages": 2})
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv1D)]
    assert {x.padding for x in convolutions} == {"same"}


def test_missing_values_are_the_mean_and_are_marked() -> None:
    spec = make_example("series")
    model = build(spec, {"augmentation": "none"})
    x = learnable(spec)[0]
    assert np.isnan(x).any()
    seen = keras.Model(model.input, _first(model, keras.layers.Concatenate).output)
    numbers = keras.ops.convert_to_numpy(seen(x))
    assert numbers.shape[-1] == 3
    assert (numbers[np.isnan(x[..., 0])] == 0).all()
    assert (numbers[~np.isnan(x[..., 0])][:, 2] == 1).all()


def test_volumes_are_clipped_to_their_window() -> None:
    spec = make_example("volume")
    model = build(spec, {"augmentation": "none"})
    x = np.zeros((3, *spec.shape), "float32")
    x[1], x[2] = 60.0, 1e6
    answer = answers(model, x)
    np.testing.assert_array_equal(answer[0], answer[1])
    top = answers(model, np.full((1, *spec.shape), 200.0, "float32"))
    np.testing.assert_array_equal(answer[2], top[0])


def test_a_sound_is_judged_by_itself() -> None:
    spec = make_example("audio")
    model = build(spec, {"augmentation": "none"})
    quiet, loud = np.split(learnable(spec)[0][:2], 2)
    both = np.concatenate([1e-3 * quiet, loud])
    np.testing.assert_allclose(
        answers(model, both)[:1], answers(model, 1e-3 * quiet), atol=1e-5
    )


@pytest.mark.parametrize(
    ("samples", "rate"), [(3, 8000), (50, 8000), (16000, 16000), (441000, 44100)]
)
def test_sounds_of_any_length_have_a_spectrogram(samples: int, rate: int) -> None:
    spec = make_spec(
        (samples, 1), kind="audio", preprocessing={"sample_rate": rate}, classes=3
    )
    for representation in ("mel", "waveform"):
        model = build(spec, {"representation": representation, "filters": 8})
        x = np.random.default_rng(0).normal(0, 0.1, (2, samples, 1)).astype("float32")
        assert np.isfinite(answers(model, x)).all()


def test_regression_answers_in_raw_units() -> None:
    spec = make_example("series", "regression")
    model = build(spec, {"augmentation": "none"})
    answer = answers(model, learnable(spec)[0])
    assert abs(answer[:, 0].mean() - 1000) < 1000
    assert abs(answer[:, 1].mean() + 2) < 2.5


def test_an_unknown_task_is_refused() -> None:
    spec = replace(make_example("series"), task="ranking")
    with pytest.raises(SpaceError, match=r"must be one of .* got 'ranking'"):
        SearchSpace(spec, max_epochs=2)


def _first(model: keras.Model, kind: type) -> Any:
    return next(layer for layer in model.layers if isinstance(layer, kind))
