"""Tables about files, and which of several texts is the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from tests.datasets.forms import write_png


def _table(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows] if header else rows))
    return path


@pytest.mark.parametrize("header", ["Class,Title,Description", ""])
def test_longer_text_is_the_text(tmp_path: Path, header: str) -> None:
    rows = [f'"{i % 3}","A title {i}","Some longer words on {i}"' for i in range(40)]
    found = inspect(DataOptions(str(_table(tmp_path / "a.csv", header, rows))))
    text = "Description" if header else "column 3"
    assert any(f"in the column '{text}'" in note for note in found.notes)


def test_sentence_goes_before_a_longer_address(tmp_path: Path) -> None:
    rows = [f"A title {i},https://example.net/{i:040},{'ab'[i % 2]}" for i in range(40)]
    path = _table(tmp_path / "a.csv", "title,url,label", rows)
    notes = inspect(DataOptions(str(path))).notes
    assert any("in the column 'title'" in note for note in notes)


def test_ids_are_no_texts(tmp_path: Path) -> None:
    rows = [f"case-of-patient-{i:04},{'ab'[i % 2]}" for i in range(40)]
    path = _table(tmp_path / "a.csv", "patient,label", rows)
    with pytest.raises(DataError, match=r"an id of its own.*'case-of-patient-0000'"):
        inspect(DataOptions(str(path)))
    assert inspect(DataOptions(str(path), kind="text")).kind == "text"


@pytest.mark.parametrize(
    "form", ["Jan {} 2000", "2015/01/{:02} 01:00:00", "{} May 1999", "3.{}.2001 4:05"]
)
def test_dates_are_no_texts(tmp_path: Path, form: str) -> None:
    rows = [f"{form.format(i + 1)},{'ab'[i % 2]}" for i in range(28)]
    path = _table(tmp_path / "a.csv", "when,label", rows)
    with pytest.raises(DataError, match="neither sentences"):
        inspect(DataOptions(str(path)))
    assert inspect(DataOptions(str(path), kind="text")).kind == "text"


def test_sequences_of_letters_are_texts(tmp_path: Path) -> None:
    bases = ["".join("ACGT"[(i >> 2 * k) & 3] for k in range(20)) for i in range(40)]
    rows = [f"{base},{'ab'[i % 2]}" for i, base in enumerate(bases)]
    path = _table(tmp_path / "a.csv", "sequence,label", rows)
    assert inspect(DataOptions(str(path))).kind == "text"


def test_numbers_beside_files_that_they_do_not_name(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for i in range(12):
        write_png(tmp_path / "scans" / f"CASE{i:03}-X.png", i)
    rows = [f"{i},{i % 2},{20 + i}.5" for i in range(12)]
    _table(tmp_path / "people.csv", "CASE_ID,SEX_ID,AGE", rows)
    with pytest.raises(DataError, match="one each of the 12 files beside it"):
        inspect(DataOptions(str(tmp_path), target="AGE"))


def test_lines_of_numbers_among_images(tmp_path: Path) -> None:
    for i in range(12):
        write_png(tmp_path / f"{i}_front.png", i)
    path = tmp_path / "about.txt"
    path.write_text("\n".join(f"{i % 3} {i} 2 3 4 5" for i in range(24)))
    with pytest.raises(DataError, match=r"among 12 files such as 0_front.png"):
        inspect(DataOptions(str(tmp_path)))
    assert inspect(DataOptions(str(path))).kind == "series"
