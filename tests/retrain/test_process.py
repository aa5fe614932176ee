"""Children end with their parent; one retraining at a time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xuxie.errors import ExitCode, Refusal
from xuxie.retrain.training.process import clear, descendants, run
from xuxie.retrain.turn import turn

# A command that starts another, which outlives it if nobody ends it.
SLEEP = "import time; time.sleep(60)"
NESTED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
PARENT = """\
import os, sys
from pathlib import Path
from xuxie.retrain.training.process import run
folder = Path(sys.argv[1])
run([sys.executable, "-c", sys.argv[2]], folder=folder, environment=os.environ,
    log=folder / "log", tell=lambda _: None)
"""
TURN = """\
import sys, time
from pathlib import Path
from xuxie.entry import exit_codes
from xuxie.retrain.turn import turn
with exit_codes(), turn(Path(sys.argv[1]), wait=sys.argv[2] == "wait"):
    print("mine", flush=True)
    time.sleep(float(sys.argv[3]))
"""


def waited(folder: Path, count: int) -> set[int]:
    """The processes in `folder`, once there are as many."""
    deadline = time.monotonic() + 30
    while len(found := set(descendants(folder))) != count:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def started(code: str, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=dict(os.environ) | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_command_is_told_line_by_line_and_its_code_returned(tmp_path: Path) -> None:
    lines: list[str] = []
    code = run(
        [sys.executable, "-c", "print('一'); print('two'); raise SystemExit(7)"],
        folder=tmp_path,
        environment=os.environ,
        log=tmp_path / "logs/log.txt",
        tell=lines.append,
    )
    assert (code, lines) == (7, ["一", "two"])


@pytest.mark.fault("K1")
def test_what_a_killed_retraining_left_is_seen_to_end(tmp_path: Path) -> None:
    process = started(PARENT, str(tmp_path), NESTED)
    waited(tmp_path, 2)
    process.kill()
    process.communicate()
    # The direct child goes with its parent; the grandchild is nobody's.
    clear(tmp_path)
    assert set(descendants(tmp_path)) == set()


def test_a_stop_ends_all_that_was_started(tmp_path: Path) -> None:
    listen = "from xuxie.stopping import listen_for_signals; listen_for_signals()\n"
    process = started(listen + PARENT, str(tmp_path), NESTED)
    waited(tmp_path, 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert set(descendants(tmp_path)) == set()


def test_other_peoples_processes_are_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path)
    clear(tmp_path)
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.fault("S4")
def test_two_at_once_one_runs_and_the_other_is_told_who(tmp_path: Path) -> None:
    first = started(TURN, str(tmp_path), "refuse", "60")
    assert first.stdout is not None
    assert first.stdout.readline() == "mine\n"
    second = started(TURN, str(tmp_path), "refuse", "0")
    _, said = second.communicate(timeout=30)
    assert second.returncode == ExitCode.BUSY
    assert f"{first.pid}@" in said
    assert "busy since 2" in said
    third = started(TURN, str(tmp_path), "wait", "0")
    first.kill()
    first.communicate()
    printed, _ = third.communicate(timeout=30)
    assert (third.returncode, printed) == (0, "mine\n")


def test_the_turn_of_a_dead_process_is_free(tmp_path: Path) -> None:
    first = started(TURN, str(tmp_path), "refuse", "60")
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.communicate()
    with (
        turn(tmp_path, wait=False),
        pytest.raises(Refusal, match="busy since"),
        turn(tmp_path, wait=False),
    ):
        pass
