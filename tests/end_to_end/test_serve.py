"""`automl serve`, as a person starts it and ends it."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from automl.export.predictor import load_predictor
from automl.export.savedmodel import export_savedmodel
from tests.automl.serving_models import Client
from tests.automl.tiny_models import network_of, raw_inputs, spec_of

pytestmark = pytest.mark.slow

CLIENTS = 100


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "run"
    spec = spec_of("image", "classification")
    export_savedmodel(network_of(spec), spec, folder / "best" / "saved_model")
    return folder


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "automl", "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def server(run: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with start(run, "--port", "0", "--name", "digits", "--host", "0.0.0.0") as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_a_hundred_clients_are_served_until_ctrl_c(
    server: tuple[subprocess.Popen[str], str], run: Path
) -> None:
    process, url = server
    assert urlsplit(url).path == "/v1/models/digits:predict"
    client = Client(urlsplit(url).port or 0)
    predictor = load_predictor(run)
    images = raw_inputs(predictor.spec, (9, 7), count=10)
    expected = predictor.predict(images)

    def ask(number: int) -> bool:
        image = images[number % 10].tolist()
        if number % 10 == 3:
            status, answer = client.ask(urlsplit(url).path, b'{"instances": [[')
            return status == 400 and "JSON" in answer["error"]
        body = json.dumps({"instances": [image]}).encode()
        status, answer = client.ask(urlsplit(url).path, body)
        found = answer["predictions"][0]["probabilities"]
        return status == 200 and found == pytest.approx(expected[number % 10])

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert all(clients.map(ask, range(4 * CLIENTS)))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    warning, hint = said.splitlines()
    assert "neither a password" in warning
    assert "Ctrl-C" in hint


@pytest.mark.parametrize("name", ["a/b", "", "ä b"])
def test_a_name_that_is_no_name_is_one_sentence(run: Path, name: str) -> None:
    with start(run, "--port", "0", "--name", name) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert repr(name) in said
    assert said.count("\n") == 1


def test_a_port_in_use_and_no_model_are_one_sentence_each(run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start(run, "--port", port) as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert (port in said, said.count("\n")) == (True, 1)
    with start(run / "nothing", "--port", "0") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert ("There is no model at" in said, said.count("\n")) == (True, 1)
