"""Fixtures of the data room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.datasets.forms import FORMS, Form, write_images

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=FORMS, ids=lambda form: form.name)
def form(request: pytest.FixtureRequest) -> Form:
    """Every form of data in turn: what a new source adds itself to."""
    chosen: Form = request.param
    return chosen


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of images; keywords are unreadable ones of a class."""

    def write(samples: Mapping[str, int], **broken: int) -> Path:
        return write_images(tmp_path, samples, broken)

    return write


@pytest.fixture
def save_npz(tmp_path: Path) -> Callable[..., Path]:
    def save(**arrays: Any) -> Path:
        path = tmp_path / "arrays.npz"
        np.savez(path, **arrays)
        return path

    return save


@pytest.fixture(scope="session")
def assert_sentence() -> Callable[[object], str]:
    """Check that a message is one sentence that a user can read."""

    def check(error: object) -> str:
        text = str(error)
        assert text.endswith("."), text
        assert "\n" not in text
        assert "Traceback" not in text
        return text

    return check
