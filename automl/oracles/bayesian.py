"""Bayesian optimization with full trainings only."""

from __future__ import annotations

from typing import Any

from automl.oracles.multi_fidelity import MultiFidelityOracle


class BayesianOracle(MultiFidelityOracle):
    """The model of the default strategy without its rungs.

    KerasTuner's own takes seconds for a proposal, asks a model that was never fitted
    for the outlook of running trials, proposes the same values again and again on
    small spaces, and starts with three random trials a dimension. This one begins with
    eight, counts a running trial as a poor result, and never repeats one.
    """

    def __init__(self, *, max_epochs: int, seed: int, **options: Any) -> None:
        """Set the epochs of every training; see `MendedOracle` for the rest."""
        super().__init__(max_epochs=max_epochs, seed=seed, **options)
        self.rungs = (max_epochs,)

    def _span(self, rung: int) -> dict[str, int]:
        """Return nothing: without `tuner/epochs` a training is a full one."""
        return {}
