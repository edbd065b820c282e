"""Every representation; a new one is a file and a line here, the usual one first."""

from automl_datasets.spec import DataSpec
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.representations import mel, numbers, text
from automl_search_spaces.representations.representation import Representation

REPRESENTATIONS: Catalog[Representation] = Catalog(
    "representation",
    numbers.REPRESENTATION,
    mel.REPRESENTATION,
    numbers.WAVEFORM,
    text.REPRESENTATION,
)


def representations_of(spec: DataSpec) -> tuple[str, ...]:
    """Return the names of the representations that suit the kind of data."""
    return tuple(item.name for item in REPRESENTATIONS if spec.kind in item.kinds)
