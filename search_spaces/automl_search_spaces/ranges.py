"""The ranges of each representation of the data, and what a network of them costs."""

from __future__ import annotations

from dataclasses import replace

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS, admitted_blocks
from automl_search_spaces.bounds import Bounds, bounds_of
from automl_search_spaces.budget import Draw, estimate_macs, narrow
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.dimensions.declaration import (
    DimensionError,
    Narrowing,
    left_of,
)
from automl_search_spaces.narrowing import restrict
from automl_search_spaces.representations.catalog import (
    REPRESENTATIONS,
    representations_of,
)

#: An estimate is wrong by less than this factor.
ESTIMATE_FACTOR = 3.0


def ranges_of(
    spec: DataSpec, max_macs: int | None, narrowing: Narrowing | None = None
) -> dict[str, Bounds]:
    """Return the ranges by representation; all have the same blocks.

    Args:
        spec: The data.
        max_macs: What the budget allows, see `SearchSpace`; `None` for no limit.
        narrowing: What is left of which dimension. A representation of which it
            leaves nothing is left out.

    Raises:
        DimensionError: If the narrowing leaves nothing.
    """
    narrowing = narrowing or {}
    ranges: dict[str, Bounds] = {}
    refusal: DimensionError | None = None
    for name in left_of("representation", representations_of(spec), narrowing):
        try:
            ranges[name] = _bounds(spec, name, max_macs, narrowing)
        except DimensionError as error:
            refusal = refusal or error
    if not ranges and refusal is not None:
        raise refusal
    first, *others = ranges.values()
    shared = tuple(
        name for name in first.blocks if all(name in b.blocks for b in others)
    )
    return {name: replace(b, blocks=shared) for name, b in ranges.items()}


def _bounds(
    spec: DataSpec, representation: str, max_macs: int | None, narrowing: Narrowing
) -> Bounds:
    shape = REPRESENTATIONS[representation].shape(spec, {})
    blocks = _blocks(shape, spec.kind, narrowing)
    bounds = bounds_of(shape, blocks, text=spec.kind == "text")
    bounds = restrict(bounds, narrowing)
    return bounds if max_macs is None else narrow(bounds, max_macs)


def _blocks(shape: tuple[int, ...], kind: str, narrowing: Narrowing) -> tuple[str, ...]:
    """Return the blocks that suit samples, of any size where only such are asked for.

    On small samples large blocks have little use, but whoever wants no others gets
    them.
    """
    admitted = admitted_blocks(shape, kind)
    wanted = narrowing.get("block", admitted)
    if not isinstance(wanted, tuple) or set(wanted) & set(admitted):
        return admitted
    of_any_size = (replace(block, min_size=1) for block in BLOCKS)
    return tuple(block.name for block in of_any_size if block.admits(shape, kind))


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
        pooling=values["pooling"],
        dense_units=values["dense_units"] if dense else 0,
        options=values,
    )
