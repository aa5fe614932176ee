"""How a stage's process starts and ends."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from xuxie.entry import (
    exit_codes,
    parse_paths,
    prepare,
    stage_process,
    storage_error,
)
from xuxie.errors import ExitCode, Refusal
from xuxie.stopping import Stopped
from xuxie.store.journal import entries


def exit_code(error: BaseException) -> int | str | None:
    with pytest.raises(SystemExit) as ended, exit_codes():
        raise error
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refusal(ExitCode.DATA, "坏", "bad"), 65),
        (Stopped(ExitCode.TERMINATED), 143),
        (OSError(errno.ENOSPC, "No space left on device", "data/x"), 74),
        (PermissionError(errno.EACCES, "Permission denied", "data/x"), 74),
        (RuntimeError("I/O error: No space left on device (os error 28)"), 74),
    ],
)
def test_every_way_out_has_its_code_and_its_line(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(error) == code
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert " | " in told


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyError("text"), ValueError()])
def test_a_defect_is_not_dressed_up_as_a_refusal(error: Exception) -> None:
    with pytest.raises(type(error)), exit_codes():
        raise error


def test_the_errno_of_a_plain_error_is_none() -> None:
    assert storage_error(ValueError("os error")) is None


@pytest.mark.parametrize(
    "words", [["--out"], ["out", "data"], ["--out", "data", "--metrics"], ["-o", "data"]]
)
def test_arguments_come_in_pairs(words: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        parse_paths(words)
    assert refused.value.code == 64


def test_by_hand_a_stage_reads_what_the_pipeline_reads_and_writes_elsewhere(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    stage = prepare("clean", ["clean.quality.min_characters=3", "--documents", "mine"])
    assert stage.config.clean.quality.min_characters == 3
    assert stage.path("documents") == Path("mine")
    assert stage.path("out") == Path("scratch/data/clean")
    assert stage.path("metrics") == Path("scratch/metrics/clean.json")


def test_help_says_how_a_stage_is_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(SystemExit) as ended:
        prepare("train", ["--help"])
    assert ended.value.code == 0
    assert "python -m xuxie.train KEY=VALUE" in capsys.readouterr().out


def test_a_missing_path_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(Refusal, match="--pace is missing"):
        prepare("clean", ["clean.quality.min_characters=3"]).path("pace")


@pytest.mark.usefixtures("handlers", "no_experiment")
def test_time_and_memory_go_to_the_log_of_costs(root: Path, in_folder: Path) -> None:
    (in_folder / "params.yaml").write_text((root / "params.yaml").read_text())
    with stage_process("clean", ["--out", "data"]) as stage:
        assert stage.path("out") == Path("data")
    [(cost, _)] = entries(Path("runs/stages.jsonl"))
    assert cost["stage"] == "clean"
    assert cost["peak_mib"] > 10


CYCLE = """
import sys
from xuxie.entry import set_environment

class Cycle:
    def __init__(self): self.itself = self
    def __del__(self): print("collected")

if sys.argv[1] == "ours": set_environment()
left = Cycle()
"""


@pytest.mark.parametrize(("whose", "said"), [("ours", ""), ("python", "collected\n")])
def test_a_process_of_ours_ends_without_looking_for_cycles(whose: str, said: str) -> None:
    words = [sys.executable, "-c", CYCLE, whose]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == said


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("train.epochs=-1", "train.epochs = -1"),
        ("train.epoch=1", "train.epochs"),
        ("model=smal", "model=small"),
    ],
)
def test_a_wrong_parameter_is_refused_before_the_first_library_loads(
    root: Path, override: str, told: str
) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "xuxie.train", override]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert done.returncode == 64
    assert told in lines[0]
    assert len(lines) == 1
    assert "| torch" not in done.stderr
