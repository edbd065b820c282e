"""Regularised evolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.oracles.encoding import Encoding
from automl.oracles.mended import MAX_REDRAWS, MendedOracle
from automl.oracles.pareto import pareto_front, trial_merits

POPULATION = 20
SAMPLE = 5


class EvolutionOracle(MendedOracle):
    """Full trainings of mutants of the fittest of a sample; the oldest die.

    The population is made of the trials that completed last; failed ones never join
    it.

    Source:
        Real et al. (2019), Regularized Evolution for Image Classifier Architecture
        Search, AAAI, arXiv:1802.01548.
    """

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return a landmark, a random start, or a mutant."""
        generator = self._generator("evolution", len(self.trials))
        values = self._next_landmark()
        if values is None:
            values = self._mutant(generator) or self._drawn_values(generator)
        if values is None:
            return {"status": "IDLE" if self.ongoing_trials else "STOPPED"}
        return {"status": "RUNNING", "values": values}

    def _mutant(self, generator: np.random.Generator) -> dict[str, Any] | None:
        completed = [
            trial
            for trial in (self.trials[name] for name in self.end_order)
            if trial.status == "COMPLETED"
        ]
        if len(completed) < POPULATION:
            return None
        drawn = generator.choice(POPULATION, SAMPLE, replace=False)
        sample = [completed[-POPULATION:][index] for index in drawn]
        parent = self._fittest(sample, generator).hyperparameters.values
        encoding = Encoding(self.hyperparameters)
        mutants = (
            encoding.mutated(parent, generator, changes=1) for _ in range(MAX_REDRAWS)
        )
        return self._first_fitting(values for values in mutants if self._is_new(values))

    def _fittest(self, trials: list[Any], generator: np.random.Generator) -> Any:
        """Return the best trial; where there are costs, one that no other beats."""
        maximize = self.objective.direction == "max"
        if not self.costs:
            pick = max if maximize else min
            return pick(trials, key=lambda trial: trial.score)
        merits = trial_merits(
            trials, maximize=maximize, directions=self.cost_directions
        )
        return trials[generator.choice(np.flatnonzero(pareto_front(merits)))]
