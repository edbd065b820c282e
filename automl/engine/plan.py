"""How a budget is spent, as it was decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from automl_search_spaces.pace import Pace

SHORTLIST_SIZE = 3
FINAL_SHARE = 0.35
TRACING_SECONDS = 4.0  # of a network like none that was trained yet
EXPORT_SECONDS = 15.0  # with the usual formats, explanations and report


@dataclass(frozen=True)
class Plan:
    """How the budget is spent; decided once, and kept when a run is resumed.

    Attributes:
        max_epochs: Epochs of a full training.
        max_training_macs: Multiply-accumulates beyond which a full training hardly
            fits, to which the ranges are narrowed; `None` without a budget, and where
            they tell nothing of the time.
        max_sample_seconds: Time of a training step, divided by its samples, beyond
            which a full training would not fit; `None` without a budget.
        pace: How fast the machine is; `None` where that was not measured.
        folds: Folds that the best are cross-validated with; `None` for none.
        refits: Whether the winner is trained again with the validation samples.
        refit_rounds: Trainings one after another that this takes: several where there
            are fewer workers than the winner and the members of an ensemble.
        final_share: Share of the budget kept for what follows the search, at most.
        export_seconds: Time kept for scoring, export and report.
    """

    max_epochs: int
    max_training_macs: int | None = None
    max_sample_seconds: float | None = None
    pace: Pace | None = None
    folds: int | None = None
    refits: bool = False
    refit_rounds: int = 1
    final_share: float = FINAL_SHARE
    export_seconds: float = EXPORT_SECONDS

    @property
    def for_budget(self) -> bool:
        """Whether it was made for a budget."""
        return self.max_sample_seconds is not None

    @property
    def cross_validates(self) -> bool:
        """Whether finalists are compared by folds."""
        return self.folds is not None and self.folds > 1

    def search_end(self, budget_seconds: float | None, since: float = 0.0) -> float:
        """Return the second at which the search gives way to the shortlist.

        Args:
            budget_seconds: Time for everything, earlier sessions included.
            since: Second from which the budget, or a further one, is shared out.
        """
        if budget_seconds is None:
            return math.inf
        end = self.final_end(budget_seconds)
        return end - self.final_share * (end - since)

    def final_end(self, budget_seconds: float | None) -> float:
        """Return the second at which all training must have ended."""
        if budget_seconds is None:
            return math.inf
        return max(0.5 * budget_seconds, budget_seconds - self.export_seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote.

        What it had in an earlier version and has no more is left out.
        """
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        pace = values.get("pace")
        return cls(**{**known, "pace": None if pace is None else Pace(**pace)})
