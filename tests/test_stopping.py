"""Signals that ask a process to end: now, at a safe moment, and where Python would drop them."""

import signal
import subprocess
import sys
import time

import pytest

from xuxie.errors import ExitCode
from xuxie.stopping import PASSED_ON, STOP, Stopped, listen_for_signals, stops_deferred

pytestmark = pytest.mark.usefixtures("handlers")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
)
def test_signals_stop_the_stage(number: signal.Signals, code: ExitCode) -> None:
    listen_for_signals()
    with pytest.raises(Stopped) as stopped:
        signal.raise_signal(number)
    assert stopped.value.code is code
    signal.raise_signal(signal.SIGTERM)  # from another thread of a dying dvc: not a second stop


def test_a_deferred_stop_comes_when_the_body_is_ready() -> None:
    listen_for_signals()
    done = []
    with pytest.raises(Stopped), stops_deferred() as asked:
        assert not asked()
        signal.raise_signal(signal.SIGTERM)
        done.append(asked())
    assert done == [True]


@pytest.mark.fault("K8")
def test_a_second_ctrl_c_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    listen_for_signals()
    with pytest.raises(Stopped) as stopped, stops_deferred():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)  # passed on by dvc: the same one
        later = time.monotonic() + 2 * PASSED_ON
        monkeypatch.setattr(time, "monotonic", lambda: later)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second Ctrl-C waited")
    assert stopped.value.code is ExitCode.INTERRUPTED


def test_nothing_is_deferred_for_ever() -> None:
    listen_for_signals()
    with stops_deferred() as asked:
        assert not asked()
    assert not STOP.deferred


HALF_MADE = """
import signal
from xuxie.entry import exit_codes
from xuxie.stopping import listen_for_signals

class Bar:
    def __init__(self):
        signal.raise_signal(signal.SIGTERM)
        self.closed = True
    def __del__(self):
        self.closed  # AttributeError: it was never wholly made

with exit_codes():
    listen_for_signals()
    Bar()
"""

WHILE_DELETED = """
import signal, time
from xuxie.entry import exit_codes
from xuxie.stopping import listen_for_signals

class Bar:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

with exit_codes():
    listen_for_signals()
    Bar()
    time.sleep(5)
    print("went on")
"""


@pytest.mark.parametrize("program", [HALF_MADE, WHILE_DELETED])
def test_what_a_stop_leaves_half_made_is_not_told_and_no_stop_is_lost(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 143
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
