"""Waiting for another process, with an end."""

import socket
import time
from collections.abc import Callable

PATIENCE = 90.0


def wait_until(happened: Callable[[], object], patience: float = PATIENCE) -> None:
    """Look again and again until `happened()` is true; fail after `patience` seconds."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
