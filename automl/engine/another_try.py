"""Whether a training that broke off is begun again, from its last checkpoint."""

from __future__ import annotations

import errno
import os

from automl.errors import is_disk_full
from automl.run.trial import TrialRecord
from automl.workers.messages import Broke

#: Somebody may kill a worker, or a machine leave, more than once; but a training that
#: brings its machine down whenever it runs must come to an end.
_MOST_TRIES = 3
_BATCH = "batch_size"


def may_try_again(event: Broke, tries: int) -> bool:
    """Whether it broke off through no fault of its own that can be seen."""
    return event.lost and tries < _MOST_TRIES


def refuse_full_disk(event: Broke) -> None:
    """Stop the search where a disk is full: trial after trial would fail for nothing.

    The trial is not closed, so that it is run again when the search goes on.

    Raises:
        OSError: If that is how it broke off.
    """
    if is_disk_full(event.reason):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def halve_batch(record: TrialRecord, event: Broke, *, epochs: int, tries: int) -> bool:
    """Give a trial half its batch, once, if its device had too little memory for it.

    Its record says so from then on: it is another training than was proposed.

    Args:
        record: The trial.
        event: How it broke off.
        epochs: Epochs of it that were trained before; its schedule counts steps, which
            can't change under way.
        tries: How often it was tried.

    Returns:
        Whether there is anything to try.
    """
    batch = record.hyperparameters.get(_BATCH)
    if not event.out_of_memory or epochs or tries > 1:
        return False
    if not isinstance(batch, int) or batch < 2:
        return False
    record.hyperparameters = {**record.hyperparameters, _BATCH: batch // 2}
    return True
