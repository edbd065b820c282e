"""Every dimension that a space has for any data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import keras_tuner

from automl_datasets.spec import TASKS, DataSpec
from automl_search_spaces.counting import levels_of
from automl_search_spaces.dimensions.declaration import Span
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.registry import SPACES
from automl_search_spaces.representations.catalog import REPRESENTATIONS

#: What there is of a dimension: its values, or its range.
Offer = tuple[Any, ...] | Span

#: Between them these samples have every dimension with every value.
_SHAPES: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "image": ((64, 64, 3), (8, 8, 1)),
    "series": ((512, 1), (8, 3)),
    "audio": ((16_000, 1),),
    "text": ((64, 1),),
    "volume": ((32, 32, 32, 1), (8, 8, 8, 1)),
    "video": ((16, 32, 32, 3),),
}


@cache
def known_dimensions(space: str) -> Mapping[str, Offer]:
    """Return what a shipped space offers of each dimension, over all kinds of data.

    Raises:
        SpaceError: If there is no such space.
    """
    offers: dict[str, Offer] = {}
    for spec in _examples():
        try:
            made = SPACES[space].create(spec, max_epochs=1)
        except SpaceError:  # as the landmarks, which do not suit every kind
            continue
        hp = keras_tuner.HyperParameters()
        made.declare_hyperparameters(hp)
        for h in hp.space:
            name = _without_representation(h.name)
            offers[name] = _together(offers.get(name, ()), _offer(h))
    return offers


def _examples() -> Iterator[DataSpec]:
    for kind, shapes in _SHAPES.items():
        for task in TASKS:
            for shape in shapes:
                yield _example(kind, shape, task, 1_000)
        for number in (64, 100_000):
            yield _example(kind, shapes[0], TASKS[0], number)


def _example(kind: str, shape: tuple[int, ...], task: str, number: int) -> DataSpec:
    """Return data of which one class is rare."""
    regression = task == "regression"
    channels = shape[-1]
    return DataSpec(
        kind=kind,
        shape=shape,
        dtype="int32" if kind == "text" else "float32",
        task=task,
        classes=() if regression else ("a", "b", "c"),
        num_train=number,
        num_val=10,
        num_test=10,
        mean=(0.0,) * channels,
        std=(1.0,) * channels,
        targets=("y",) if regression else (),
        target_mean=(0.0,) if regression else (),
        target_std=(1.0,) if regression else (),
        class_counts=() if regression else (number - 3, 2, 1),
        preprocessing={"sample_rate": 16_000, "vocabulary": ["a", "b"]},
    )


def _without_representation(name: str) -> str:
    """Return the dimension of a hyperparameter that has one for representations."""
    for representation in REPRESENTATIONS.names:
        name = name.removesuffix(f"_{representation}")
    return name


def _offer(hyperparameter: Any) -> Offer:
    if isinstance(getattr(hyperparameter, "min_value", None), float):
        return Span(hyperparameter.min_value, hyperparameter.max_value)
    return levels_of(hyperparameter) or ()


def _together(one: Offer, other: Offer) -> Offer:
    """Return what either offers."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        known = tuple(dict.fromkeys(one + other))
        numbers = all(isinstance(option, int | float) for option in known)
        return tuple(sorted(known)) if numbers else known
    ends = [*_ends(one), *_ends(other)]
    return Span(min(ends), max(ends))


def _ends(offer: Offer) -> tuple[float, ...]:
    if isinstance(offer, Span):
        return (offer.low, offer.high)
    return (min(offer), max(offer)) if offer else ()
