"""What has to be tested does not skip unseen where something is missing."""

from pathlib import Path

import pytest

from tests import conftest


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither programs nor data."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AUTOML_TEST_DATA", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("required", "words"),
    [
        ("browser", "chromedriver"),
        ("data", "AUTOML_TEST_DATA"),
        ("tea", "browser, data.*but got 'tea'"),
    ],
)
def test_what_is_required_must_be_there(
    required: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_REQUIRE", required)
    with pytest.raises(pytest.UsageError, match=words):
        conftest.pytest_configure()


@pytest.mark.parametrize("required", ["", ","])
def test_usually_nothing_is_required(
    required: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_REQUIRE", required)
    conftest.pytest_configure()


def test_what_is_there_may_be_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_TEST_DATA", str(tmp_path))
    monkeypatch.setenv("AUTOML_REQUIRE", ",data")
    conftest.pytest_configure()
