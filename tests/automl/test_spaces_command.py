from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from automl.cli import cli
from automl.errors import RequestError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["spaces", *arguments], standalone_mode=False)


def test_spaces_and_landmark_networks_are_listed() -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert {"auto", "cnn", "tiny", "landmarks"} <= listed["spaces"].keys()
    assert listed["landmarks"]["lenet5"] == 61_706
    assert "lenet5                       61,706\n" in run().stdout


def test_a_narrowed_space_is_shown_with_its_size_and_cost(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'space = "cnn"\n[dimensions]\nfilters = [6, 8]\nrepeats = 1\nkernel_size = 3\n'
        'pooling = "max"\nnormalization = "batch"\nactivation = "relu"\n'
        'head = "gap"\ndropout = 0.0\n'
    )
    shown = json.loads(run("show", str(path), "--shape", "8x1", "--json").stdout)
    names = [dimension["name"] for dimension in shown["dimensions"]]
    assert "repeats" not in names
    assert shown["architectures"] == 2 * 4
    assert shown["trainings"] is None
    assert shown["cheapest"]["macs"] <= shown["median"]["macs"]
    assert shown["median"]["macs"] <= shown["dearest"]["macs"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show",), "Name the space"),
        (("show", "auto", "--shape", "8"), "but got '8'"),
        (("show", "auto", "--shape", "0x3"), "but got '0x3'"),
        (("show", "auto", "--shape", "8x1", "--data", "x"), "not both"),
    ],
)
def test_a_wrong_question_is_refused(arguments: tuple[str, ...], message: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, RequestError)
    assert message in str(error)
