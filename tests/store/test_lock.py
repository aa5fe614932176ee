"""The lock, held by a real second process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from xuxie.errors import Refusal
from xuxie.store.lock import held

PROGRAM = """
import sys
from pathlib import Path
from xuxie.store.lock import held
print("starting", flush=True)
with held(Path(sys.argv[1]), wait=True):
    print("holding", flush=True)
    sys.stdin.read()
"""
Process = subprocess.Popen[str]


@contextmanager
def other_process(path: Path) -> Iterator[Process]:
    """A process that waits for the lock and holds it until its input ends."""
    words = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert reads(process) == "starting\n"
        yield process
        process.kill()


def reads(process: Process) -> str:
    assert process.stdout
    return process.stdout.readline()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "lock"


@pytest.fixture
def holder(lock: Path) -> Iterator[Process]:
    with other_process(lock) as process:
        assert reads(process) == "holding\n"
        yield process


def test_a_second_process_is_refused_and_told_who_holds_it(lock: Path, holder: Process) -> None:
    with pytest.raises(Refusal) as caught, held(lock):
        pass
    assert f"进程 {holder.pid} 使用" in str(caught.value)
    assert f"by process {holder.pid};" in str(caught.value)
    assert caught.value.code == 75


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_is_free_when_its_holder_dies(
    lock: Path, holder: Process, number: signal.Signals
) -> None:
    holder.send_signal(number)
    assert holder.wait() == -number
    with held(lock):
        assert lock.read_text() == str(os.getpid())


def test_the_lock_is_free_after_its_block(lock: Path) -> None:
    for _ in range(2):
        with held(lock):
            pass


def test_who_waits_gets_the_lock_when_it_is_free(lock: Path) -> None:
    with ExitStack() as ours:
        ours.enter_context(held(lock))
        with other_process(lock) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(0.3)
            ours.close()
            assert reads(waiting) == "holding\n"
