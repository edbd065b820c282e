"""How many pages a TIFF file has, which is a chain that may be endless."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from automl_datasets.errors import DataError

_LEAST_PAGE_BYTES = 6  # a page's directory without an entry


def check_pages(file: Any, location: str | Path) -> None:
    """Refuse a file whose pages lead back to each other; libraries follow for ever.

    Args:
        file: A `tifffile.TiffFile`.
        location: Its path.

    Raises:
        DataError: If there are more pages than the file has room for.
    """
    most = Path(location).stat().st_size // _LEAST_PAGE_BYTES
    if sum(1 for _ in islice(file.pages, most + 1)) > most:
        raise DataError("its pages lead back to each other; save it again")
