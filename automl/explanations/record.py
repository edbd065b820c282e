"""Explanations as files of the run directory, read by the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from automl.run.atomic import read_json, write_json
from automl.training.checkpoint import fingerprint
from automl_reports.explanation import (
    DataExample,
    Example,
    Explanation,
    FeatureMaps,
    LayerRow,
    Panel,
    SampleView,
)

_FILE = "explanation.json"
_EXAMPLES = "examples.json"
_WEIGHTS = "weights"  # of which weights it tells: their fingerprint


def is_explained(folder: Path) -> bool:
    """Whether a training's weights were explained; a note of why not does not count.

    Earlier versions did not note of which weights an explanation tells: theirs are
    explained again.
    """
    if not (folder / _FILE).exists():
        return False
    values = read_json(folder / _FILE)
    return bool(values["layers"]) and values.get(_WEIGHTS) == fingerprint(folder)


def save_explanation(folder: Path, explanation: Explanation) -> None:
    """Write what was computed of a training's model, atomically."""
    weights = {_WEIGHTS: fingerprint(folder)}
    write_json(folder / _FILE, asdict(explanation) | weights)


def load_explanation(folder: Path) -> Explanation | None:
    """Return what `save_explanation` wrote of the weights that are there.

    `None` where it never did, or where they were trained further since.
    """
    if not (folder / _FILE).exists():
        return None
    values = read_json(folder / _FILE)
    told = values.get(_WEIGHTS)
    if told is not None and fingerprint(folder) not in (told, None):
        return None
    return Explanation(
        layers=tuple(_layer(row) for row in values["layers"]),
        mistakes=tuple(_example(row) for row in values["mistakes"]),
        hits=tuple(_example(row) for row in values["hits"]),
        looked_at=values["looked_at"],
        feature_maps=tuple(_maps(row) for row in values["feature_maps"]),
        sample=values["sample"],
        notes=tuple(values["notes"]),
    )


def save_examples(run: Path, examples: tuple[DataExample, ...]) -> None:
    """Write some samples of each split, atomically."""
    write_json(run / _EXAMPLES, [asdict(example) for example in examples])


def load_examples(run: Path) -> tuple[DataExample, ...]:
    """Return what `save_examples` wrote; nothing where it never did."""
    if not (run / _EXAMPLES).exists():
        return ()
    rows = read_json(run / _EXAMPLES)
    return tuple(DataExample(**{**row, "view": _view(row["view"])}) for row in rows)


def _layer(values: Mapping[str, Any]) -> LayerRow:
    names = ("output_shape", "inputs", "kernel", "strides")
    return LayerRow(**{**values, **{name: tuple(values[name]) for name in names}})


def _example(values: Mapping[str, Any]) -> Example:
    return Example(**{**values, "view": _view(values["view"])})


def _view(values: Mapping[str, Any]) -> SampleView:
    return SampleView(
        name=values["name"],
        panels=tuple(Panel(**panel) for panel in values["panels"]),
        lines=tuple(tuple(line) for line in values["lines"]),
        words=tuple(values["words"]),
        heat=tuple(values["heat"]),
    )


def _maps(values: Mapping[str, Any]) -> FeatureMaps:
    panel, shape = Panel(**values["panel"]), tuple(values["shape"])
    return FeatureMaps(**{**values, "panel": panel, "shape": shape})
