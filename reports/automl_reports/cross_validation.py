"""What a reader must know where only some trials were cross-validated."""

from __future__ import annotations

#: Of a leaderboard.
RANKS = (
    "Cross-validated trials come first: their validation scores are means over folds, "
    "not to be compared with those on one split."
)
#: Of what leaves out the trials that were not.
FOLDS_ONLY = (
    "Cross-validated networks only: their scores, means over folds, are not to be "
    "compared with those on one split."
)
#: Of what shows every trial.
ONE_SPLIT = (
    "Scores here are those on the one validation split that every trial was scored on; "
    "cross-validated ones are ranked by the mean over their folds."
)
