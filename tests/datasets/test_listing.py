"""Folders that may be listed, but not entered."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.listing import entries, files_below, is_folder, is_regular
from automl_datasets.media.registry import MEDIA
from automl_datasets.media.volume import FORMATS
from automl_datasets.options import DataOptions

Images = Callable[..., Path]
Sentence = Callable[[object], str]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below which nothing has a status, as for all users but root."""
    folder = tmp_path / "locked"
    folder.mkdir()
    status = os.stat

    def denied(path: Any, **options: Any) -> os.stat_result:
        if str(path).startswith(f"{folder}{os.sep}"):
            raise PermissionError(13, "Permission denied", str(path))
        return status(path, **options)

    monkeypatch.setattr(os, "stat", denied)
    return folder


@pytest.mark.parametrize("suffix", [".png", ".txt", ".csv", ".npy", ".img", ".tif", ""])
def test_nothing_there_is_a_file_and_nobody_raises(locked: Path, suffix: str) -> None:
    path = locked / f"a{suffix}"
    assert not is_regular(path)
    assert not is_folder(path)
    assert not any(medium.accepts(path) for medium in MEDIA)
    assert not any(form.accepts(path) for form in FORMATS)


def test_a_folder_there_is_refused(locked: Path, assert_sentence: Sentence) -> None:
    with pytest.raises(DataError, match=r"listed \(Permission") as caught:
        next(files_below(locked / "inner"))
    assert_sentence(caught.value)


def test_a_folder_that_may_not_be_entered_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assert_sentence: Sentence
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DataError, match="listed, but not entered") as caught:
        entries(tmp_path)
    assert_sentence(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter any folder")
def test_a_class_folder_that_may_not_be_entered_is_refused(images: Images) -> None:
    root = images({"a": 9, "b": 9})
    (root / "a").chmod(0o400)
    with pytest.raises(DataError, match="classes/a may be listed, but not entered"):
        inspect(DataOptions(str(root)))
    (root / "a").chmod(0o700)
