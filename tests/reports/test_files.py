import os
import stat
from pathlib import Path

import pytest

from automl_reports.files import write_reports, write_text
from automl_reports.leaderboard import to_csv
from tests.reports.synthetic import make_hostile, make_report

NAMES = [f"leaderboard.{kind}" for kind in ("csv", "html", "json", "md")]


def test_four_files_and_nothing_else(tmp_path: Path) -> None:
    write_reports(make_report(5), tmp_path)
    write_reports(make_report(6), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES
    assert (tmp_path / "leaderboard.csv").read_text("utf-8") == to_csv(make_report(6))


def test_names_that_are_no_unicode_are_written_as_escapes(tmp_path: Path) -> None:
    write_reports(make_hostile(make_report(12)), tmp_path)
    for name in NAMES:
        assert "\\udcff" in (tmp_path / name).read_text("utf-8")


def test_a_fault_while_replacing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_text(tmp_path / "a.txt", "text")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_reports(make_report(1), tmp_path / "nowhere")
