"""`automl serve` under 100 clients at once, with one request in ten malformed.

Starts the command in a process of its own and counts the good requests that failed or
were answered with anything but what the model says when it is called directly, and the
malformed ones that were not refused as they should be. Prints the server's memory at
the start and after each quarter, and its throughput as a share of calling the model
directly with the same samples, one after another: by the wall clock, which the clients
share with the server, and by the processor time of each process.

    PYTHONPATH=. python benchmarks/serving.py [--seconds 300] [--clients 100]
        [--network lenet5] [--size 28] [--encoded]
"""

from __future__ import annotations

import argparse
import base64
import http.client
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import keras
import keras_tuner
import numpy as np
import psutil
from PIL import Image

from automl.export.savedmodel import export_savedmodel
from automl.serving.model import Signature, load_served
from automl_datasets.spec import DataSpec
from automl_search_spaces.inference import inference_model
from automl_search_spaces.space import SearchSpace
from benchmarks.printing import say
from tests.search_spaces.specs import make_spec

_SAMPLES = 64
_MALFORMED_EVERY = 10
_TOLERANCE = 1e-4
_DIRECT_SECONDS = 5.0
_QUARTERS = 4


@dataclass(frozen=True)
class Good:
    """A request, and the probabilities that the model gives when called directly."""

    body: bytes
    expected: list[float]


@dataclass
class Tally:
    """What the clients saw."""

    good: int = 0
    malformed: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


#: Bodies that have to be refused, with their status codes.
MALFORMED: tuple[tuple[bytes, int], ...] = (
    (b'{"instances": [[', 400),
    (b"\xff\xfe", 400),
    (b"[]", 400),
    (b"{}", 400),
    (b'{"instances": []}', 400),
    (b'{"instances": [1, 2, 3]}', 400),
    (b'{"instances": [[[[1]], [[NaN]]]]}', 400),
    (b'{"instances": [[[[1]], [[256]]]]}', 400),
    (b'{"instances": [[[[1]], [["one"]]]]}', 400),
    (b'{"instances": [[[[1]], [[1], [2]]]]}', 400),
    (b'{"instances": [{"pixels": [[[1]]]}]}', 400),
    (b'{"signature_name": "none", "instances": [[[[1]]]]}', 400),
    (b'{"signature_name": "serve_bytes", "instances": [{"b64": "bm8="}]}', 400),
    (b'{"signature_name": "serve_bytes", "instances": [{"b64": "!"}]}', 400),
    (b"[" * 100_000, 400),
)


def export_network(folder: Path, network: str, size: int) -> Path:
    """Write a SavedModel of an untrained landmark for grey images."""
    spec: DataSpec = make_spec(shape=(size, size, 1), classes=10)
    space = SearchSpace(spec, max_epochs=1)
    landmarks = {landmark.name: landmark for landmark in space.landmarks()}
    hp = keras_tuner.HyperParameters()
    hp.values = dict(landmarks[network].values)
    keras.utils.set_random_seed(0)
    export_savedmodel(inference_model(space.build(hp)), spec, folder / "saved_model")
    return folder / "saved_model"


def make_requests(
    signatures: Any, size: int, *, encoded: bool
) -> tuple[Signature, list[np.ndarray], list[Good]]:
    """Return a signature, batches of one sample for it, and the same as requests."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (_SAMPLES, size, size, 1), np.uint8)
    name = "serve_bytes" if encoded else "serving_default"
    signature = signatures[name]
    batches, requests = [], []
    for image in images:
        value = image.tolist()
        batch: Any = image[None]
        if encoded:
            content = png_of(image)
            value = {"b64": base64.b64encode(content).decode()}
            batch = np.array([content], object)
        body = json.dumps({"signature_name": name, "instances": [value]}).encode()
        expected = signature.call(batch)["probabilities"][0].tolist()
        batches.append(batch)
        requests.append(Good(body, expected))
    return signature, batches, requests


def png_of(image: np.ndarray) -> bytes:
    """Return a grey image `(height, width, 1)` as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image[..., 0]).save(file, "png")
    return file.getvalue()


def call_directly(
    signature: Signature, batches: list[np.ndarray]
) -> tuple[float, float]:
    """Return samples a second, by the wall clock and by processor time."""
    count, wall, processor = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < _DIRECT_SECONDS:
        signature.call(batches[count % len(batches)])
        count += 1
    return (
        count / (time.perf_counter() - wall),
        count / (time.process_time() - processor),
    )


