"""The way to a Ray cluster."""

import os
from pathlib import Path
from typing import Any

from xuxie.errors import ExitCode, Refusal, first_line
from xuxie.stopping import take_signals

# No usage reports; processes that import torch on a busy machine may need minutes to start; and
# what they print is not to be logged and printed.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_TRAIN_ENABLE_PRINT_PATCH": "0",
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "600",
}


def ray_or_refusal() -> Any:
    """Ray's module, to be used as our settings want it.

    Raises:
        Refusal: (exit code 69) it is not installed.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise Refusal(
            ExitCode.UNAVAILABLE,
            "engine=ray 需要 Ray；请运行 pip install 'xuxie[ray]'",
            "engine=ray needs Ray; run pip install 'xuxie[ray]'",
        ) from None
    return ray


def connect(ray: Any, address: str, *, told: bool = False) -> None:
    """Workers import this checkout's code, not one that happens to be installed with them.

    Args:
        told: what the workers print is printed here.
    """
    code = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    try:
        ray.init(address=address, runtime_env={"env_vars": code}, log_to_driver=told)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise Refusal(
            ExitCode.UNAVAILABLE,
            f"连不上 Ray 集群 engine.address={address}（{first_line(error)}）",
            f"cannot reach the Ray cluster engine.address={address} ({first_line(error)})",
        ) from None
    take_signals()  # Ray's handler would end the process by itself
