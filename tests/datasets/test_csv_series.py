"""CSV tables of series a row, and of series a step a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources import _csv_chunks
from tests.datasets.csv_tables import Sentence, read, save, wide
from tests.datasets.memory import peak_memory

LETTERS = np.array(["a", "b", "c"])


def long(ids: int = 6) -> pd.DataFrame:
    """Return steps of series of 3, 4, … steps, their label constant."""
    rng = np.random.default_rng(0)
    rows = [
        (f"s{i}", step, rng.normal(), rng.normal(), LETTERS[i % 2])
        for i in range(ids)
        for step in range(3 + i)
    ]
    return pd.DataFrame(rows, columns=["id", "time", "x", "y position", "label"])


def test_series_a_row(tmp_path: Path) -> None:
    frame = wide()
    frame.loc[3, "t4"] = None
    path = save(tmp_path / "a.csv", frame.assign(id=range(12), kind=list("ab") * 6))
    scan, plan, rows = read(path)
    assert (scan.kind, scan.classes) == ("series", ("a", "b"))
    assert plan.layout.shape == (10, 1)
    expected = frame.to_numpy(np.float32)
    assert np.array_equal(np.stack(rows)[..., 0], expected, equal_nan=True)


def test_channels_side_by_side(tmp_path: Path) -> None:
    frame = pd.concat([wide(prefix="x_"), -wide(prefix="y_")], axis=1)
    path = save(tmp_path / "a.csv", frame.assign(label=[0, 1] * 6))
    _, plan, rows = read(path)
    assert plan.layout.shape == (10, 2)
    assert np.array_equal(rows[5][:, 0], -rows[5][:, 1])


@pytest.mark.parametrize("place", [0, 10])
@pytest.mark.parametrize("label", [[0, 1, 2], list("abc"), [0.0, 1.0, 2.0]], ids=str)
def test_series_without_a_header(
    tmp_path: Path, place: int, label: list[object]
) -> None:
    frame = wide()
    frame.insert(place, "label", label * 4)
    path = save(tmp_path / "a.csv", frame, header=False)
    scan, _, rows = read(path)
    assert len(scan.samples) == 12
    assert len(scan.classes) == 3
    assert np.allclose(np.stack(rows)[..., 0], wide().to_numpy(), atol=1e-6)


def test_dates_and_numbers_as_names_of_steps(tmp_path: Path) -> None:
    names = {
        "days": [f"2024-01-{i + 1:02}" for i in range(10)],
        "numbers": [str(i) for i in range(10)],
    }
    for stem, columns in names.items():
        frame = wide().set_axis(columns, axis=1).assign(outcome=["up", "down"] * 6)
        _, plan, _ = read(save(tmp_path / f"{stem}.csv", frame))
        assert plan.layout.shape == (10, 1)


def test_decimal_commas(tmp_path: Path) -> None:
    frame = wide().assign(target=wide()["t0"] * 2)
    path = save(tmp_path / "a.csv", frame, sep=";", decimal=",")
    scan, _, rows = read(path)
    assert scan.task == "regression"
    assert np.allclose(np.stack(rows)[..., 0], wide().to_numpy(), atol=1e-6)
    found = [s.target for s in scan.samples]
    assert np.allclose(found, frame[["target"]].to_numpy())


def test_a_spoilt_cell_leaves_other_decimal_commas_as_they_are(tmp_path: Path) -> None:
    frame = wide(24).map(lambda value: f"{value:.3f}".replace(".", ","))
    frame.loc[3, "t4"] = "broken"
    frame.loc[5, "t4"] = "n/a"
    path = save(tmp_path / "a.csv", frame.assign(label=[0, 1] * 12), sep=";")
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    assert [name for name, _ in profile.skipped] == ["a.csv[3]"]
    assert "'broken'" in profile.skipped[0][1]


def test_columns_that_are_no_series_are_refused_unless_asked(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    frame = wide().set_axis(list("abcdefghij"), axis=1).assign(label=[0, 1] * 6)
    path = save(tmp_path / "a.csv", frame)
    with pytest.raises(DataError) as caught:
        read(path)
    assert "name the kind" in assert_sentence(caught.value)
    _, plan, _ = read(path, kind="series")
    assert plan.layout.shape == (10, 1)
    with pytest.raises(DataError, match="'image'"):
        read(path, kind="image")


@pytest.mark.parametrize("times", ["numbers", "dates"])
def test_series_a_step_a_row(tmp_path: Path, times: str) -> None:
    frame = long()
    if times == "dates":
        frame["time"] = pd.Timestamp("2024-02-28") + pd.to_timedelta(frame.time, "h")
    mixed = frame.sample(frac=1, random_state=1)
    scan, plan, rows = read(save(tmp_path / "a.csv", mixed))
    assert plan.layout.shape == (8, 2)
    order = mixed["id"].drop_duplicates().tolist()
    assert [sample.name for sample in scan.samples] == [f"a.csv[{i}]" for i in order]
    for name, row, sample in zip(order, rows, scan.samples, strict=True):
        own = frame[frame["id"] == name]
        assert np.allclose(row, own[["x", "y position"]].to_numpy(), atol=1e-6)
        assert scan.classes[int(sample.target)] == own["label"].iloc[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [["DE", "NA", "FR", "null"], ["a", "b ", " b", "?"]])
def test_series_keep_their_labels_whatever_they_are_called(
    tmp_path: Path, names: list[str]
) -> None:
    rows = [
        (name, step, 10 * place + step, "xyz"[place % 3])
        for place, name in enumerate(names)
        for step in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["series", "time", "value", "label"])
    frame.loc[frame["series"] == " b", "label"] = "y"  # it is `b` once more
    scan, _, arrays = read(save(tmp_path / "a.csv", frame))
    called = list(dict.fromkeys(name.strip() for name in names))
    assert [sample.name for sample in scan.samples] == [f"a.csv[{n}]" for n in called]
    for name, sample, array in zip(called, scan.samples, arrays, strict=True):
        own = frame[frame["series"].str.strip() == name]
        assert scan.classes[int(sample.target)] == own["label"].iloc[0]  # type: ignore[arg-type]
        assert sorted(array[:, 0].tolist()) == sorted(own["value"].tolist())


def test_spoilt_series_of_a_long_table(tmp_path: Path) -> None:
    frame = long(12).astype({"x": object})
    frame.loc[0, "label"] = "c"
    frame.loc[10, "x"] = "broken"
    path = save(tmp_path / "a.csv", frame)
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    reasons = dict(profile.skipped)
    assert reasons["a.csv[s0]"].startswith("its rows differ")
    assert "'broken'" in reasons["a.csv[s2]"]


def test_label_that_changes_within_series(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    frame = long(6).assign(label=list("abc") * 11)
    path = save(tmp_path / "a.csv", frame)
    with pytest.raises(DataError, match=r"'id'.*label changes") as caught:
        read(path)
    assert_sentence(caught.value)


@pytest.mark.parametrize("changing", [5, 7])
def test_label_that_changes_within_most_series(tmp_path: Path, changing: int) -> None:
    frame = long(12)
    first = ~frame["id"].duplicated() & (frame["id"].rank(method="dense") <= changing)
    path = save(tmp_path / "a.csv", frame.assign(label=frame["label"].mask(first, "c")))
    if changing < 6:
        assert len(read(path)[0].samples) == 12 - changing
        return
    with pytest.raises(DataError, match=r"'id'.*label changes"):
        read(path)


def test_times_that_are_no_times(tmp_path: Path) -> None:
    frame = long(12).astype({"time": object})
    frame.loc[1, "time"] = "noon"
    path = save(tmp_path / "a.csv", frame)
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    assert [name for name, _ in profile.skipped] == ["a.csv[s0]"]
    assert "'noon'" in profile.skipped[0][1]


@pytest.fixture
def few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_csv_chunks, "_CHUNK_ROWS", 5)


@pytest.mark.usefixtures("few_rows_at_once")
@pytest.mark.parametrize("times", ["numbers", "dates"])
def test_series_are_whole_however_few_rows_are_read_at_once(
    tmp_path: Path, times: str
) -> None:
    frame = long()
    if times == "dates":  # some are written as days alone, which might be numbers
        frame["time"] = pd.Timestamp("2024-02-28") + pd.to_timedelta(frame.time, "D")
        frame["time"] = frame["time"].dt.strftime("%Y%m%d")
        frame.loc[0, "time"] = "2024-02-28"
    mixed = frame.sample(frac=1, random_state=1)
    scan, _, rows = read(save(tmp_path / "a.csv", mixed))
    order = mixed["id"].drop_duplicates().tolist()
    assert [sample.name for sample in scan.samples] == [f"a.csv[{i}]" for i in order]
    for name, row in zip(order, rows, strict=True):
        own = frame[frame["id"] == name]
        assert np.allclose(row, own[["x", "y position"]].to_numpy(), atol=1e-6)


@pytest.mark.usefixtures("few_rows_at_once")
def test_spoilt_series_are_told_however_few_rows_are_read_at_once(
    tmp_path: Path,
) -> None:
    frame = long(12).astype({"x": object, "time": object})
    ends = frame.groupby("id").tail(1).index
    frame.loc[ends[3], "label"] = "c"
    frame.loc[ends[4], "x"] = "broken"
    frame.loc[ends[[4, 5]], "time"] = "noon"
    path = save(tmp_path / "a.csv", frame)
    reasons = dict(prepare(DataOptions(str(path)), tmp_path / "out").profile.skipped)
    assert reasons.keys() == {"a.csv[s3]", "a.csv[s4]", "a.csv[s5]"}
    assert reasons["a.csv[s3]"].startswith("its rows differ")
    assert "'broken'" in reasons["a.csv[s4]"]
    assert "'noon'" in reasons["a.csv[s5]"]


def test_a_long_table_takes_little_memory(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        step = np.arange(rows)
        frame = pd.DataFrame({"id": step // 700, "time": step, "x": step % 97})
        frame["time"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(step, "s")
        frame["label"] = np.where(frame["id"] % 2, "up", "down")
        path = save(tmp_path / f"{rows}.csv", frame)
        return peak_memory(
            "from automl_datasets.options import DataOptions\n"
            "from automl_datasets.sources import csv_table\n",
            "options = DataOptions(path); scan = csv_table.scan(pathlib.Path(path), "
            "options); csv_table.plan(scan, options, thorough=True)",
            [path],
        )

    more = peak(400_000) - peak(40_000)
    assert more < 4 * (tmp_path / "400000.csv").stat().st_size


@pytest.mark.parametrize("place", [0, 64])
def test_labels_that_begin_all_alike_are_told_from_whole_numbers(
    tmp_path: Path, place: int
) -> None:
    numbers = np.random.default_rng(0).integers(0, 17, (2_400, 64))
    table = np.insert(numbers, place, np.repeat([0, 1], 1_200), axis=1)
    np.savetxt(tmp_path / "a.csv", table, fmt="%d", delimiter=",")
    scan, plan, _ = read(tmp_path / "a.csv")
    assert (scan.classes, plan.layout.shape) == (("0", "1"), (64, 1))


def test_another_label_at_the_other_end_is_no_value(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(30, 20))
    ends = np.arange(30) % 3, np.arange(30) % 2
    table = np.column_stack([ends[0], values, ends[1]])
    np.savetxt(tmp_path / "a.csv", table, fmt="%g", delimiter=",")
    _, plan, _ = read(tmp_path / "a.csv", target="column 1")
    assert plan.layout.shape == (20, 1)


def test_two_spoilt_numbers_in_the_first_row_make_no_header(tmp_path: Path) -> None:
    frame = wide(rows=40).astype(object)
    frame.iloc[0, 2:4] = "bad"
    frame["label"] = ["up", "down"] * 20
    path = save(tmp_path / "a.csv", frame, header=False)
    found = inspect(DataOptions(str(path)))
    assert (found.classes, found.shape) == (("down", "up"), (10, 1))
