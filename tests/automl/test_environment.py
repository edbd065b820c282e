"""What a run sees of the machine it is on."""

from pathlib import Path

import psutil
import pytest

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
