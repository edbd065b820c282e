"""Requests that wait at the same moment, answered by one call of the model."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from automl.serving.model import Arrays, Signature

#: Samples that a model is given at once.
BATCH_SIZE = 64


@dataclass(frozen=True, eq=False)
class _Waiting:
    signature: Signature
    inputs: np.ndarray
    answer: asyncio.Future[Arrays]

    def joins(self, other: _Waiting) -> bool:
        alike = self.inputs.shape[1:] == other.inputs.shape[1:]
        return self.signature is other.signature and alike


class Batcher:
    """Calls a model in a thread of its own, with what waits when it gets free.

    Nobody is made to wait for a batch to fill. A batch that fails is tried again one
    request after another, so that nobody's request is spoilt by another's.
    """

    def __init__(self, *, batch_size: int = BATCH_SIZE) -> None:
        """Take the largest number of samples of a call."""
        self._batch_size = batch_size
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()

    async def ask(self, signature: Signature, inputs: np.ndarray) -> Arrays:
        """Return a batch of each output for a batch of inputs.

        Raises:
            Exception: What the model raises.
        """
        waiting = _Waiting(signature, inputs, asyncio.Future())
        self._queue.append(waiting)
        self._arrived.set()
        return await waiting.answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer what is asked within this block."""
        with ThreadPoolExecutor(1, "model") as thread:
            task = asyncio.create_task(self._run(thread))
            try:
                yield
            finally:
                task.cancel()

    async def _run(self, thread: ThreadPoolExecutor) -> None:
        while True:
            await self._arrived.wait()
            batch = self._next_batch()
            if batch:
                await self._answer(batch, thread)
            else:
                self._arrived.clear()

    def _next_batch(self) -> list[_Waiting]:
        """Take the request that waits longest, and those that can join it."""
        # Who gave up waiting is gone.
        waiting = [w for w in self._queue if not w.answer.done()]
        batch: list[_Waiting] = []
        room = self._batch_size
        self._queue.clear()
        for other in waiting:
            if not batch or (other.joins(batch[0]) and len(other.inputs) <= room):
                batch.append(other)
                room -= len(other.inputs)
            else:
                self._queue.append(other)
        return batch

    async def _answer(self, batch: list[_Waiting], thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(thread, self._call, batch)
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    await self._answer([waiting], thread)
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)

    def _call(self, batch: list[_Waiting]) -> list[Arrays]:
        inputs = np.concatenate([waiting.inputs for waiting in batch])
        pieces = [
            batch[0].signature.call(inputs[start : start + self._batch_size])
            for start in range(0, len(inputs), self._batch_size)
        ]
        whole = {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}
        ends = np.cumsum([len(waiting.inputs) for waiting in batch])[:-1]
        parts = {name: np.split(values, ends) for name, values in whole.items()}
        return [
            {name: parts[name][index] for name in parts} for index in range(len(batch))
        ]
