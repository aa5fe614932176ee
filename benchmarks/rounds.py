"""Lets several trainings take turns on one machine: each trains a round of steps, then waits.

Worker side: a training calls `Rounds.step` after each of its steps. Driver side: `Worker` starts
such a program and has it train one round at a time. They talk in JSON lines through pipes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Round:
    """seconds: of the clock; processor: of all cores together; loss: of the last step."""

    seconds: float
    processor: float
    loss: float


class Rounds:
    """
    Args:
        steps: of a round. The first round is for warming up: memory, caches, compilers.
    """

    def __init__(self, steps: int) -> None:
        self.steps, self.done = steps, 0
        # What a training prints must not come between the lines of the protocol.
        self.answers, sys.stdout = sys.stdout, sys.stderr
        self.begin()

    def begin(self) -> None:
        self.began = time.perf_counter(), time.process_time()

    def step(self, loss: float) -> None:
        """
        Raises:
            SystemExit: the driver has seen enough.
        """
        self.done += 1
        if self.done % self.steps:
            return
        ended = time.perf_counter(), time.process_time()
        answer = [ended[0] - self.began[0], ended[1] - self.began[1], loss]
        print(json.dumps(answer), file=self.answers, flush=True)
        if not sys.stdin.readline():
            raise SystemExit(0)
        self.begin()


class Worker:
    """A training in a process of its own; made, it has done its first round."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], **log: Any) -> None:
        self.words = words
        self.process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **log,
        )
        self.first = self.answer()

    def answer(self) -> Round:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(self.words)}: exit code {self.process.wait()}")
        return Round(*json.loads(line))

    def round(self) -> Round:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
