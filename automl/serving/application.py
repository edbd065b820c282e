"""The paths of TensorFlow Serving's REST interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from automl.serving.batching import Batcher
from automl.serving.classification import read_examples, write_classes
from automl.serving.limits import Admission, Limits, check_images
from automl.serving.metadata import metadata, status
from automl.serving.model import ENCODED_SIGNATURE, Arrays, ServedModel
from automl.serving.payloads import Question, read_question, write_answer
from automl.serving.refusal import Refusal

Handler = Callable[[Request], Awaitable[Response]]

_OVERLOADED = (MemoryError, tf.errors.ResourceExhaustedError)


def application(
    model: ServedModel,
    name: str,
    *,
    limits: Limits | None = None,
    batcher: Batcher | None = None,
) -> Starlette:
    """Return the ASGI application that answers for a model.

    Args:
        model: The model.
        name: What it is called in the paths.
        limits: What requests may take.
        batcher: Calls the model.
    """
    limits, batcher = limits or Limits(), batcher or Batcher()
    desk = _Desk(model, limits, batcher, Admission(limits))

    async def predict(request: Request) -> Response:
        return await desk.answer(
            request,
            lambda body: read_question(body, model.signatures),
            lambda outputs, question: write_answer(outputs, rows=question.rows),
        )

    async def classify(request: Request) -> Response:
        return await desk.answer(
            request,
            lambda body: read_examples(body, model),
            lambda outputs, _: write_classes(outputs, model.spec),
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with batcher.running():
            yield

    routes = [Route("/health", _always({"status": "ok"}))]
    for path in (f"/v1/models/{name}", f"/v1/models/{name}/versions/1"):
        routes += [
            Route(path, _always(status())),
            Route(f"{path}/metadata", _always(metadata(model, name))),
            Route(f"{path}:predict", predict, methods=["POST"]),
            Route(f"{path}:classify", classify, methods=["POST"]),
        ]
    return Starlette(routes=routes, exception_handlers=_ERRORS, lifespan=lifespan)


@dataclass(frozen=True)
class _Desk:
    """What every question passes."""

    model: ServedModel
    limits: Limits
    batcher: Batcher
    admission: Admission

    async def answer(
        self,
        request: Request,
        read: Callable[[bytes], Question],
        write: Callable[[Arrays, Question], bytes],
    ) -> Response:
        """Answer one request, in the words of one of the paths."""
        async with self.admission.body(request) as body:
            question = read(body)
            outputs = await _ask(self.batcher, question, self.model, self.limits)
            answer = write(outputs, question)
        return Response(answer, media_type="application/json")


def _always(content: dict[str, Any]) -> Handler:
    async def handle(_: Request) -> Response:
        return JSONResponse(content)

    return handle


async def _ask(
    batcher: Batcher, question: Question, model: ServedModel, limits: Limits
) -> Arrays:
    """Return what the model says, or refuse with what is wrong."""
    if model.spec.kind == "image" and question.signature == ENCODED_SIGNATURE:
        check_images(question.inputs, limits)
    signature = model.signatures[question.signature]
    try:
        async with asyncio.timeout(limits.answer_seconds):
            return await batcher.ask(signature, question.inputs)
    except TimeoutError as error:
        seconds = limits.answer_seconds
        raise Refusal(f"No answer within {seconds:g} s; try again.", 503) from error
    except _OVERLOADED as error:
        raise Refusal("The batch needs too much memory; send less.", 503) from error
    except (tf.errors.InvalidArgumentError, tf.errors.OutOfRangeError) as error:
        message = _first_sentence(error.message)
        raise Refusal(f"The model can't take this input: {message}") from error


def _first_sentence(message: str) -> str:
    """Return what TensorFlow says without the names of the graph's nodes."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("[[")] or ["no reason given"]
    return said[0].partition(" [[{{node")[0][:300]


async def _refused(_: Request, refusal: Refusal) -> Response:
    return JSONResponse({"error": str(refusal)}, refusal.status)


async def _not_found(request: Request, error: HTTPException) -> Response:
    message = f"{request.method} {request.url.path} is nothing that is served here."
    return JSONResponse({"error": message}, error.status_code, headers=error.headers)


async def _failed(_: Request, error: Exception) -> Response:
    message = f"A fault of the server, {type(error).__name__}; its log says more."
    return JSONResponse({"error": message}, 500)


_ERRORS: Any = {Refusal: _refused, HTTPException: _not_found, Exception: _failed}
