"""Places at which a test may kill this process: `FP=name` in the environment."""

import os
import signal


def reached(name: str) -> None:
    if os.environ.get("FP") == name:
        os.kill(os.getpid(), signal.SIGKILL)
