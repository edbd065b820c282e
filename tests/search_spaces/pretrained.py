"""Networks that were trained before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from automl_search_spaces.inference import inference_model
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import make_example


def trained(folder: Path, kind: str = "image", **values: Any) -> Path:
    """Save a small network of ours as a run saves its best."""
    space = SearchSpace(make_example(kind, classes=3), max_epochs=2)
    model = space.build(parameters({"filters": 8, "repeats": 1, **values}))
    path = folder / "best" / "model.keras"
    path.parent.mkdir(parents=True)
    inference_model(model).save(path)
    return path
