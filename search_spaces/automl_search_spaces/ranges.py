"""The ranges of each representation of the data, and what a network of them costs."""

from __future__ import annotations

from dataclasses import replace

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS, admitted_blocks
from automl_search_spaces.bounds import Bounds, bounds_of
from automl_search_spaces.budget import Draw, estimate_macs, narrow
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.representations.catalog import (
    REPRESENTATIONS,
    representations_of,
)

#: An estimate is wrong by less than this factor.
ESTIMATE_FACTOR = 3.0


def ranges_of(spec: DataSpec, max_macs: int | None) -> dict[str, Bounds]:
    """Return the ranges by representation; all have the same blocks.

    Args:
        spec: The data.
        max_macs: What the budget allows, see `SearchSpace`; `None` for no limit.
    """
    ranges = {}
    for name in representations_of(spec):
        shape = REPRESENTATIONS[name].shape(spec, {})
        bounds = bounds_of(shape, admitted_blocks(shape), text=spec.kind == "text")
        ranges[name] = bounds if max_macs is None else narrow(bounds, max_macs)
    first, *others = ranges.values()
    shared = tuple(
        name for name in first.blocks if all(name in b.blocks for b in others)
    )
    return {name: replace(b, blocks=shared) for name, b in ranges.items()}


def estimate_network(spec: DataSpec, bounds: Bounds, values: Values) -> float:
    """Return about how many multiply-accumulates the network of `values` takes."""
    *size, channels = REPRESENTATIONS[values["representation"]].shape(spec, values)
    actual = replace(bounds, size=tuple(size), channels=channels)
    return estimate_macs(actual, _draw_of(values))


def _draw_of(values: Values) -> Draw:
    dense = values["head"] == "dense"
    return Draw(
        block=BLOCKS[values["block"]],
        filters=values["filters"],
        growth=values["growth"],
        stages=values["stages"],
        repeats=values["repeats"],
        kernel=values["kernel_size"],
        reduces=values["pooling"] != "none",
        dense_units=values["dense_units"] if dense else 0,
    )
