"""The Python functions, from a script as a person writes it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import automl

run = automl.search("{data}", trials=1, epochs=2, workers=1, seed=3)
assert run.state == "finished", run
assert run.best.recommended
board = run.leaderboard
assert list(board["trial"]) == ["0001"]
assert board["val_score"].between(0, 1).all()
assert "<table" in run._repr_html_()
first = run.predict(["{data}/3/000.png"])[0]
assert abs(sum(first.probabilities.values()) - 1) < 1e-4
again = automl.load_run(run.path)
assert again.best == run.best
exported = again.export(["keras"], out="exported")
assert exported.paths["keras"].exists()
from PIL import Image
import numpy as np
pixels = np.asarray(Image.open("{data}/3/000.png").convert("L"))
(at_hand,) = run.predict_samples(pixels[None])
assert abs(at_hand.score - first.score) < 1e-4
assert run.evaluate("{data}").samples > 1
assert run.evaluate(([pixels, pixels], ["3", "4"])).samples == 2
print("searched once")
"""


def test_a_script_without_a_main_guard(digits: Path, tmp_path: Path) -> None:
    """Workers must not run the user's script again."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("{data}", str(digits)))
    answer = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "searched once\n"
    assert "trial #0001" in answer.stderr  # progress, in lines where it is no terminal
    assert (tmp_path / "runs" / "digits" / "leaderboard.html").exists()
