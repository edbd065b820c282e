"""A job for a worker that is left alone."""

import os
import time
from typing import Any


def say_and_hang(_: None, channel: Any) -> None:
    channel.send(os.getpid())
    time.sleep(900)
