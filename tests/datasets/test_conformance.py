"""What every source must do, whatever its form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import open_prepared, prepare
from automl_datasets.profile import DataProfile
from automl_datasets.sources.registry import SOURCES, recognise
from tests.datasets.forms import Form

Sentence = Callable[[object], str]
ODD = ["plain", "two words", 'it\'s "quoted"', "größe 猫", "<script>alert(1)<"]


def test_is_recognised_by_exactly_one_source(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 2, "b": 2}, {})
    assert form.source == recognise(path)[0].NAME
    # A table is also a table of texts, but the sources before it know better.
    assert next(s.NAME for s in SOURCES if s.recognise(path)) == form.source
    assert inspect(DataOptions(str(path))).kind == form.kind


def test_prepares_every_sample_once(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 20, "b": 12}, {})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    splits = [data.split(name) for name in ("train", "val", "test")]
    names = [name for split in splits for name in split.names]
    assert len(names) == len(set(names)) == 32
    assert data.spec.classes == ("a", "b")
    assert data.spec.kind == form.kind
    shape = data.spec.shape
    assert form.shape in (None, shape)
    sizes = (data.spec.num_train, data.spec.num_val, data.spec.num_test)
    assert sizes == tuple(len(split) for split in splits)
    for split in splits:
        assert isinstance(split.inputs, np.memmap)
        assert not split.inputs.flags.writeable
        assert split.inputs.shape == (len(split), *shape)
        assert split.inputs.dtype == data.spec.dtype
        assert split.targets.dtype == np.int64
    targets = np.concatenate([split.targets for split in splits])
    assert np.bincount(targets).tolist() == [20, 12]


def test_rows_belong_to_their_names(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 9, "b": 7}, {"a": 2})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    scored = labelled(DataOptions(str(path)), data.spec)
    expected = {name: (array, target) for name, array, target in scored}
    assert len(scored.skipped) == 2
    for split in map(data.split, ("train", "val", "test")):
        rows = zip(split.names, split.inputs, split.targets, strict=True)
        for name, row, target in rows:
            array, known = expected.pop(name)
            if form.kind != "text":  # as it is unfitted, it has no numbers yet
                assert np.array_equal(row, array, equal_nan=form.kind == "series")
            assert target == known
    assert not expected


def test_unreadable_samples_are_counted_and_named(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 6, "b": 6}, {"a": 2, "b": 1})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert len(data.profile.skipped) == 3
    assert all(name and reason for name, reason in data.profile.skipped)
    assert any(note.startswith("3 entries skipped") for note in data.profile.notes)
    assert data.spec.num_train + data.spec.num_val + data.spec.num_test == 12


def test_nothing_readable_is_refused(
    form: Form, tmp_path: Path, assert_sentence: Sentence
) -> None:
    path = form.write(tmp_path, {}, {"a": 3, "b": 3})
    with pytest.raises(DataError) as caught:
        prepare(DataOptions(str(path)), tmp_path / "out")
    assert "Not one of" in assert_sentence(caught.value)


def test_class_without_readable_samples_is_left_out(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 5, "z": 5}, {"m": 2})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert data.spec.classes == ("a", "z")
    assert set(data.split("train").targets.tolist()) == {0, 1}
    assert any("Left out 'm'" in note for note in data.profile.notes)


def test_empty_class_is_left_out(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 5, "empty": 0, "z": 5}, {})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert data.spec.classes == ("a", "z")
    # A table has no place for a class without samples.
    named = form.source in ("table", "table of paths")
    assert named or any("Left out 'empty'" in note for note in data.profile.notes)


def test_empty_file(form: Form, tmp_path: Path, assert_sentence: Sentence) -> None:
    path = form.write(tmp_path, {"a": 5, "b": 5}, {})
    if path.is_file():
        path.write_bytes(b"")
        with pytest.raises(DataError) as caught:
            prepare(DataOptions(str(path)), tmp_path / "out")
        assert str(path) in assert_sentence(caught.value)
    else:
        (path / "a" / f"nothing{form.suffix}").touch()
        data = prepare(DataOptions(str(path)), tmp_path / "out")
        assert data.profile.skipped[0][0] == f"a/nothing{form.suffix}"
        assert data.profile.skipped[0][1]


def test_loops_of_links_end(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 5, "b": 5}, {})
    folder = path if path.is_dir() else path.parent
    for name in ("a/loop", "b/self", "loop"):
        if (link := folder / name).parent.is_dir():
            link.symlink_to(folder)
    (folder / f"circle{form.suffix}").symlink_to(folder / f"circle{form.suffix}")
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert data.spec.num_train + data.spec.num_val + data.spec.num_test == 10


@pytest.mark.parametrize("samples", [{"only": 8}, {"only": 1}, {"a": 1, "b": 1}])
def test_too_little_is_refused(
    form: Form, samples: dict[str, int], tmp_path: Path, assert_sentence: Sentence
) -> None:
    path = form.write(tmp_path, samples, {})
    with pytest.raises(DataError) as caught:
        prepare(DataOptions(str(path)), tmp_path / "out")
    assert_sentence(caught.value)
    try:
        assert inspect(DataOptions(str(path))).problems
    except DataError as error:
        assert_sentence(error)


def test_class_names_stay_as_they_are(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, dict.fromkeys(ODD, 4), {})
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert sorted(data.spec.classes) == sorted(ODD)
    assert open_prepared(tmp_path / "out").spec == data.spec


def test_seed_decides_on_the_splits(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 20, "b": 20}, {})

    def test_names(seed: int, folder: str) -> list[str]:
        options = DataOptions(str(path), seed=seed)
        return prepare(options, tmp_path / folder).split("test").names

    assert test_names(3, "first") == test_names(3, "second")
    assert test_names(3, "first") != test_names(4, "third")


def test_profile_and_inspection_survive_json(form: Form, tmp_path: Path) -> None:
    path = form.write(tmp_path, {"a": 6, "b": 6}, {"b": 1})
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    assert DataProfile.from_json(json.loads(json.dumps(profile.to_json()))) == profile
    inspection = inspect(DataOptions(str(path)))
    assert json.loads(json.dumps(inspection.to_json()))["classes"] == ["a", "b"]
    assert all(word in inspection.to_text() for word in (form.kind, "2 classes"))


def test_test_data_of_the_same_form(form: Form, tmp_path: Path) -> None:
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
    path = form.write(tmp_path / "one", {"a": 6, "b": 6}, {})
    other = form.write(tmp_path / "two", {"b": 3}, {})
    options = DataOptions(str(path), test_data=str(other))
    data = prepare(options, tmp_path / "out")
    assert data.split("test").targets.tolist() == [1, 1, 1]
    assert data.spec.num_train + data.spec.num_val == 12
    strange = form.write(tmp_path / "three", {"dragon": 3}, {})
    with pytest.raises(DataError, match="'dragon'"):
        prepare(DataOptions(str(path), test_data=str(strange)), tmp_path / "out")


def test_evaluation_refuses_unknown_classes(form: Form, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    path = form.write(tmp_path / "one", {"a": 6, "b": 6}, {})
    spec = prepare(DataOptions(str(path)), tmp_path / "out").spec
    other = form.write(tmp_path / "two", {"a": 2, "dragon": 2}, {})
    with pytest.raises(DataError, match="'dragon'"):
        labelled(DataOptions(str(other)), spec)
