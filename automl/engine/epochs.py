"""The epochs of a full training: what data asks for, and what a time allows."""

from __future__ import annotations

from collections.abc import Sequence

from automl.training.calibration import Speed
from automl_datasets.spec import DataSpec

# Without a budget: a training goes through so many samples, the same on any machine.
_DEFAULT_TRAINING_SAMPLES = 300_000
_USUAL_EPOCHS = 60
# Texts are learned by heart in a few: on TREC, with the networks of Kim (2014).
_USUAL_EPOCHS_OF_TEXT = 10
# What counts is steps, not epochs: where a data set is so small that the usual epochs
# make too few steps, there are more of them, to a limit. The limit is a choice: in a
# cross-validation of 67 and 100 series, 1440 and 1500 steps were within the noise as
# accurate as 360 and 600, and their loss was larger by a half and by a third.
_LEAST_STEPS = 800
_SMALLEST_BATCH, _USUAL_BATCH = 8, 64
_BATCHES_OF_SMALL_DATA = 8
_MOST_EPOCHS = 600
_EPOCH_CHOICES = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24, 27, 33, 39, 45, 54, 60),
    *(75, 90, 120, 150, 180, 240, 300, 400, 500, 600),
)


def usual_epochs(spec: DataSpec) -> int:
    """Return the epochs of a full training where no time limits them."""
    return _round_down(_wanted_epochs(spec))


def affordable_epochs(seconds: float, spec: DataSpec, speeds: Sequence[Speed]) -> int:
    """Return the epochs of a training that takes so long.

    As many as the dearest landmark can have, up to the usual or to what the data asks
    for; but not fewer than the data asks for, as long as the cheapest can have them:
    narrower networks make up for it.
    """
    cheapest, dearest = (
        seconds / (spec.num_train * speed.seconds_per_sample)
        for speed in (speeds[0], speeds[-1])
    )
    wanted = _wanted_epochs(spec)
    most = max(wanted, _ordinary_epochs(spec))
    return _round_down(min(most, max(dearest, min(wanted, cheapest))))


def _wanted_epochs(spec: DataSpec) -> float:
    """Return the epochs that a data set of its kind and size asks for."""
    num_train = spec.num_train
    usual = min(_ordinary_epochs(spec), _DEFAULT_TRAINING_SAMPLES / max(1, num_train))
    batch = max(_SMALLEST_BATCH, num_train // _BATCHES_OF_SMALL_DATA)
    enough = _LEAST_STEPS * min(batch, _USUAL_BATCH) / max(1, num_train)
    return max(usual, min(_MOST_EPOCHS, enough))


def _round_down(epochs: float) -> int:
    return max((choice for choice in _EPOCH_CHOICES if choice <= epochs), default=1)


def _ordinary_epochs(spec: DataSpec) -> int:
    return _USUAL_EPOCHS_OF_TEXT if spec.kind == "text" else _USUAL_EPOCHS
