"""Begins the stage anew when the cluster loses a machine.

Daft 0.7 waits for ever for the tasks that ran there. So a thread looks at the nodes, and when one
is gone it starts this process again from its beginning, in its own place: the next attempt runs on
the nodes that are left, and writes the same bytes.
"""

import os
import sys
import threading
import time
from typing import Any

from xuxie.engine.settings import EngineSettings
from xuxie.errors import ExitCode

SECONDS = 2.0
ATTEMPT = "XUXIE_ENGINE_ATTEMPT"


def watch(ray: Any, settings: EngineSettings) -> None:
    """Look at the nodes from now on, beside the work."""
    nodes = alive(ray)
    threading.Thread(target=until_one_is_gone, args=(ray, nodes, settings), daemon=True).start()


def alive(ray: Any) -> set[str]:
    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}


def until_one_is_gone(ray: Any, nodes: set[str], settings: EngineSettings) -> None:
    while nodes <= alive(ray):
        time.sleep(SECONDS)
    begin_anew(settings)


def begin_anew(settings: EngineSettings) -> None:
    """Start this process again in its own place, as often as the settings allow."""
    attempt = int(os.environ.get(ATTEMPT, "1"))
    if attempt >= settings.attempts:
        print(
            f"错误 error: Ray 集群失去了机器，已试 {attempt} 次；请检查集群，或用 engine=native"
            f" | the Ray cluster lost machines in {attempt} attempts;"
            " check the cluster, or use engine=native",
            file=sys.stderr,
            flush=True,
        )
        os._exit(ExitCode.UNAVAILABLE)
    print(
        f"集群失去一台机器，重新开始（第 {attempt + 1} 次）"
        f" | the cluster lost a machine: beginning anew (attempt {attempt + 1})",
        flush=True,
    )
    os.environ[ATTEMPT] = str(attempt + 1)
    os.execv(sys.executable, sys.orig_argv)
