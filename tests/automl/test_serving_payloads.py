"""From JSON to arrays: what fits a signature, and what is refused."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from automl.serving.limits import Limits, check_images
from automl.serving.model import Signature
from automl.serving.payloads import Question, read_question, write_answer
from automl.serving.refusal import Refusal
from tests.automl.serving_models import sums


def signature(*shape: int | None, dtype: Any, name: str = "inputs") -> Signature:
    missing = dtype == tf.float32
    return Signature(tf.TensorSpec((None, *shape), dtype, name), {}, sums, missing)


SIGNATURES = {
    "serving_default": signature(None, None, 1, dtype=tf.uint8),
    "series": signature(None, 2, dtype=tf.float32),
    "volume": signature(None, None, None, 1, dtype=tf.uint16),
    "text": signature(dtype=tf.string),
    "serve_bytes": signature(dtype=tf.string, name="bytes"),
}


def read(request: Any) -> Question:
    return read_question(json.dumps(request).encode(), SIGNATURES)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"instances": [[[[0], [255]]]]}, np.array([[[[0], [255]]]], np.uint8)),
        ({"instances": [[[[7.0]]]]}, np.array([[[[7]]]], np.uint8)),
        ({"inputs": {"inputs": [[[[7]]]]}}, np.array([[[[7]]]], np.uint8)),
        (
            {"signature_name": "series", "inputs": [[[1, None], [0.5, float("nan")]]]},
            np.array([[[1, np.nan], [0.5, np.nan]]], np.float32),
        ),
        (
            {"signature_name": "volume", "inputs": [[[[[65535]]]]]},
            np.array([[[[[65535]]]]], np.uint16),
        ),
        (
            {"signature_name": "text", "instances": ["naïve", {"b64": "Z29vZA=="}]},
            np.array(["naïve".encode(), b"good"], object),
        ),
        (
            {
                "signature_name": "serve_bytes",
                "instances": [{"bytes": {"b64": "AP8="}}],
            },
            np.array([b"\x00\xff"], object),
        ),
        (
            {"signature_name": "serve_bytes", "inputs": {"bytes": [{"b64": "AP8="}]}},
            np.array([b"\x00\xff"], object),
        ),
    ],
)
def test_what_fits_is_taken_as_it_is(request_: Any, expected: np.ndarray) -> None:
    question = read(request_)
    assert question.rows == ("instances" in request_)
    assert question.inputs.dtype == expected.dtype
    np.testing.assert_array_equal(question.inputs, expected)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"instances": [[', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"1" * 5000, "no JSON"),
        (b'"instances"', "JSON object"),
        (b"{}", "`instances`"),
        (b'{"instances": [[[[1]]]], "inputs": [[[[1]]]]}', "`instances`"),
        (b'{"signature_name": "other", "instances": [1]}', "'other' is not known"),
        (b'{"signature_name": ["text"], "instances": [1]}', "is not known"),
    ],
)
def test_what_is_no_question_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as refusal:
        read_question(body, SIGNATURES)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("name", "instances", "reason"),
    [
        ("serving_default", [], "at least one"),
        ("serving_default", {}, "at least one"),
        ("serving_default", None, "at least one"),
        ("serving_default", [[]], "shape"),
        ("serving_default", [[[[1, 2, 3]]]], r"\(1, 1, 1, 3\) was given"),
        ("serving_default", [[1, 2]], "shape"),
        ("serving_default", [[[[]]]], "shape"),
        ("serving_default", [[[[1]]], [[[1], [2]]]], "one shape"),
        ("serving_default", [[[[256]]]], "256 is none"),
        ("serving_default", [[[[-1]]]], "-1 is none"),
        ("serving_default", [[[[0.5]]]], "0.5 is none"),
        ("serving_default", [[[[float("nan")]]]], "nan is none"),
        ("serving_default", [[[[10**30]]]], "numbers alone"),
        ("serving_default", [[[[1e300]]]], "is none"),
        ("serving_default", [[[[True]]]], "numbers alone"),
        ("serving_default", [[[["1"]]]], "numbers alone"),
        ("serving_default", [[[[None]]]], "numbers alone"),
        ("serving_default", [{"pixels": [[[1]]]}], "names pixels"),
        ("serving_default", [{}], "names nothing"),
        ("serving_default", [{"b64": "AA=="}], "numbers alone"),
        ("series", [[[1, float("inf")]]], "inf is none"),
        ("series", [[[1, 1e39]]], "is none"),
        ("series", [[[1, {}]]], "none"),
        ("series", [[[None, 10**400]]], "none"),
        ("series", [[[1, 10**400]]], "none"),
        ("series", [[[None, "7"]]], "none"),
        ("series", [[[None, True]]], "none"),
        ("text", [1], "1 was given"),
        ("text", [["a"]], "was given"),
        ("text", ["\ud800"], "can't be read"),
        ("serve_bytes", ["plain"], "b64"),
        ("serve_bytes", [{"b64": "???"}], "can't be read"),
        ("serve_bytes", [{"b64": "\N{LATIN SMALL LETTER E WITH ACUTE}"}], "can't be"),
        ("serve_bytes", [{"b64": 5}], "was given"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, instances: Any, reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as refusal:
        read({"signature_name": name, "instances": instances})
    assert refusal.value.status == 400
    assert len(str(refusal.value)) < 300


def test_outputs_stand_under_their_names() -> None:
    outputs = {
        "label": np.array(["Ölig".encode(), b"<b>"], object),
        "labels": np.array([[True], [False]]),
        "score": np.array([0.5, 0.25], np.float32),
    }
    assert json.loads(write_answer(outputs, rows=True)) == {
        "predictions": [
            {"label": "Ölig", "labels": [True], "score": 0.5},
            {"label": "<b>", "labels": [False], "score": 0.25},
        ]
    }
    assert json.loads(write_answer(outputs, rows=False))["outputs"] == {
        "label": ["Ölig", "<b>"],
        "labels": [[True], [False]],
        "score": [0.5, 0.25],
    }


def encoded(mode: str, size: tuple[int, int], *, suffix: str = "png") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, suffix)
    return file.getvalue()


def test_images_are_looked_at_before_they_are_decoded() -> None:
    small = [encoded("RGB", (30, 20)), encoded("L", (3, 2), suffix="gif")]
    check_images(small, Limits())
    with pytest.raises(Refusal, match="no image"):
        check_images([*small, b"\x89PNG but no more"], Limits())
    # Some kilobytes that would take gigabytes.
    for size in ((20_000, 9_000), (4_000, 4_000)):
        bomb = encoded("1", size)
        assert len(bomb) < 100_000
        with pytest.raises(Refusal, match="pixels") as refusal:
            check_images([bomb, bomb], Limits(pixels=20_000_000))
        assert refusal.value.status == 413


def test_base64_is_what_python_writes() -> None:
    content = bytes(range(256))
    value = {"b64": base64.b64encode(content).decode()}
    question = read({"signature_name": "serve_bytes", "inputs": [value]})
    assert question.inputs.tolist() == [content]
