"""What one request, and all of them together, may take."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from PIL import Image
from starlette.requests import ClientDisconnect, Request

from automl.serving.refusal import Refusal


@dataclass(frozen=True)
class Limits:
    """What requests may take.

    Attributes:
        body_bytes: Size of one body.
        held_bytes: Size of all bodies that are being read and answered.
        read_seconds: Until a body has arrived.
        answer_seconds: Until the model has answered it.
        pixels: Of all encoded images in one body, once decoded.
        connections: Open at the same time.
    """

    body_bytes: int = 16 * 2**20
    held_bytes: int = 256 * 2**20
    read_seconds: float = 30.0
    answer_seconds: float = 60.0
    pixels: int = 50_000_000
    connections: int = 512


class Admission:
    """Takes bodies in, as long as there is room for them."""

    def __init__(self, limits: Limits) -> None:
        """Take the limits."""
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the body of a request; its room is free again after the block.

        Raises:
            Refusal: If it is too large, too slow, or there is no room for it.
        """
        body = bytearray()
        try:
            await self._read(request, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _read(self, request: Request, body: bytearray) -> None:
        seconds, most = self._limits.read_seconds, self._limits.body_bytes
        size = 0
        try:
            async with asyncio.timeout(seconds):
                async for part in request.stream():
                    size += len(part)
                    # What is too large is read on, or its client would not listen.
                    if size <= most:
                        body += part
                        self._held += len(part)
                        self._check_room()
        except TimeoutError as error:
            raise Refusal(f"The body took longer than {seconds:g} s.", 408) from error
        except ClientDisconnect as error:
            raise Refusal("The client has gone.") from error
        if size > most:
            raise Refusal(
                f"The body has {size} bytes; send at most {most}.",
                413,
            )

    def _check_room(self) -> None:
        if self._held > self._limits.held_bytes:
            raise Refusal("There is no room for more at the moment; try again.", 503)


def check_images(encoded: Iterable[bytes], limits: Limits) -> None:
    """Refuse what is no image, and images too large to be decoded.

    A file of some kilobytes can hold more pixels than there is memory.

    Raises:
        Refusal: If it is so.
    """
    pixels = sum(_pixels(content) for content in encoded)
    if pixels > limits.pixels:
        raise Refusal(
            f"The images have {pixels} pixels together; send at most {limits.pixels}.",
            413,
        )


def _pixels(encoded: bytes) -> int:
    """Return how many pixels an image has, which its first bytes say."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(encoded)) as image:
                return image.width * image.height
    except Image.DecompressionBombError as error:
        raise Refusal(f"An image has too many pixels: {error}.", 413) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Refusal("The bytes are no image that can be decoded.") from error
