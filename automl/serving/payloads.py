"""The JSON of TensorFlow Serving's REST interface, to arrays and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np
import tensorflow as tf

from automl.serving.model import DEFAULT_SIGNATURE, Arrays, Signature
from automl.serving.refusal import Refusal

_BASE64 = "b64"


@dataclass(frozen=True)
class Question:
    """What a client asks.

    Attributes:
        signature: The name of a signature.
        inputs: A batch that fits it.
        rows: Whether the answer is a list of rows, or else a column for each output.
    """

    signature: str
    inputs: np.ndarray
    rows: bool


def read_question(body: bytes, signatures: Mapping[str, Signature]) -> Question:
    """Return what the body of a `:predict` request asks.

    Raises:
        Refusal: If it is malformed, or does not fit the signature.
    """
    request = json_object(body)
    name = request.get("signature_name", DEFAULT_SIGNATURE)
    if not isinstance(name, str) or name not in signatures:
        known = ", ".join(signatures)
        raise Refusal(f"signature_name {name!r:.80} is not known; it can be {known}.")
    if ("instances" in request) == ("inputs" in request):
        raise Refusal("Give `instances`, a list of rows, or else `inputs`, a column.")
    signature = signatures[name]
    rows = "instances" in request
    read = _rows if rows else _column
    values = read(request["instances" if rows else "inputs"], signature.input.name)
    return Question(name, batch_of(values, signature), rows)


def write_answer(outputs: Arrays, *, rows: bool) -> bytes:
    """Return the body that answers with a batch of each output.

    Where there is one output alone, its values stand without its name.

    Raises:
        Refusal: If an output is no finite number.
    """
    columns = {name: _plain(values) for name, values in outputs.items()}
    answer: Any = columns
    if len(columns) == 1:
        (answer,) = columns.values()
    elif rows:
        each = zip(*columns.values(), strict=True)
        answer = [dict(zip(columns, row, strict=True)) for row in each]
    return encode({"predictions" if rows else "outputs": answer})


def encode(answer: dict[str, Any]) -> bytes:
    """Return an answer as JSON.

    Raises:
        Refusal: If a number of it is not finite.
    """
    try:
        return json.dumps(answer, allow_nan=False).encode()
    except ValueError as error:
        raise Refusal(
            "The model's answer is no finite number; its input is larger than it can "
            "compute with."
        ) from error


def _plain(values: np.ndarray) -> list[Any]:
    if values.dtype == object:
        return [value.decode("utf-8", "replace") for value in values]
    plain: list[Any] = values.tolist()
    return plain


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body holds.

    Raises:
        Refusal: If it holds none.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"The body is no JSON that can be read: {error}.") from error
    if not isinstance(request, dict):
        raise Refusal("The body has to be a JSON object.")
    return request


def _rows(instances: Any, name: str) -> list[Any]:
    """Return the value of the input in each row."""
    if not isinstance(instances, list) or not instances:
        raise Refusal("`instances` has to be a list of at least one row.")
    return [_value(row, name, "each of `instances`") for row in instances]


def _column(inputs: Any, name: str) -> list[Any]:
    values = _value(inputs, name, "`inputs`")
    if not isinstance(values, list) or not values:
        raise Refusal("`inputs` has to be a list of at least one value.")
    return values


def _value(given: Any, name: str, where: str) -> Any:
    """Return what stands alone, or under the name of the input."""
    if not isinstance(given, dict) or _BASE64 in given:
        return given
    if set(given) != {name}:
        found = ", ".join(given) or "nothing"
        raise Refusal(f"{where} has to name {name} alone; it names {found:.80}.")
    return given[name]


def batch_of(values: list[Any], signature: Signature) -> np.ndarray:
    """Return values as JSON has them as a batch that fits a signature.

    Raises:
        Refusal: If they do not fit it.
    """
    text = signature.input.dtype == tf.string
    batch = _strings(values, signature) if text else _numbers(values, signature)
    if not signature.input.shape.is_compatible_with(batch.shape) or not batch.size:
        wanted = ", ".join(
            "any" if n is None else str(n) for n in signature.input.shape
        )
        given = ", ".join(map(str, batch.shape))
        raise Refusal(
            f"{signature.input.name} takes the shape ({wanted}), the batch first; "
            f"({given}) was given."
        )
    return batch


def _strings(values: list[Any], signature: Signature) -> np.ndarray:
    return np.array([_string(value, signature.input.name) for value in values], object)


def _string(value: Any, name: str) -> bytes:
    try:
        if isinstance(value, str) and name != "bytes":
            return value.encode()
        if isinstance(value, dict) and isinstance(value.get(_BASE64), str):
            return base64.b64decode(value[_BASE64], validate=True)
    except ValueError as error:  # of the text, or of its base 64
        raise Refusal(f"A string of {name} can't be read: {error}.") from error
    wanted = '{"b64": "..."}' if name == "bytes" else 'strings, or {"b64": "..."}'
    raise Refusal(f"{name} takes {wanted}; {value!r:.40} was given.")


def _numbers(values: list[Any], signature: Signature) -> np.ndarray:
    name, dtype = signature.input.name, signature.input.dtype.as_numpy_dtype
    try:
        found = np.asarray(values)
        if found.dtype == object and signature.takes_missing:
            found = _with_missing(found)
    except (ValueError, TypeError, OverflowError) as error:
        raise Refusal(
            f"{name} takes rows of numbers of one shape; these differ or are none."
        ) from error
    if found.dtype.kind not in "iuf":
        raise Refusal(f"{name} takes {dtype.__name__} numbers alone.")
    with np.errstate(all="ignore"):
        batch = found.astype(dtype)
    fits = _fits(found, batch, takes_missing=signature.takes_missing)
    if not fits.all():
        wrong = found[~fits].flat[0]
        raise Refusal(f"{name} takes {dtype.__name__} numbers; {wrong} is none.")
    return batch


def _with_missing(found: np.ndarray) -> np.ndarray:
    """Return numbers, NaN where `null` stands for a missing one.

    Raises:
        TypeError: If something else is among them.
        OverflowError: If a number is too large.
    """
    if any(type(value) not in (int, float, NoneType) for value in found.flat):
        raise TypeError("neither a number nor null")
    return found.astype(np.float64)


def _fits(found: np.ndarray, batch: np.ndarray, *, takes_missing: bool) -> np.ndarray:
    """Return which numbers of the batch are what they were."""
    fits: np.ndarray = batch == found
    if batch.dtype.kind == "f":  # rounded, but never to infinity
        fits = np.isfinite(batch) | (np.isnan(found) & takes_missing)
    return fits
