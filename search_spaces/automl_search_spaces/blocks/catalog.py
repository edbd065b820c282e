"""Every block of the search space; a new one is a file and a line here."""

from automl_search_spaces.blocks import (
    bottleneck,
    convnext,
    dense,
    dilated,
    factorized,
    inception,
    inception_time,
    inverted,
    parallel,
    plain,
    residual,
    separable,
)
from automl_search_spaces.blocks.block import Block
from automl_search_spaces.catalog import Catalog

BLOCKS: Catalog[Block] = Catalog(
    "block",
    plain.BLOCK,
    residual.BLOCK,
    bottleneck.BLOCK,
    dense.BLOCK,
    inception.BLOCK,
    separable.BLOCK,
    inverted.BLOCK,
    convnext.BLOCK,
    parallel.BLOCK,
    inception_time.BLOCK,
    dilated.BLOCK,
    factorized.BLOCK,
)


def admitted_blocks(shape: tuple[int, ...], kind: str) -> tuple[str, ...]:
    """Return the names of the blocks that suit samples.

    Args:
        shape: Shape of what convolutions see, `(*space, channels)`.
        kind: Kind of the data, see `DataSpec.kind`.
    """
    return tuple(block.name for block in BLOCKS if block.admits(shape, kind))
