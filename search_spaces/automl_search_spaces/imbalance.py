"""How unequal the classes are, and what weights make up for it."""

from __future__ import annotations

from automl_datasets.spec import DataSpec

#: From this ratio on weights are offered.
MILD = 1.5

#: Objectives that count rare classes as much as frequent ones: weights are usual.
BALANCED_OBJECTIVES = frozenset({"val_balanced_accuracy", "val_f1"})

_LARGEST_WEIGHT = 10.0


def imbalance(spec: DataSpec) -> float:
    """Return how many times more samples the largest class has than the smallest.

    For labels, which exclude nothing, how many times more samples lack the rarest
    label than have it. 1 where there are no classes.

    Example:
        >>> spec = DataSpec("image", (8, 8, 1), "uint8", "classification",
        ...                 ("a", "b"), 80, 9, 9, (9.0,), (3.0,),
        ...                 class_counts=(60, 20))
        >>> imbalance(spec), class_weights(spec)
        (3.0, (0.6666666666666666, 2.0))
    """
    if not spec.class_counts:
        return 1.0
    rarest = max(1, min(spec.class_counts))
    if spec.task == "multilabel":
        return max(1.0, (spec.num_train - rarest) / rarest)
    return max(spec.class_counts) / rarest


def class_weights(spec: DataSpec) -> tuple[float, ...]:
    """Return a weight a class: such that all classes weigh the same, at most 10.

    For labels the weight of samples that have the label, such that they weigh as
    much as those without it.
    """
    counts = [max(1, count) for count in spec.class_counts]
    if spec.task == "multilabel":
        weights = [max(1.0, (spec.num_train - count) / count) for count in counts]
    else:
        weights = [sum(spec.class_counts) / (len(counts) * c) for c in counts]
    return tuple(min(weight, _LARGEST_WEIGHT) for weight in weights)
