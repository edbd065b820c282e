"""Search spaces that users bring: what is found in a file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import keras_tuner
import pytest

from automl.training.assignment import SpaceRequest
from automl.training.spaces import (
    build_model,
    check_space,
    discover_hyperparameters,
    load_space,
    space_fingerprint,
)
from automl.training.user_space import UserSpace
from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.space import SearchSpace

SPEC = DataSpec(
    kind="series",
    shape=(12, 1),
    dtype="float32",
    task="classification",
    classes=("a", "b", "c"),
    num_train=100,
    num_val=10,
    num_test=10,
    mean=(0.0,),
    std=(1.0,),
)
BUILD = """
import keras
import keras_tuner

def {name}({arguments}hp):
    model = keras.Sequential([
        keras.Input((12, 1)),
        keras.layers.Conv1D(hp.Choice("filters", [4, 8]), 3),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense({units}, activation="softmax"),
    ])
    hp.Choice("batch_size", [16, 32])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
"""
FUNCTION = BUILD.format(name="build", arguments="", units=3)
METHOD = BUILD.format(name="make", arguments="self, ", units=3) + (
    "\nclass Mine(keras_tuner.HyperModel):\n    build = make\n"
)
OWN_SPACE = """
from automl_search_spaces.space import SearchSpace

class Shallow(SearchSpace):
    def __init__(self, spec, **options):
        super().__init__(spec, narrowing={"stages": (2,), "repeats": (1,)}, **options)
"""


def load(folder: Path, text: str, name: str = "mine.py") -> object:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    check_space(str(path))
    return load_space(SpaceRequest(str(path), 2), SPEC)


@pytest.mark.parametrize(
    "text", [FUNCTION, METHOD, METHOD + "\nspace = Mine()\nother = 3\n"]
)
def test_kerastuners_forms_are_spaces(tmp_path: Path, text: str) -> None:
    space = load(tmp_path, text)
    assert isinstance(space, UserSpace)
    names = [h.name for h in discover_hyperparameters(space).space]
    assert names == ["filters", "batch_size"]
    values = {"filters": 8, "batch_size": 16}
    assert build_model(space, values).layers[0].filters == 8
    assert space.batch_size(values) == 16
    assert space.notation(values) == "mine filters=8 batch_size=16"


def test_a_search_space_of_ones_own_keeps_its_landmarks(tmp_path: Path) -> None:
    space = load(tmp_path, OWN_SPACE)
    assert isinstance(space, SearchSpace)
    names = {h.name for h in discover_hyperparameters(space).space}
    assert not names & {"stages", "repeats"}
    assert [landmark.name for landmark in space.landmarks()]


def test_a_narrowed_space_is_refused_by_line_where_the_data_leaves_nothing(
    tmp_path: Path,
) -> None:
    text = '# long kernels\n[dimensions]\nkernel_size = 11\nblock = "plain"\n'
    space = load(tmp_path, text, "mine.toml")
    assert isinstance(space, SearchSpace)
    spec = DataSpec(**{**SPEC.__dict__, "shape": (8, 1)})
    with pytest.raises(SpaceError, match=r"mine\.toml, line 3: kernel_size can't be"):
        load_space(SpaceRequest(str(tmp_path / "mine.toml"), 2), spec)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ny = x / 0\n", r"mine\.py, line 2: ZeroDivisionError: division by"),
        ("def build(hp:\n", r"mine\.py, line 1: SyntaxError"),
        ("x = 1\n", "defines no function"),
        (METHOD + "\na = Mine()\nb = Mine()\n", "several spaces: a, b; keep one"),
        (
            METHOD + "    def fit(self, hp, model, *rest, **more): pass\n",
            r"Mine\.fit would never be called",
        ),
    ],
)
def test_a_file_that_is_no_space_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SpaceError, match=message):
        load(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def build(hp):\n    return hp.Coice('a', [1])\n", "line 2: AttributeError"),
        ("def build(hp):\n    pass\n", "must return a compiled keras.Model"),
        (FUNCTION.replace("model.compile", "print"), "a model that is not compiled"),
        (FUNCTION.replace("(12, 1)", "(9, 1)"), r"take samples of shape \(12, 1\)"),
        (FUNCTION.replace("Dense(3", "Dense(5"), r"give samples of shape \(3,\)"),
    ],
)
def test_a_build_that_fails_is_said_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    space = load(tmp_path, text)
    assert isinstance(space, UserSpace)
    with pytest.raises(SpaceError, match=message):
        space.declare_hyperparameters(keras_tuner.HyperParameters())


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    assert space_fingerprint("auto") is None
    path = tmp_path / "mine.py"
    marks = []
    for text in (FUNCTION, FUNCTION, METHOD):
        path.write_text(text, encoding="utf-8")
        marks.append(space_fingerprint(str(path)))
    assert marks[0] == marks[1] != marks[2]
    path.unlink()
    with pytest.raises(SpaceError, match=r"mine\.py can't be read"):
        space_fingerprint(str(path))
