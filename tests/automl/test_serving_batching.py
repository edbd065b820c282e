"""Requests that wait together are answered together, and each gets its own answer."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest

from automl.serving.batching import Batcher
from automl.serving.model import DEFAULT_SIGNATURE, Arrays, Signature
from tests.automl.serving_models import SIZE, summing_model, sums

Asking = Callable[[Batcher, Signature], Coroutine[Any, Any, list[Any]]]


class Model:
    """Notes the shapes that it is called with; the first call waits for a word."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.go_on = threading.Event()

    def __call__(self, batch: np.ndarray) -> Arrays:
        self.go_on.wait(30)
        self.shapes.append(batch.shape)
        if (batch < 0).any():
            raise ValueError("negative")
        return sums(batch)


def ask_all(batches: list[np.ndarray], *, batch_size: int) -> tuple[Model, list[Any]]:
    """Ask all while a first request keeps the model busy."""
    model = Model()
    signature = summing_model(model).signatures[DEFAULT_SIGNATURE]
    batcher = Batcher(batch_size=batch_size)

    async def ask() -> list[Any]:
        async with batcher.running():
            first = asyncio.create_task(batcher.ask(signature, sample(0)))
            await asyncio.sleep(0.05)
            asked = [batcher.ask(signature, batch) for batch in batches]
            tasks = [asyncio.create_task(each) for each in asked]
            await asyncio.sleep(0)
            model.go_on.set()
            await first
            return list(await asyncio.gather(*tasks, return_exceptions=True))

    return model, asyncio.run(ask())


def sample(value: float, *, count: int = 1, length: int = 2) -> np.ndarray:
    return np.full((count, length, SIZE), value, np.float32)


def test_those_of_one_shape_share_a_call() -> None:
    model, answers = ask_all([sample(n, count=n) for n in (1, 2, 3)], batch_size=64)
    assert model.shapes == [(1, 2, SIZE), (6, 2, SIZE)]
    for number, answer in zip((1, 2, 3), answers, strict=True):
        assert answer["value"].tolist() == [number * 2 * SIZE] * number


def test_other_shapes_have_their_own_calls_in_the_order_they_came() -> None:
    batches = [sample(1), sample(2, length=5), sample(3), sample(4, length=5)]
    model, answers = ask_all(batches, batch_size=64)
    assert model.shapes[1:] == [(2, 2, SIZE), (2, 5, SIZE)]
    values = [answer["value"].tolist() for answer in answers]
    assert values == [[6.0], [30.0], [18.0], [60.0]]


def test_no_call_is_larger_than_it_may_be() -> None:
    batches = [sample(1, count=3), sample(2, count=10), sample(3, count=3)]
    model, answers = ask_all(batches, batch_size=4)
    assert max(shape[0] for shape in model.shapes) == 4
    assert [len(answer["value"]) for answer in answers] == [3, 10, 3]
    assert set(answers[1]["value"]) == {12.0}


def test_one_that_fails_spoils_no_other() -> None:
    _, answers = ask_all([sample(1), sample(-1), sample(2)], batch_size=64)
    assert isinstance(answers[1], ValueError)
    assert [answers[i]["value"].tolist() for i in (0, 2)] == [[6.0], [12.0]]


def test_who_gave_up_is_not_computed_for() -> None:
    model = Model()
    signature = summing_model(model).signatures[DEFAULT_SIGNATURE]
    batcher = Batcher()

    async def ask() -> Arrays:
        async with batcher.running():
            first = asyncio.create_task(batcher.ask(signature, sample(0)))
            await asyncio.sleep(0.05)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await batcher.ask(signature, sample(1, count=7))
            last = asyncio.create_task(batcher.ask(signature, sample(2)))
            await asyncio.sleep(0)
            model.go_on.set()
            await first
            return await last

    assert asyncio.run(ask())["value"].tolist() == [12.0]
    assert model.shapes == [(1, 2, SIZE), (1, 2, SIZE)]
