"""The default strategy: a model proposes, successive halving trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from automl.oracles.encoding import Encoding, latin_hypercube
from automl.oracles.history import gather
from automl.oracles.mended import MendedOracle
from automl.oracles.proposal import FEWEST_OBSERVATIONS, rank_candidates
from automl.oracles.rungs import NUM_RUNGS, find_promotable, parent_of, rung_budgets

NUM_INITIAL_POINTS = 8
_RANDOM_SHARE = 0.15


class MultiFidelityOracle(MendedOracle):
    """Landmarks, a space-filling start, then a multi-fidelity Gaussian process.

    New configurations start on the lowest rung; the best third of each rung is
    promoted as soon as it is known. A promoted trial carries `tuner/trial_id`, the
    trial it goes on from, and `tuner/initial_epoch` and `tuner/epochs`, as
    KerasTuner's Hyperband does. Without landmarks there is one rung more, because
    most of the first configurations are bad.

    Source:
        Feurer et al. (2022), Auto-sklearn 2.0, JMLR 23(261), for a portfolio in
        front of successive halving; Klein et al. (2020), Model-based asynchronous
        hyperparameter and neural architecture search, arXiv:2003.10865.
    """

    def __init__(
        self,
        *,
        max_epochs: int,
        seed: int,
        landmarks: Sequence[Mapping[str, Any]] = (),
        **options: Any,
    ) -> None:
        """Set the epochs of a full training; see `MendedOracle` for the rest."""
        super().__init__(seed=seed, landmarks=landmarks, **options)
        num_rungs = NUM_RUNGS if landmarks else NUM_RUNGS + 1
        self.rungs = rung_budgets(max_epochs, num_rungs=num_rungs)
        self._fits: list[np.ndarray] = []

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next promotion, or new values for the lowest rung."""
        values = self._promoted(share=True)
        fresh = None if values or self.promotes_only else self._new_values()
        if fresh is not None:
            values = {**fresh, **self._span(0)}
        if values is None and self.ongoing_trials:
            return {"status": "IDLE"}
        if values is None and not self.promotes_only:
            # The space is used up: the best are trained out.
            values = self._promoted(share=False)
        if values is None:
            return {"status": "STOPPED"}
        return {"status": "RUNNING", "values": values}

    def _promoted(self, *, share: bool) -> dict[str, Any] | None:
        trial = find_promotable(
            self.trials.values(),
            num_rungs=len(self.rungs),
            maximize=self.objective.direction == "max",
            directions=self.cost_directions,
            share=share,
        )
        if trial is None:
            return None
        values = trial.hyperparameters.values
        span = self._span(values["tuner/round"] + 1)
        return {**values, **span, "tuner/trial_id": trial.trial_id}

    def _span(self, rung: int) -> dict[str, int]:
        return {
            "tuner/epochs": self.rungs[rung],
            "tuner/initial_epoch": self.rungs[rung - 1] if rung else 0,
            "tuner/round": rung,
        }

    def _new_values(self) -> dict[str, Any] | None:
        landmark = self._next_landmark()
        if landmark is not None:
            return landmark
        generator = self._generator("proposal", len(self.trials))
        values = self._initial_values()
        if values is None and generator.random() >= _RANDOM_SHARE:
            values = self._modelled_values(generator)
        return values if values is not None else self._drawn_values(generator)

    def _initial_values(self) -> dict[str, Any] | None:
        """Return the next point of the space-filling start, if it is not over."""
        started = sum(parent_of(trial) is None for trial in self.trials.values())
        index = started - self._num_landmarks_proposed
        if index >= NUM_INITIAL_POINTS:
            return None
        encoding = Encoding(self.hyperparameters)
        shares = latin_hypercube(
            NUM_INITIAL_POINTS, len(encoding.dimensions), self._generator("start")
        )
        values = encoding.values_at(shares[index])
        return values if self._is_new(values) and self.fits(values) else None

    def _modelled_values(self, generator: np.random.Generator) -> dict[str, Any] | None:
        history = gather(
            self.trials.values(),
            num_rungs=len(self.rungs),
            maximize=self.objective.direction == "max",
            directions=self.cost_directions,
        )
        if history.sound().sum() < FEWEST_OBSERVATIONS:
            return None
        candidates, self._fits = rank_candidates(
            Encoding(self.hyperparameters),
            history,
            generator,
            is_new=self._is_new,
            starts=self._fits,
        )
        return self._first_fitting(candidates)

    def get_state(self) -> dict[str, Any]:
        """Return the state, the last fits of the models included."""
        fits = [parameters.tolist() for parameters in self._fits]
        return {**super().get_state(), "fits": fits}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        super().set_state(state)
        self._fits = [np.array(fit) for fit in state.get("fits", ())]
