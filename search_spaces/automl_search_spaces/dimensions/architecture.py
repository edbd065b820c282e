"""What a network is made of, as dimensions.

Where two representations of the data allow for different ranges, the later one has a
dimension of its own, called `<name>_<representation>`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.bounds import DENSE_UNITS, GROWTHS, Bounds
from automl_search_spaces.budget import default_stages
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.representations.catalog import REPRESENTATIONS

#: The ranges by representation, the usual one first.
Ranges = Mapping[str, Bounds]

#: Hyperparameters that several blocks support.
_SHARED: Mapping[str, Callable[[Declaration], None]] = {
    "preactivation": lambda d: d.flag("preactivation", default=False),
    "squeeze_excitation": lambda d: d.flag("squeeze_excitation", default=False),
    "stochastic_depth": lambda d: d.number("stochastic_depth", 0.0, 0.3, 0.0, step=0.1),
}

#: Ways of making one vector of all positions, by kind; the usual one first.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "image": ("gap", "dense"),
    "series": ("gap", "gmp", "dense"),
    "audio": ("gap", "gmp", "dense"),
    "text": ("gmp", "gap"),
    "volume": ("gap", "dense"),
    "video": ("gap", "dense"),
}


def declare_architecture(
    declaration: Declaration, spec: DataSpec, ranges: Ranges
) -> None:
    """Declare representation, blocks, shape of the network, and head."""
    _declare_representations(declaration, spec, ranges)
    _declare_blocks(declaration, ranges)
    _declare_shape(declaration, ranges)
    _declare_reduction(declaration, ranges)
    declaration.choice("normalization", _normalizations(spec), "batch")
    activations = ["relu", "elu", "silu", "gelu", "tanh"]
    declaration.choice("activation", activations, "relu")
    _declare_head(declaration, spec)


def _normalizations(spec: DataSpec) -> list[str]:
    """Return the normalisations; groups would take in the padding of texts."""
    kinds = ["batch", "layer", "group", "none"]
    return [kind for kind in kinds if kind != "group" or spec.kind != "text"]


def _by_representation(
    declaration: Declaration,
    ranges: Ranges,
    dimension: str,
    options: Callable[[Bounds], Hashable],
    declare: Callable[[str, Bounds], None],
) -> None:
    """Declare a dimension once, or once a representation where options differ."""
    first, *others = ranges
    if len({options(bounds) for bounds in ranges.values()}) == 1:
        declare(dimension, ranges[first])
        return
    with declaration.when("representation", [first]):
        declare(dimension, ranges[first])
    for other in others:
        with declaration.when("representation", [other]):
            declare(f"{dimension}_{other}", ranges[other])


def _declare_representations(
    declaration: Declaration, spec: DataSpec, ranges: Ranges
) -> None:
    names = list(ranges)
    declaration.choice("representation", names, names[0])
    for name in names:
        with declaration.when("representation", [name]):
            REPRESENTATIONS[name].declare(declaration, spec)


def _declare_blocks(declaration: Declaration, ranges: Ranges) -> None:
    """Declare the blocks, the same for all representations, and their own."""
    bounds = next(iter(ranges.values()))
    declaration.choice("block", bounds.blocks, "plain")
    for name in bounds.blocks:
        with declaration.when("block", [name]):
            BLOCKS[name].declare(declaration, bounds)
    for dimension, declare in _SHARED.items():
        able = [name for name in bounds.blocks if dimension in BLOCKS[name].supports]
        with declaration.when("block", able):
            declare(declaration)


def _declare_shape(declaration: Declaration, ranges: Ranges) -> None:
    def resolution(name: str, b: Bounds) -> None:
        declaration.choice(name, b.resolutions, "full", dimension="resolution")

    def stages(name: str, b: Bounds) -> None:
        usual = default_stages(b)
        declaration.integer(name, b.min_stages, b.max_stages, usual, dimension="stages")

    def repeats(name: str, b: Bounds) -> None:
        least, most = b.min_repeats, b.max_repeats
        declaration.integer(name, least, most, 2, dimension="repeats")

    def filters(name: str, b: Bounds) -> None:
        declaration.choice(name, b.widths, b.default_width, dimension="filters")

    def kernel_size(name: str, b: Bounds) -> None:
        declaration.choice(name, b.kernels, 3, dimension="kernel_size")

    for dimension, options, declare in (
        ("resolution", lambda b: b.resolutions, resolution),
        ("stages", lambda b: (b.min_stages, b.max_stages), stages),
        ("repeats", lambda b: b.max_repeats, repeats),
        ("filters", lambda b: (b.widths, b.default_width), filters),
        ("kernel_size", lambda b: b.kernels, kernel_size),
    ):
        _by_representation(declaration, ranges, dimension, options, declare)


def _declare_reduction(declaration: Declaration, ranges: Ranges) -> None:
    """Declare what happens between stages, if there are several."""

    def growth(name: str, bounds: Bounds) -> None:
        if bounds.max_stages > 1:
            declaration.choice(name, GROWTHS, 2.0, dimension="growth")

    def pooling(name: str, bounds: Bounds) -> None:
        declaration.choice(name, bounds.pooling, "max", dimension="pooling")

    for dimension, options, declare in (
        ("growth", lambda b: b.max_stages > 1, growth),
        ("pooling", lambda b: b.pooling, pooling),
    ):
        bounds = next(iter(ranges.values()))
        if bounds.min_stages == 1 < bounds.max_stages:
            several = list(range(2, bounds.max_stages + 1))
            with declaration.when("stages", several):
                declare(dimension, bounds)
        else:
            _by_representation(declaration, ranges, dimension, options, declare)


def _declare_head(declaration: Declaration, spec: DataSpec) -> None:
    heads = _HEADS[spec.kind]
    declaration.choice("head", heads, heads[0])
    with declaration.when("head", ["dense"]):
        declaration.integer("dense_layers", 1, 2, 1)
        declaration.choice("dense_units", DENSE_UNITS, 120)
    declaration.number("dropout", 0.0, 0.5, 0.0, step=0.1)
