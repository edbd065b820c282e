"""More mistakes that people make, in this process: one sentence, exit code 2.

Those of `test_bad_requests.py` are made on the real command line.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import automl
from automl.cli import main
from automl.errors import RequestError
from automl_datasets.errors import DataError
from automl_search_spaces.errors import SpaceError

_STEPS = ",".join(f"t{i}" for i in range(9))
_ROWS = [
    ",".join(str(i * j % 7) for j in range(9)) + f",{('up', 'down')[i % 2]},p{i % 3}"
    for i in range(1, 13)
]
_HEAD = f"{_STEPS},label,patient"


def write_picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 8), np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files and folders as people have them, right and wrong."""
    folder = tmp_path_factory.mktemp("things")
    for name in ("empty", "no_files/a", "no_files/b"):
        (folder / name).mkdir(parents=True)
    for index in range(4):
        write_picture(folder / f"pictures/{'ab'[index % 2]}/{index}.png", index)
        write_picture(folder / f"others/{'ad'[index % 2]}/{index}.png", index)
        write_picture(folder / f"one/cat/{index}.png", index)
        write_picture(folder / f"flat/{index}.png", index)
    write_picture(folder / "photo.png", 0)
    (folder / "pictures.tar.gz").write_bytes(bytes(200))
    (folder / "digits.csv.gz").write_bytes(bytes(200))
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n" + bytes(200))
    tables = {
        "series": [_HEAD, *_ROWS],
        "alike": [_HEAD, *(row.replace("down", "up") for row in _ROWS)],
        "one_row": [_HEAD, _ROWS[0]],
        "no_rows": [_HEAD],
        "nothing": [],
        "no_label": [_STEPS, *(row.rsplit(",", 2)[0] for row in _ROWS)],
        "gone": ["path,label", *(f"gone{i}.png,{'ab'[i % 2]}" for i in range(6))],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines))
    x, y = np.zeros((12, 9, 8, 3), np.uint8), np.arange(12) % 2
    np.savez(folder / "good.npz", x=x, y=y)
    np.savez(folder / "uneven.npz", x=x, y=y[:7])
    np.savez(folder / "no_labels.npz", x=x)
    np.savez(folder / "other_shape.npz", x=x[:, :5], y=y)
    np.savez(folder / "other_rank.npz", x=x[:, :, 0, 0], y=y)
    np.savez(folder / "nan.npz", x=x, y=np.where(y == 1, np.nan, 0.0))
    (folder / "broken.npz").write_bytes(b"no archive")
    return folder


_SEARCH = ("search", "--data", "{things}/pictures")
_INSPECT = ("inspect", "{things}/pictures")

