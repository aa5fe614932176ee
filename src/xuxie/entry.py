"""How a stage starts and ends: its settings and paths, signals, exit codes, time and memory.

`python -m xuxie.ROOM --name path ...` is what DVC runs. With Hydra overrides instead
(`python -m xuxie.train train.seed=2`) the stage runs by hand: it reads what the pipeline's stage
reads and writes below scratch/, outside DVC's record.
"""

import atexit
import ctypes
import errno
import gc
import os
import re
import resource
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from xuxie import config
from xuxie.errors import ExitCode, Refusal, bad_parameters
from xuxie.stopping import Stopped, listen_for_signals
from xuxie.store.journal import append

PARAMS = Path("params.yaml")
# Nothing reaches the network unless the configuration names it: the libraries' usage reports are
# switched off. OpenMP threads sleep while they wait: spinning ones made 20 steps take 6 to 28 s
# instead of 0.9 s where cores are shared. Both are read when the libraries are imported.
ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DVC_NO_ANALYTICS": "true",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "true",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
# New objects before Python looks for dead cycles; 10,000 and 50,000 give no more than 5,000.
COLLECT_AFTER = 5_000
SCRATCH = Path("scratch")
# In the environment of a sweep's trials: the sweep's name.
SWEEP = "XUXIE_SWEEP"
# What a line begins with that says why a process ended.
ERROR = "错误 error: "
# No room, file too large, over quota, read-only, forbidden: the user can mend these.
STORAGE_ERRORS = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EACCES}


@dataclass(frozen=True)
class Stage:
    """What a stage's `__main__` gets: checked settings and the paths dvc.yaml gave it."""

    config: config.Config
    paths: dict[str, Path]

    def path(self, name: str) -> Path:
        if name not in self.paths:
            raise bad_parameters(f"缺少参数 --{name}", f"the argument --{name} is missing")
        return self.paths[name]


@contextmanager
def stage_process(room: str, argv: list[str] | None = None) -> Iterator[Stage]:
    """Run a stage's body as a process: every way out of it has a documented exit code."""
    began = time.monotonic()
    set_environment()
    with exit_codes():
        listen_for_signals()
        die_with_launcher()
        yield prepare(room, sys.argv[1:] if argv is None else argv)
        if SWEEP not in os.environ:
            record_cost(room, time.monotonic() - began)


def set_environment() -> None:
    """What each process of ours begins with, before it imports a library."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # torch and transformers bring 400,000 objects that all stay. Python looks for dead cycles among
    # them again and again as they come, and once more at the end. Seldom, and at the end not at
    # all: to import GPT-2 and end takes 8.5 instead of 11.2 s (AMD EPYC, medians of 3 by turns).
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn refusals, signals and full disks into one line on stderr and an exit code."""
    try:
        yield
    except Refusal as refusal:
        sys.exit(tell(f"{ERROR}{refusal}", refusal.code))
    except Stopped as stop:
        sys.exit(tell("已停止，未写入任何结果 | stopped; no result was written", stop.code))
    except Exception as error:
        if storage_error(error) not in STORAGE_ERRORS:
            raise
        sys.exit(tell(no_storage(error), ExitCode.STORAGE))


def storage_error(error: Exception) -> int | None:
    """The error's errno, also where a library written in Rust has put it into its message."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None


def no_storage(error: Exception) -> str:
    number = storage_error(error) or 0
    name, why = getattr(error, "filename", None), os.strerror(number)
    where = f" {name}" if name else ""
    return (
        f"{ERROR}无法读写{where}（{why}）；请清理磁盘或检查权限后重新运行"
        f" | cannot read or write{where} ({why}); free some disk or mend the permissions,"
        " then run it again"
    )


def tell(message: str, code: ExitCode) -> int:
    print(message, file=sys.stderr, flush=True)
    return int(code)


def die_with_launcher() -> None:
    """Under DVC, or as a trial, ask Linux for a SIGTERM when the launcher dies.

    An orphan would write into a later run.

    `cmd` in dvc.yaml begins with exec, so that our parent is dvc itself and not its shell.
    """
    if {"DVC_STAGE", SWEEP} & set(os.environ) and sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def prepare(room: str, argv: list[str]) -> Stage:
    if {"-h", "--help"} & set(argv):
        print(usage(room))
        sys.exit(0)
    overrides = [word for word in argv if not word.startswith("--") and "=" in word]
    flags = [word for word in argv if word not in overrides]
    if flags and not overrides:
        paths = parse_paths(flags)
        return Stage(config.load(paths.pop("params", PARAMS)), paths)
    from xuxie.params.compose import compose

    paths = parse_paths(flags) | {}
    return Stage(config.check(compose(Path("conf"), overrides)), paths_by_hand(room) | paths)


def usage(room: str) -> str:
    stage = declared(room)
    return (
        f"{stage['desc']}\n\n"
        f"由 DVC 运行 as DVC runs it:\n  {' '.join(stage['cmd'].split())}\n\n"
        f"手工运行，结果写入 {SCRATCH}/ by hand, writing below {SCRATCH}/:\n"
        f"  python -m xuxie.{room} KEY=VALUE ... [--NAME PATH ...]"
    )


def declared(room: str) -> dict[str, Any]:
    """The stage of this name in dvc.yaml."""
    stage: dict[str, Any] = yaml.safe_load(Path("dvc.yaml").read_text())["stages"][room]
    return stage


def parse_paths(words: list[str]) -> dict[str, Path]:
    """`--tokens data/tokens` as {"tokens": Path("data/tokens")}."""
    names, values = words[::2], words[1::2]
    if len(names) != len(values) or not all(name.startswith("--") for name in names):
        raise bad_parameters(
            f"无法理解的参数：{' '.join(words)}；应为 --名称 路径",
            f"cannot read the arguments {' '.join(words)}; expected --name path",
        )
    return {name[2:]: Path(value) for name, value in zip(names, values, strict=True)}


def paths_by_hand(room: str) -> dict[str, Path]:
    """The paths dvc.yaml gives the stage, its outputs moved below scratch/."""
    stage = declared(room)
    words = shlex.split(stage["cmd"])
    written = [*stage.get("outs", []), *stage.get("metrics", [])]
    outs = {next(iter(out)) if isinstance(out, dict) else out for out in written}
    paths = parse_paths(words[words.index(f"xuxie.{room}") + 1 :])
    return {
        name: SCRATCH / path if path.as_posix() in outs else path for name, path in paths.items()
    }


def record_cost(room: str, seconds: float) -> None:
    """Append time and peak memory to a local log: figures that must not enter DVC's outputs."""
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    append(
        Path("runs/stages.jsonl"),
        {
            "stage": room,
            "seconds": round(seconds, 2),
            "peak_mib": round(peak_kib / 1024),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
