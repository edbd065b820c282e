"""Every combination in turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.oracles.encoding import Dimension, Encoding
from automl.oracles.mended import MAX_REDRAWS, MendedOracle

_VALUES_OF_A_RANGE = 10


class GridOracle(MendedOracle):
    """Full trainings of every combination, the last hyperparameter changing first.

    A range without steps is taken at ten values, evenly spaced as it is sampled.
    """

    def __init__(self, *, seed: int, **options: Any) -> None:
        """See `MendedOracle`."""
        super().__init__(seed=seed, **options)
        self._last_point: dict[str, Any] | None = None

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next combination that was not tried and fits."""
        values = self._next_landmark() or self._next_point()
        if values is None:
            return {"status": "IDLE" if self.ongoing_trials else "STOPPED"}
        return {"status": "RUNNING", "values": values}

    def _next_point(self) -> dict[str, Any] | None:
        dimensions = Encoding(self.hyperparameters).dimensions
        unfit = 0
        while True:
            point = successor(dimensions, self._last_point)
            if point is None:
                return None
            self._last_point = point
            if not self._is_new(point):
                continue
            unfit += 1
            if self.fits(point) or unfit > MAX_REDRAWS:
                return dict(point)

    def get_state(self) -> dict[str, Any]:
        """Return the state, the place in the grid included."""
        return {**super().get_state(), "last_point": self._last_point}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        super().set_state(state)
        self._last_point = state["last_point"]


def successor(
    dimensions: tuple[Dimension, ...], point: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return the combination after `point`, the first after None; None at the end."""
    if point is None:
        return _filled(dimensions, {}, 0)
    for index in range(len(dimensions) - 1, -1, -1):
        dimension = dimensions[index]
        if not dimension.is_active(point):
            continue
        values = _grid_values(dimension)
        place = values.index(point[dimension.name]) + 1
        if place < len(values):
            kept = {
                earlier.name: point[earlier.name]
                for earlier in dimensions[:index]
                if earlier.is_active(point)
            }
            kept[dimension.name] = values[place]
            return _filled(dimensions, kept, index + 1)
    return None


def _filled(
    dimensions: tuple[Dimension, ...], values: dict[str, Any], begin: int
) -> dict[str, Any]:
    """Return `values` with the first value of each dimension from `begin` on."""
    for dimension in dimensions[begin:]:
        if dimension.is_active(values):
            values[dimension.name] = _grid_values(dimension)[0]
    return values


def _grid_values(dimension: Dimension) -> list[Any]:
    if dimension.levels:
        return list(dimension.levels)
    shares = ((index + 0.5) / _VALUES_OF_A_RANGE for index in range(_VALUES_OF_A_RANGE))
    return list(dict.fromkeys(dimension.value_at(share) for share in shares))