#: The arguments, and what the sentence has to hold.
MISTAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "misspelt option": ((*_SEARCH, "--buget", "1m"), ("--buget", "--budget")),
    "data without its option": (
        ("search", "pictures"),
        ("--data", "automl search --help"),
    ),
    "budget of nothing": ((*_SEARCH, "--budget", "0s"), ("'0s'", "10m")),
    "budget of two units": ((*_SEARCH, "--budget", "1h30"), ("'1h30'", "10m")),
    "empty budget": ((*_SEARCH, "--budget", ""), ("''", "10m")),
    "fewer trials than none": ((*_SEARCH, "--trials", "-1"), ("--trials", "-1")),
    "trials in words": ((*_SEARCH, "--trials", "many"), ("--trials", "'many'")),
    "no workers": ((*_SEARCH, "--workers", "0"), ("--workers", "0")),
    "image size of nothing": ((*_SEARCH, "--image-size", "64x0"), ("'64x0'", "48x64")),
    "image size beyond memory": (
        (*_SEARCH, "--image-size", "100000"),
        ("100000x100000", "64x64"),
    ),
    "image size of series": (
        ("inspect", "{things}/series.csv", "--image-size", "32"),
        ("series", "leave it out"),
    ),
    "no epochs": ((*_SEARCH, "--epochs", "0"), ("--epochs", "0")),
    "misspelt strategy": ((*_SEARCH, "--strategy", "bayes"), ("mean 'bayesian'",)),
    "strategy in capitals": ((*_SEARCH, "--strategy", "Random"), ("mean 'random'",)),
    "strategy without a name": (
        (*_SEARCH, "--strategy", "mine.py"),
        ("'mine.py'", "my_strategy.py:MyOracle"),
    ),
    "misspelt objective": ((*_SEARCH, "--objective", "val_acc"), ("'val_accuracy'",)),
    "objective of another task": (
        (*_SEARCH, "--task", "regression", "--objective", "val_accuracy"),
        ("val_accuracy", "regression", "val_rmse"),
    ),
    "cost without a score": ((*_SEARCH, "--objective", "params"), ("after the score",)),
    "misspelt task": ((*_SEARCH, "--task", "classify"), ("mean 'classification'",)),
    "misspelt kind": ((*_SEARCH, "--kind", "images"), ("mean 'image'",)),
    "unknown split": ((*_SEARCH, "--split", "random"), ("'random'", "stratified")),
    "misspelt format": ((*_SEARCH, "--export", "onxx"), ("mean 'onnx'",)),
    "quantized without LiteRT": ((*_SEARCH, "--quantize", "int8"), ("add litert",)),
    "unknown quantization": (
        (*_SEARCH, "--export", "litert", "--quantize", "int4"),
        ("mean 'int8'",),
    ),
    "no folds": ((*_SEARCH, "--folds", "0"), ("--folds", "0")),
    "ensemble of one": ((*_SEARCH, "--ensemble", "1"), ("--ensemble", "1")),
    "no latency": ((*_SEARCH, "--max-latency", "0"), ("--max-latency must", "0")),
    "size that is no number": ((*_SEARCH, "--max-size", "nan"), ("--max-size", "nan")),
    "negative seed": ((*_SEARCH, "--seed", "-1"), ("--seed", "-1")),
    "unknown tracker": ((*_SEARCH, "--track", "wandb"), ("'wandb'", "mlflow")),
    "space and network": (
        (*_SEARCH, "--space", "cnn", "--pretrained", "x.keras"),
        ("--space cnn", "x.keras"),
    ),
    "missing test data": ((*_SEARCH, "--test-data", "nowhere"), ("nowhere",)),
    "run in place of a file": (
        (*_SEARCH, "--out", "{things}/photo.png"),
        ("photo.png is a file", "--out"),
    ),
    "run below a file": (
        (*_SEARCH, "--out", "{things}/photo.png/run"),
        ("photo.png is a file", "--out"),
    ),
    "a packed folder": (
        ("search", "--data", "{things}/pictures.tar.gz"),
        ("is an archive", "unpack it"),
    ),
    "a packed table": (
        ("search", "--data", "{things}/digits.csv.gz"),
        ("is compressed", "unpack it"),
    ),
    "empty folder": (("search", "--data", "{things}/empty"), ("an empty folder",)),
    "one picture": (("search", "--data", "{things}/photo.png"), ("one image", "class")),
    "a file of no known kind": (
        ("search", "--data", "{things}/report.pdf"),
        (".pdf file", "not understood", "CSV"),
    ),
    "empty class folders": (("inspect", "{things}/no_files"), ("a/, b/",)),
    "pictures without classes": (("inspect", "{things}/flat"), ("flat/cat/",)),
    "one class": (("inspect", "{things}/one"), ("'cat'", "two classes")),
    "labels all the same": (("inspect", "{things}/alike.csv"), ("'up'", "two classes")),
    "table with one row": (("inspect", "{things}/one_row.csv"), ("one class only",)),
    "table without rows": (("inspect", "{things}/no_rows.csv"), ("no rows",)),
    "empty table": (("inspect", "{things}/nothing.csv"), ("is empty",)),
    "table without labels": (("inspect", "{things}/no_label.csv"), ("target",)),
    "table of files that are gone": (
        ("inspect", "{things}/gone.csv"),
        ("'path'", "'gone0.png'", "not there"),
    ),
    "misspelt target": (
        ("inspect", "{things}/series.csv", "--target", "lable"),
        ("'lable'", "nearest is 'label'"),
    ),
    "two targets, one misspelt": (
        ("inspect", "{things}/series.csv", "--target", "label", "--target", "patent"),
        ("'patent'", "nearest is 'patient'"),
    ),
    "misspelt group": (
        ("inspect", "{things}/series.csv", "--group", "pateint"),
        ("'pateint'", "nearest is 'patient'"),
    ),
    "group of folders": ((*_INSPECT, "--group", "patient"), ("'patient'", "table")),
    "regression of words": (
        ("inspect", "{things}/series.csv", "--task", "regression"),
        ("'label'", "numbers"),
    ),
    "sounds among pictures": ((*_INSPECT, "--kind", "audio"), ("audio", "kind")),
    "pictures in a table": (
        ("inspect", "{things}/series.csv", "--kind", "image"),
        ("'image'", "series"),
    ),
    "arrays of unequal length": (("inspect", "{things}/uneven.npz"), ("(7,)",)),
    "array without labels": (("inspect", "{things}/no_labels.npz"), ("add `y`",)),
    "labels that are missing": (("inspect", "{things}/nan.npz"), ("NaN",)),
    "broken archive": (("inspect", "{things}/broken.npz"), ("save it again",)),
    "test data of another shape": (
        ("inspect", "{things}/good.npz", "--test-data", "{things}/other_shape.npz"),
        ("(12, 5, 8, 3)",),
    ),
    "test data of another rank": (
        ("inspect", "{things}/good.npz", "--test-data", "{things}/other_rank.npz"),
        ("(n, 9)", "'image'"),
    ),
    "test data of another form": (
        ("inspect", "{things}/good.npz", "--test-data", "{things}/pictures"),
        ("class folders", "npz file"),
    ),
    "test data of other classes": (
        (*_INSPECT, "--test-data", "{things}/others"),
        ("'d'",),
    ),
    "cluster without a port": ((*_SEARCH, "--cluster", "there"), ("HOST:PORT",)),
    "report of a picture": (("report", "{things}/photo.png"), ("is not a run",)),
    "report of nothing": (("report",), ("RUNS", "automl report --help")),
    "export of nothing": (("export", "{things}/empty"), ("is not a run",)),
    "two forms of predictions": (
        ("predict", "model", "x.png", "--json", "--csv"),
        ("--json", "--csv"),
    ),
    "prediction of nothing": (("predict", "model"), ("INPUTS",)),
    "name that no path can hold": (
        ("serve", "model", "--name", "a/b"),
        ("'a/b'", "letters"),
    ),
    "port that can't be": (("serve", "model", "--port", "99999"), ("99999", "65535")),
    "misspelt action": (("spaces", "lst"), ("'lst'", "'list'")),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_sentence(
    mistake: str,
    things: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if "--cluster" in MISTAKES[mistake][0]:
        pytest.importorskip("ray")
    monkeypatch.chdir(tmp_path)
    arguments, words = MISTAKES[mistake]
    with pytest.raises(SystemExit) as exit_:
        main([argument.replace("{things}", str(things)) for argument in arguments])
    told = capsys.readouterr()
    lines = [x for x in told.err.splitlines() if not x.startswith("No --budget")]
    assert exit_.value.code == 2, told.err
    assert len(lines) == 1
    assert lines[0].startswith("automl: ")
    assert [word for word in words if word not in lines[0]] == [], lines[0]
    assert len(lines[0]) < 600
    assert not told.out
    assert list(tmp_path.iterdir()) == []


def test_without_arguments_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    told = capsys.readouterr()
    assert (told.out + told.err).startswith("Usage: automl")


def test_a_used_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("uvicorn")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SystemExit) as exit_:
            main(["serve", "model", "--port", str(port)])
    assert exit_.value.code == 2
    assert f"port {port} (Address already in use)" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(RequestError, match=r"is read-only; choose another --out"):
        automl.search(tmp_path, out=tmp_path / "run")


