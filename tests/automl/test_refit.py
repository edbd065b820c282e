"""How long the winner is trained on all samples."""

import pytest

from automl.engine.refit import _wanted_epochs
from automl.run.trial import Training


def training(best_epoch: int | None) -> Training:
    return Training("search", 1, 60, epochs=60, best_epoch=best_epoch)


@pytest.mark.parametrize(
    ("best", "wanted"), [(None, 60), (60, 60), (21, 60), (20, 40), (5, 10), (1, 2)]
)
def test_what_was_learned_by_heart_is_not_learned_again(
    best: int | None, wanted: int
) -> None:
    assert _wanted_epochs(training(best), []) == wanted


def test_folds_tell_more_than_one_small_split() -> None:
    folds = [training(best) for best in (50, 4, 10, 60, 9)]
    assert _wanted_epochs(training(60), folds) == 20
    assert _wanted_epochs(training(60), [training(None)]) == 60
