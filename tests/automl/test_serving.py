"""Questions over HTTP: what is answered, what is refused, and that it goes on."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from automl.errors import RequestError
from automl.serving import server
from automl.serving.limits import Limits
from automl.serving.model import Arrays
from automl.serving.server import listen, require_server
from tests.automl.serving_models import Client, served, summing_model, sums

ROW = [[1.0, 2.0, 3.0]]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served(summing_model()) as client:
        yield client


def is_answered_in_the_end(client: Client) -> bool:
    """Ask again while a busy machine takes longer than a tight limit allows."""
    return any(client.predict({"instances": [ROW]})[0] == 200 for _ in range(100))


def test_rows_and_columns_are_answered(client: Client) -> None:
    assert client.predict({"instances": [ROW, [[0, 1, 0]]]}) == (
        200,
        {"predictions": [6.0, 1.0]},
    )
    assert client.predict({"instances": [{"inputs": ROW}]})[1]["predictions"] == [6.0]
    assert client.predict({"inputs": [ROW]}) == (200, {"outputs": [6.0]})
    assert client.predict({"inputs": {"inputs": [ROW]}})[1] == {"outputs": [6.0]}


def test_it_says_what_it_is(client: Client) -> None:
    assert client.ask("/health") == (200, {"status": "ok"})
    for path in ("/v1/models/model", "/v1/models/model/versions/1"):
        status, answer = client.ask(path)
        assert status == 200
        assert answer["model_version_status"][0]["state"] == "AVAILABLE"
    status, answer = client.ask("/v1/models/model/metadata")
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    inputs = signatures["serving_default"]["inputs"]["inputs"]
    assert inputs["dtype"] == "DT_FLOAT"
    sizes = [dimension["size"] for dimension in inputs["tensor_shape"]["dim"]]
    assert sizes == ["-1", "-1", "3"]


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/", "GET", 404),
        ("/v1/models/other", "GET", 404),
        ("/v1/models/other:predict", "POST", 404),
        ("/v1/models/model:train", "POST", 404),
        ("/v1/models/model/versions/2:predict", "POST", 404),
        ("/v1/models/model:predict", "GET", 405),
        ("/health", "DELETE", 405),
    ],
)
def test_what_is_not_there_is_said(
    client: Client, path: str, method: str, expected: int
) -> None:
    status, answer = client.ask(path, b"{}", method=method)
    assert status == expected
    assert path in answer["error"]


def test_a_wrong_method_is_told_the_right_one(client: Client) -> None:
    headers = client.headers("/v1/models/model:predict", method="GET")
    assert headers["Allow"] == "POST"
    assert headers["Content-Type"] == "application/json"


def test_too_large_a_body_is_refused() -> None:
    with served(summing_model(), Limits(body_bytes=1000)) as client:
        for size in (1001, 5_000_000):
            status, answer = client.predict(b" " * size)
            assert (status, f"{size} bytes" in answer["error"]) == (413, True)
        assert client.predict({"instances": [ROW]})[0] == 200


def test_no_more_is_taken_in_than_there_is_room_for() -> None:
    with served(summing_model(), Limits(held_bytes=1000)) as client:
        for _ in range(3):  # what was refused gives its room back
            assert client.predict(b" " * 2000)[0] == 503
            assert client.predict(b" " * 900)[0] == 400
        assert client.predict({"instances": [ROW]})[0] == 200


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    with served(summing_model(), Limits(read_seconds=0.1)) as client:
        with socket.create_connection(("127.0.0.1", client.port)) as connection:
            connection.sendall(
                b"POST /v1/models/model:predict HTTP/1.1\r\nHost: x\r\n"
                b"Content-Length: 100\r\n\r\n{"
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 408")
        assert is_answered_in_the_end(client)


def test_a_client_that_goes_away_is_forgotten(client: Client) -> None:
    for start in (b"POST /v1/models/model:predict HTTP/1.1\r\n", b"\x16\x03nonsense"):
        with socket.create_connection(("127.0.0.1", client.port)) as connection:
            connection.sendall(start + b"Host: x\r\nContent-Length: 100\r\n\r\n{")
    assert client.predict({"instances": [ROW]})[0] == 200


def test_an_answer_that_takes_too_long_is_not_waited_for() -> None:
    go_on = threading.Event()

    def slow(batch: np.ndarray) -> Arrays:
        go_on.wait(30)
        return sums(batch)

    with served(summing_model(slow), Limits(answer_seconds=0.1)) as client:
        status, answer = client.predict({"instances": [ROW]})
        assert (status, "No answer within 0.1 s" in answer["error"]) == (503, True)
        assert client.ask("/health")[0] == 200  # in the meantime
        go_on.set()
        assert is_answered_in_the_end(client)


@pytest.mark.parametrize(
    "error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "no room")]
)
def test_a_batch_that_needs_too_much_memory_is_refused(error: Exception) -> None:
    def large(batch: np.ndarray) -> Arrays:
        if (batch > 9).any():
            raise error
        return sums(batch)

    with served(summing_model(large)) as client:
        status, answer = client.predict({"instances": [[[10, 0, 0]]]})
        assert (status, "too much memory" in answer["error"]) == (503, True)
        assert client.predict({"instances": [ROW]})[0] == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_model_does_not_end_the_server() -> None:
    def faulty(batch: np.ndarray) -> Arrays:
        if (batch > 9).any():
            raise KeyError("nine")
        return sums(batch)

    with served(summing_model(faulty)) as client:
        status, answer = client.predict({"instances": [[[10, 0, 0]]]})
        assert (status, "KeyError" in answer["error"]) == (500, True)
        assert client.predict({"instances": [ROW]})[0] == 200


def test_an_answer_that_is_no_number_is_an_error() -> None:
    def overflowing(batch: np.ndarray) -> Arrays:
        return {"value": np.full(len(batch), np.nan, np.float32)}

    with served(summing_model(overflowing)) as client:
        status, answer = client.predict({"instances": [ROW]})
        assert (status, "no finite number" in answer["error"]) == (400, True)


def test_a_hundred_clients_get_their_own_answers(client: Client) -> None:
    def ask(number: int) -> bool:
        rows = [[[number, i, 0]] * (1 + number % 2) for i in range(1 + number % 3)]
        if number % 10 == 0:
            return client.predict(b'{"instances": [[')[0] == 400
        expected = [(number + i) * (1 + number % 2) for i in range(1 + number % 3)]
        return client.predict({"instances": rows}) == (200, {"predictions": expected})

    with ThreadPoolExecutor(100) as clients:
        assert all(clients.map(ask, range(300)))


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    require_server()
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match=r"uvicorn.*conv-automl\[serve\]"):
        require_server()


def test_a_port_in_use_is_one_sentence() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(RequestError, match=f"port {port}.*--port"):
            listen("127.0.0.1", port)
    with pytest.raises(RequestError, match=r"256\.0\.0\.1"):
        listen("256.0.0.1", 0)
