"""Runs a command and measures it: wall time, and the peak memory of its whole process tree."""

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PAUSE = 0.2  # seconds between two looks at the tree


@dataclass(frozen=True)
class Run:
    """peak_mib: proportional set sizes added up, so that shared pages count once."""

    seconds: float
    peak_mib: float
    code: int
    output: str


class Sampler(threading.Thread):
    """Looks at a process and its descendants until it is told to stop."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.peak, self.over = process, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(PAUSE):
            self.peak = max(self.peak, tree_memory(self.process))


def tree_memory(process: int) -> int:
    """Bytes of a process and its descendants: PSS where the system tells it, else RSS."""
    try:
        root = psutil.Process(process)
        members = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(memory(member) for member in members)


def memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def measured(
    words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Run:
    """Run `words` in `folder` to its end; standard output and errors together in `output`."""
    began = time.monotonic()
    with subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        sampler = Sampler(process.pid)
        sampler.start()
        output, _ = process.communicate()
        seconds = time.monotonic() - began
        sampler.over.set()
        sampler.join()
    return Run(seconds, sampler.peak / 2**20, process.returncode, output)


def succeeded(
    words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Run:
    """As `measured`; a command that fails ends the benchmark with what it wrote."""
    run = measured(words, folder, environment)
    if run.code:
        raise SystemExit(f"{' '.join(words)}\nexit code {run.code}\n{run.output[-4000:]}")
    return run
