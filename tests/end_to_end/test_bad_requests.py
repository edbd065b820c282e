"""Mistakes that people make: one sentence, exit code 2, nothing left behind."""

import subprocess
import sys
from pathlib import Path

import pytest


def automl(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
        check=False,
    )


MISTAKES = {
    "no such data": (("search", "--data", "nowhere"), "nowhere"),
    "no data at all": (("search",), "--data"),
    "budget without a unit": (
        ("search", "--data", "{data}", "--budget", "10"),
        "'10'",
    ),
    "unknown strategy": (
        ("search", "--data", "{data}", "--strategy", "magic"),
        "'magic'",
    ),
    "unknown objective": (
        ("search", "--data", "{data}", "--objective", "accuracy"),
        "'accuracy'",
    ),
    "unknown format": (("search", "--data", "{data}", "--export", "h5"), "'h5'"),
    "unknown space": (("search", "--data", "{data}", "--space", "vit"), "'vit'"),
    "no such space file": (
        ("search", "--data", "{data}", "--space", "my.py"),
        "my.py",
    ),
    "no workers": (("search", "--data", "{data}", "--workers", "none"), "'none'"),
    "zero trials": (("search", "--data", "{data}", "--trials", "0"), "--trials"),
    "odd image size": (
        ("search", "--data", "{data}", "--image-size", "big"),
        "'big'",
    ),
    "no such run": (("resume", "nowhere"), "nowhere"),
    "no run to report": (("report", "nowhere"), "nowhere"),
    "no such model": (("predict", "nowhere", "x.png"), "nowhere"),
    "nothing to inspect": (("inspect", "nowhere"), "nowhere"),
    "unknown command": (("serach",), "serach"),
    "unknown option": (("search", "--dta", "x"), "--dta"),
}


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_one_sentence(mistake: str, digits: Path, tmp_path: Path) -> None:
    arguments, value = MISTAKES[mistake]
    answer = automl(
        *(argument.replace("{data}", str(digits)) for argument in arguments),
        cwd=tmp_path,
    )
    assert answer.returncode == 2, answer.stderr
    lines = [x for x in answer.stderr.splitlines() if not x.startswith("No --budget")]
    assert len(lines) == 1
    assert lines[0].startswith("automl: ")
    assert value in lines[0]
    assert "Traceback" not in answer.stderr
    assert not answer.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_unreadable_data_leaves_nothing_behind(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "x.png").write_bytes(b"\x89PNG broken")
    answer = automl("search", "--data", "data", "--quiet", cwd=tmp_path)
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) <= 2
    assert "x.png" in answer.stderr
    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["x.png", "x.png"]


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from automl.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
heavy = {"tensorflow", "keras", "keras_tuner", "numpy", "pandas", "sklearn", "scipy"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stderr.strip() == "[]"
    assert "automl search --data images/" in answer.stdout
