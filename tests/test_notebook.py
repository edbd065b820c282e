"""The notebook in `examples/` runs from its first cell to its last."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.slow
def test_first_search(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    shutil.copy(EXAMPLES / "make_digits.py", tmp_path)
    notebook = nbformat.read(EXAMPLES / "first_search.ipynb", as_version=4)

    nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()

    shown = {cell.id: cell.outputs for cell in notebook.cells if "outputs" in cell}
    assert "Recommended for deployment" in shown["search"][-1].data["text/html"]
    assert "0001" in shown["leaderboard"][-1].data["text/html"]
    assert shown["best"][-1].data["text/plain"].count(",") == 3
    assert shown["predict"][-1].data["text/plain"].count(".png") == 3
    assert shown["load"][-1].data["text/plain"] == "'finished'"
