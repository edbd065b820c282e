"""Every block of the search space; a new one is a file and a line here."""

from automl_search_spaces.blocks import dense, inception_time, parallel, plain, residual
from automl_search_spaces.blocks.stage import Block
from automl_search_spaces.catalog import Catalog

BLOCKS: Catalog[Block] = Catalog(
    "block",
    plain.BLOCK,
    residual.BLOCK,
    dense.BLOCK,
    parallel.BLOCK,
    inception_time.BLOCK,
)


def admitted_blocks(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of the blocks that suit samples of `(*space, channels)`."""
    return tuple(block.name for block in BLOCKS if block.admits(shape))
