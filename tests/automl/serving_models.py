"""Models to serve, and a server in a thread."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
import uvicorn

from automl.serving.application import application
from automl.serving.limits import Limits
from automl.serving.model import DEFAULT_SIGNATURE, Arrays, ServedModel, Signature
from automl.serving.server import listen
from tests.automl.tiny_models import spec_of

SIZE = 3


def sums(batch: np.ndarray) -> Arrays:
    """Answer with the sum of each sample, which tells samples apart."""
    return {"value": batch.sum(axis=(1, 2))}


def summing_model(
    call: Callable[[np.ndarray], Arrays] = sums, *, takes_missing: bool = False
) -> ServedModel:
    """Return a model of series `(batch, any, 3)`, float32."""
    signature = Signature(
        tf.TensorSpec((None, None, SIZE), tf.float32, "inputs"),
        {"value": tf.TensorSpec((None,), tf.float32)},
        call,
        takes_missing,
    )
    spec = spec_of("series", "regression")
    return ServedModel(spec, {DEFAULT_SIGNATURE: signature})


class Client:
    """Asks a server, with a connection for each request."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, path: str, body: bytes | None = None, *, method: str | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method or ("POST" if body else "GET"), path, body)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def headers(self, path: str, *, method: str) -> http.client.HTTPMessage:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path)
            return connection.getresponse().headers
        finally:
            connection.close()

    def predict(self, request: Any) -> tuple[int, Any]:
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        return self.ask("/v1/models/model:predict", body)


@contextmanager
def served(model: ServedModel, limits: Limits | None = None) -> Iterator[Client]:
    """Serve a model in a thread of this process."""
    app = application(model, "model", limits=limits)
    config = uvicorn.Config(app, log_config=None, ws="none")
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        run = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        run.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Client(listener.getsockname()[1])
        finally:
            server.should_exit = True
            run.join()