@contextmanager
def serving(model: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the process that serves a model, and its address."""
    command = [sys.executable, "-m", "automl", "serve", str(model), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()


class Client:
    """One client that keeps its connection."""

    def __init__(self, url: str) -> None:
        """Take the address of predictions."""
        self._parts = urlsplit(url)
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        return http.client.HTTPConnection(host, port, timeout=90)

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Return status code and body of the answer."""
        try:
            self._connection.request("POST", self._parts.path, body)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            self._connection = self._connect()
            raise


def ask_until(
    end: float, client: Client, requests: list[Good], number: int, tally: Tally
) -> None:
    """Send good and malformed requests in turn, and tally what came back."""
    turn = number
    while time.monotonic() < end:
        turn += 1
        malformed = turn % _MALFORMED_EVERY == 0
        began = time.monotonic()
        wrong = (
            ask_malformed(client, turn // _MALFORMED_EVERY)
            if malformed
            else ask_good(client, requests[turn % len(requests)])
        )
        with tally.lock:
            tally.malformed += malformed
            tally.good += not malformed
            tally.latencies.append(time.monotonic() - began)
            if wrong:
                tally.wrong[f"{'malformed' if malformed else 'good'}: {wrong}"] += 1


def ask_good(client: Client, request: Good) -> str:
    """Return what was wrong with the answer, if anything."""
    try:
        status, answer = client.post(request.body)
    except (http.client.HTTPException, OSError) as error:
        return type(error).__name__
    if status != http.HTTPStatus.OK:
        return f"status {status}"
    found = json.loads(answer)["predictions"][0]["probabilities"]
    return "" if np.allclose(found, request.expected, atol=_TOLERANCE) else "differs"


def ask_malformed(client: Client, turn: int) -> str:
    """Return what was wrong with the refusal, if anything."""
    body, expected = MALFORMED[turn % len(MALFORMED)]
    try:
        status, answer = client.post(body)
    except (http.client.HTTPException, OSError) as error:
        return type(error).__name__
    if status != expected:
        return f"status {status} instead of {expected} for {body[:40]!r}"
    return "" if "error" in json.loads(answer) else "no error is named"


def benchmark(options: argparse.Namespace) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        model = export_network(Path(folder), options.network, options.size)
        signature, batches, requests = make_requests(
            load_served(model).signatures, options.size, encoded=options.encoded
        )
        direct = call_directly(signature, batches)
        with serving(model) as (process, url):
            load(process, url, requests, options, direct)


def load(
    process: subprocess.Popen[str],
    url: str,
    requests: list[Good],
    options: argparse.Namespace,
    direct: tuple[float, float],
) -> None:
    """Let the clients loose, and print what came of it."""
    tally, server = Tally(), psutil.Process(process.pid)
    ask_good(Client(url), requests[0])
    began, used = time.monotonic(), processor_seconds(server)
    memory = [megabytes(server)]
    end = began + options.seconds
    threads = [
        threading.Thread(target=ask_until, args=(end, Client(url), requests, n, tally))
        for n in range(options.clients)
    ]
    for thread in threads:
        thread.start()
    for quarter in range(1, _QUARTERS + 1):
        time.sleep(
            max(began + options.seconds * quarter / _QUARTERS - time.monotonic(), 0)
        )
        memory.append(megabytes(server))
    for thread in threads:
        thread.join()
    wall = time.monotonic() - began
    used = processor_seconds(server) - used
    say(
        f"{options.clients} clients, {wall:.0f} s, {options.network}, {options.size} px"
    )
    say(f"good requests       {tally.good}, malformed {tally.malformed}")
    say(f"not as they should  {dict(tally.wrong) or 'none'}")
    say(f"memory, MB          {', '.join(f'{size:.0f}' for size in memory)}")
    p50, p95 = np.percentile(tally.latencies, [50, 95]) * 1000
    say(f"latency, ms         median {p50:.1f}, 95th percentile {p95:.1f}")
    rate = tally.good / wall, tally.good / used
    say(f"by the wall clock   {rate[0]:.0f}/s, directly {direct[0]:.0f}/s: "
        f"{rate[0] / direct[0]:.0%}")  # fmt: skip
    say(f"by processor time   {rate[1]:.0f}/s, directly {direct[1]:.0f}/s: "
        f"{rate[1] / direct[1]:.0%}")  # fmt: skip


def processor_seconds(process: psutil.Process) -> float:
    """Return what a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def megabytes(process: psutil.Process) -> float:
    """Return the resident memory of a process."""
    return float(process.memory_info().rss) / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--network", default="lenet5")
    parser.add_argument("--size", type=int, default=28)
    parser.add_argument("--encoded", action="store_true", help="send PNG files")
    benchmark(parser.parse_args())
