"""What a search may be asked to make large or small, and by which strategy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from automl.errors import RequestError
from automl.metrics.catalog import OBJECTIVES
from automl_datasets.naming import nearest

STRATEGIES = ("auto", "random", "grid", "bayesian", "hyperband", "evolution")
#: KerasTuner's own, which knows no front.
_SINGLE_OBJECTIVE = ("hyperband",)
#: What a network costs: every objective after the first, all to be made small.
COSTS = ("params", "macs", "size_mb", "latency_ms")
_MOST_COSTS = 2
_FILE_STRATEGY = re.compile(r".+\.py:[^\W\d]\w*")


def split_objectives(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the score and the costs that `val_accuracy,latency_ms` names.

    Example:
        >>> split_objectives("val_accuracy,latency_ms")
        ('val_accuracy', ('latency_ms',))
    """
    score, *costs = (name.strip() for name in text.split(","))
    return score, tuple(costs)


def check_objectives(score: str | None, costs: Sequence[str], strategy: str) -> None:
    """Refuse objectives that no search can have.

    Args:
        score: The first one; `None` for that of the task.
        costs: The others.
        strategy: What is to search.

    Raises:
        RequestError: If there is one.
    """
    if score is not None and score not in OBJECTIVES:
        hint = f"; put it after the score, as in val_accuracy,{score}"
        raise RequestError(
            f"The objective {score!r} is not {'a score' if score in COSTS else 'known'}"
            f"{hint if score in COSTS else nearest(score, OBJECTIVES)}; choose one of "
            f"{', '.join(OBJECTIVES)}."
        )
    for cost in costs:
        if cost not in COSTS:
            raise RequestError(
                f"The objective {cost!r} can't stand after {score}"
                f"{nearest(cost, COSTS)}; choose among {', '.join(COSTS)}."
            )
    if len(costs) > _MOST_COSTS or len(set(costs)) < len(costs):
        raise RequestError(
            f"--objective takes one score and up to {_MOST_COSTS} different costs, but "
            f"got {','.join([score or '', *costs])}."
        )
    if costs and strategy in _SINGLE_OBJECTIVE:
        fitting = [name for name in STRATEGIES if name not in _SINGLE_OBJECTIVE]
        raise RequestError(
            f"The strategy {strategy!r} knows one objective only; leave out "
            f"{','.join(costs)}, or choose one of {', '.join(fitting)}."
        )


def check_strategy(strategy: str) -> None:
    """Refuse what is neither a strategy of ours nor names one in a file.

    Raises:
        RequestError: If it is neither.
    """
    if strategy in STRATEGIES or _FILE_STRATEGY.fullmatch(strategy):
        return
    if ".py" in strategy:
        raise RequestError(
            f"The strategy {strategy!r} must be a file and what to take from it, as in "
            "my_strategy.py:MyOracle."
        )
    raise RequestError(
        f"The strategy {strategy!r} is not known{nearest(strategy, STRATEGIES)}; "
        "choose one of "
        f"{', '.join(STRATEGIES)}, or one of your own as FILE.py:NAME."
    )
