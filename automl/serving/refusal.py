"""A request that is answered with an error."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer to a client, no fault of the server
    """A request that can't be answered as asked.

    Attributes:
        status: HTTP status code.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        """Take one sentence for the client."""
        super().__init__(message)
        self.status = status
