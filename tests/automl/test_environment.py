"""What a run sees of the machine it is on."""

from email.message import Message
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import psutil
import pytest

from automl.cli import main
from automl.run import environment


@pytest.mark.parametrize(
    ("limit", "share"), [("max\n", None), ("1000000\n", 1_000_000), ("9" * 18, None)]
)
def test_a_container_has_the_memory_it_was_given(
    limit: str, share: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "memory.max"
    file.write_text(limit)
    monkeypatch.setattr(environment, "_MEMORY_LIMITS", (file, tmp_path / "none"))
    whole = psutil.virtual_memory().total
    assert environment.usable_memory() == (share or whole)


INSTALLED = {"nibabel": "5.3", "av": "15.1"}


def version_of(package: str) -> str:
    if package not in INSTALLED:
        raise PackageNotFoundError(package)
    return INSTALLED[package]


def test_extras_are_there_or_how_to_get_them_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = Message()
    for requirement in (
        "numpy>=2.0",
        "nibabel>=5.3; extra == 'medical'",
        'python-gdcm>=3.0.24 ; python_version < "4" and extra == "medical"',
        "av>=15; extra == 'video'",
    ):
        ours["Requires-Dist"] = requirement
    monkeypatch.setattr(environment, "metadata", lambda _: ours)
    monkeypatch.setattr(environment, "version", version_of)
    command = '`pip install "conv-automl[medical]"`'
    assert environment.extras() == {
        "[medical]": f"python-gdcm not installed; run {command}",
        "[video]": "av 15.1",
    }


def test_the_doctor_says_what_is_missing_and_how_much_room_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "version", version_of)
    with pytest.raises(SystemExit) as stopped:
        main(["doctor"])
    assert stopped.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    for extra in ("onnx", "litert", "serve", "audio"):
        (line,) = (line for line in lines if line.startswith(f"[{extra}]"))
        assert line.endswith(f'run `pip install "conv-automl[{extra}]"`')
    (line,) = (line for line in lines if line.startswith("free disk here"))
    assert line.endswith(" GB")
