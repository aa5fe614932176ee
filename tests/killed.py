"""A training in a process of its own, killed at a named point or short of memory."""

import contextlib
import functools
import importlib
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xuxie import config
from xuxie.entry import exit_codes

# Imports once what each of the many short trainings would import again.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["xuxie.train.stage", "killed"])


@dataclass(frozen=True)
class Job:
    """A training of `chosen` on finished tokens, in `folder`."""

    chosen: config.Config
    tokens: Path
    tokenizer: Path
    pretrained: Path
    folder: Path

    def run(self) -> None:
        from xuxie.train import stage

        with contextlib.chdir(self.folder):
            stage.run(
                self.chosen.train,
                self.chosen.model,
                self.chosen.track,
                tokens=self.tokens,
                tokenizer=self.tokenizer,
                pretrained=self.pretrained,
                out=Path("model"),
                metrics=Path("train.json"),
                curves=Path("loss.csv"),
            )

    def results(self) -> dict[str, bytes]:
        """What must not depend on what happened on the way."""
        names = ("model/model.safetensors", "model/manifest.json", "train.json", "loss.csv")
        return {name: (self.folder / name).read_bytes() for name in names}


def in_process(job: Job, point: str = "", count: int = 0) -> int:
    """Run the job to its end, or to the `count`-th call of `point`; the exit code, -9 if killed."""
    return exit_code(attempt, job, point, count)


def attempt(job: Job, point: str, count: int) -> None:
    redirect(job.folder / "output")
    if point:
        kill_at(point, count)
    job.run()


def within(job: Job, limit: int, room: int) -> int:
    """Run the job under a limit of the kernel; the exit code.

    Args:
        limit: resource.RLIMIT_AS, of which the process has `room` bytes more than it begins with,
            or resource.RLIMIT_FSIZE, the size of a file.
    """
    return exit_code(attempt_within, job, limit, room)


def attempt_within(job: Job, limit: int, room: int) -> None:
    redirect(job.folder / "output")
    if limit == resource.RLIMIT_AS:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        room += pages * resource.getpagesize()
    resource.setrlimit(limit, (room, room))
    with exit_codes():
        job.run()


def exit_code(target: Callable[..., None], *arguments: Any) -> int:
    """Of a process of its own that runs `target`; -N if signal N ended it."""
    process = PROCESSES.Process(target=target, args=arguments)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def redirect(path: Path) -> None:
    with path.open("a") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)


def kill_at(point: str, count: int) -> None:
    """Have the `count`-th call of the function that `point` names kill this process."""
    owner, name = locate(point)
    function: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, count + 1))

    @functools.wraps(function)
    def deadly(*args: Any, **options: Any) -> Any:
        if next(calls, 0) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **options)

    setattr(owner, name, deadly)


def locate(point: str) -> tuple[Any, str]:
    """`package.module:Class.method` as (Class, "method"); without a class, (module, "function")."""
    module, _, inside = point.partition(":")
    *classes, name = inside.split(".")
    owner: Any = importlib.import_module(module)
    for part in classes:
        owner = getattr(owner, part)
    return owner, name