_X = np.zeros((12, 9, 8, 3), np.uint8)
_Y = np.arange(12) % 2

#: In Python: the data, the options, and what the sentence has to hold.
CALLS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "trials as text": ((_X, _Y), {"trials": "5"}, r"--trials must be .* got '5'"),
    "half a trial": ((_X, _Y), {"trials": 2.5}, r"--trials must be .* got 2\.5"),
    "no format": ((_X, _Y), {"export": ()}, r"--export must name at least one"),
    "a space that is none": ((_X, _Y), {"space": "resnt"}, r"'resnt'"),
    "a strategy's file that is not there": (
        (_X, _Y),
        {"strategy": "gone.py:Mine"},
        r"gone\.py",
    ),
    "no time": ((_X, _Y), {"budget": 0}, r"--budget must be .* got 0"),
    "a size by its usual name": ((_X, _Y), {"max_size": -1}, r"--max-size .* got -1"),
    "one unknown format": ((_X, _Y), {"export": "pdf"}, r"'pdf' is not known"),
    "an image size as text": ((_X, _Y), {"image_size": "64"}, r"pixels.*got '64'"),
    "a label of None": ((_X, [None, *_Y[1:]]), {}, r"y holds None for sample 0"),
    "words for numbers": ((np.full((12, 9), "a"), _Y), {}, r"x holds \['a', 'a'"),
    "no image": ((_X, _Y), {"image_size": 0}, r"0x0"),
    "unequal lengths": ((_X, _Y[:5]), {}, r"12 samples, but y has 5 labels"),
    "three arrays": ((_X, _Y, _Y), {}, r"a tuple of 3"),
    "dict of other names": ({"images": _X, "labels": _Y}, {}, r"images, labels"),
    "an empty list": ([], {}, r"a tuple of 0"),
    "a number": (5, {}, r"type int is not understood"),
    "nothing": (None, {}, r"type NoneType is not understood"),
}


@pytest.mark.parametrize("mistake", CALLS)
def test_one_sentence_in_python(mistake: str, tmp_path: Path) -> None:
    data, options, words = CALLS[mistake]
    refusals = (RequestError, DataError, SpaceError)
    with pytest.raises(refusals, match=words) as caught:
        automl.search(data, out=tmp_path / "run", **options)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_one_file_is_no_list_of_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = '{"name": "a", "state": "finished", "request": {}}'
    (tmp_path / "run.json").write_text(record)
    monkeypatch.setattr("automl.export.predictor.load_predictor", lambda path: path)
    monkeypatch.setattr("automl.inference.predict_files", lambda _, inputs: inputs)
    said = automl.load_run(tmp_path).predict("photo.png")
    assert list(map(str, said)) == ["photo.png"]
