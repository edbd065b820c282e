from __future__ import annotations

from pathlib import Path

import pytest

from automl_search_spaces.dimensions.declaration import Span
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.space_file import read_space_file

NARROWING = {
    "kernel_size": (3, 5),
    "block": ("residual",),
    "learning_rate": Span(1e-4, 1e-3),
    "dropout": Span(0.0, 0.2),
}
TOML = """
space = "resnet"  # with shortcuts

[dimensions]
kernel_size = [3, 5]
block = "residual"
learning_rate = {min = 1e-4, max = 1e-3}
dropout = {max = 0.2}
"""
YAML = """
space: resnet
dimensions:
  kernel_size: [3, 5]
  block: residual
  learning_rate: {min: 1e-4, max: 1e-3}
  dropout:
    max: 0.2
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.yaml", YAML)])
def test_a_file_narrows_a_shipped_space(tmp_path: Path, name: str, text: str) -> None:
    file = read_space_file(written(tmp_path, name, text))
    assert file.space == "resnet"
    assert dict(file.narrowing) == NARROWING


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", TOML.replace("[dimensions]", "")),
        ("a.yaml", YAML.replace("dimensions:\n", "").replace("\n  ", "\n")),
        ("a.toml", 'block = "residual"\n' + TOML.replace('block = "residual"', "")),
    ],
)
def test_dimensions_need_no_table(tmp_path: Path, name: str, text: str) -> None:
    text = text.replace("dropout:\n  max: 0.2", "dropout: {max: 0.2}")
    file = read_space_file(written(tmp_path, name, text))
    assert file.space == "resnet"
    assert dict(file.narrowing) == NARROWING


@pytest.mark.parametrize("name", ["a.toml", "a.yaml"])
def test_an_empty_file_is_the_usual_space(tmp_path: Path, name: str) -> None:
    file = read_space_file(written(tmp_path, name, ""))
    assert (file.space, dict(file.narrowing)) == ("auto", {})


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('space = "resnat"', 1, "no search space 'resnat'; did you mean 'resnet'?"),
        ('spce = "resnet"', 1, "no key 'spce'; did you mean 'space'?"),
        ('space = "cnn"\nblok = "plain"', 2, "no key 'blok'; did you mean 'block'?"),
        ("kernel_size = [3]\nfilters = [900]", 2, "filters can't be 900"),
        ("filters = 8\n[dimensions]\nfilters = 8", 1, "among the dimensions too"),
        ("dimensions = 3", 1, "must be a table of names and values, but is 3"),
        ("\n[dimensions]\nkernal_size = 3", 3, "did you mean 'kernel_size'?"),
        ("[dimensions]\n\nkernel_size = [3, 4]", 3, "kernel_size can't be 4; choose"),
        ('[dimensions]\nblock = "resdual"', 2, "did you mean 'residual'?"),
        ("[dimensions]\nblock = {min = 1}", 2, "block can't be {'min': 1}; choose"),
        ("[dimensions]\nfilters = []", 2, "filters has no values; add one"),
        ('[dimensions]\nfilters = "8"', 2, "filters can't be '8'; choose from: 6, 8"),
        ("[dimensions]\nfilters = {least = 8}", 2, "no key 'least'; "),
        ("[dimensions]\nlearning_rate = 5", 2, "can't be 5; choose numbers from"),
        ("[dimensions]\nlearning_rate = {min = 1.0}", 2, "can't be from 1.0 to 0.01"),
        ("[dimensions]\nnesterov = 1", 2, "nesterov can't be 1; choose from: "),
        ('space = "tiny"\n[dimensions]\nhead = "dense"', 3, "head can't be dense here"),
        ("[dimensions]\nfilters = \n", 2, "Invalid value; correct the TOML"),
        ("[dimensions]\nfilters = [1,\n2", 3, "Unclosed array; correct the TOML"),
    ],
)
def test_what_is_wrong_is_said_with_the_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = written(tmp_path, "mine.toml", text)
    with pytest.raises(SpaceError) as caught:
        read_space_file(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("space: resnat", ", line 1", "did you mean 'resnet'?"),
        ("dimensions:\n  block: [a\n  b: 1", ", line 3", "correct the YAML"),
        ("dimensions:\n  kernel_size: 4", ", line 2", "kernel_size can't be 4"),
        ("space: !!python/name:os.system", ", line 1", "could not determine a const"),
        ("- a", "", "must be a table"),
    ],
)
def test_yaml_is_read_safely_and_knows_its_lines(
    tmp_path: Path, text: str, place: str, message: str
) -> None:
    path = written(tmp_path, "mine.yml", text)
    with pytest.raises(SpaceError) as caught:
        read_space_file(path)
    assert str(caught.value).startswith(f"{path}{place}")
    assert message in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="no search space file"):
        read_space_file(tmp_path / "none.toml")
