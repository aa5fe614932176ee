"""A scheduler with slots of two seconds: overlap, retries, a kill -9, a missed slot, a stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger

from waiting import wait_until
from xuxie.errors import ExitCode
from xuxie.retrain.schedule import service
from xuxie.retrain.schedule.history import HISTORY, Event, History
from xuxie.retrain.schedule.runner import Runner
from xuxie.retrain.settings import Schedule
from xuxie.stopping import Stopped, listen_for_signals

EVERY = 1


def settings(**changes: Any) -> Schedule:
    usual = {
        "cron": "* * * * *",
        "timezone": "UTC",
        "overlap": "skip",
        "retries": 2,
        "retry_minutes": 0.0,
    }
    return Schedule(**(usual | changes))


def lines(project: Path) -> list[dict[str, Any]]:
    return list(History(project).lines())


def events(project: Path) -> Counter[str]:
    return Counter(line["event"] for line in lines(project))


def slots(project: Path, event: Event) -> list[str]:
    return [line["slot"] for line in lines(project) if line["event"] == event]


@contextmanager
def scheduler(project: Path, seconds: float, **changes: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A scheduler in a process of its own, whose command sleeps for some seconds."""
    words = [sys.executable, __file__, str(project), str(seconds), json.dumps(changes)]
    process = subprocess.Popen(words, env=os.environ | {"PYTHONPATH": ":".join(sys.path)})
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def overlapping(project: Path) -> list[str]:
    """Attempts that began before the one before had ended."""
    found, open_ = [], False
    for line in lines(project):
        if line["event"] == Event.BEGUN:
            found += [line["slot"]] if open_ else []
            open_ = True
        elif line["event"] in (Event.ENDED, Event.LOST):
            open_ = False
    return found


def test_each_slot_is_run_once_and_a_stop_is_clean(tmp_path: Path) -> None:
    with scheduler(tmp_path, 0.1) as process:
        wait_until(lambda: events(tmp_path)["ended"] >= 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == ExitCode.TERMINATED
    begun = slots(tmp_path, Event.BEGUN)
    assert len(begun) == len(set(begun)) >= 3
    assert events(tmp_path)["stopped"] == 1
    assert {line["code"] for line in lines(tmp_path) if line["event"] == "ended"} == {0}


@pytest.mark.fault("S4")
@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_no_two_run_at_once(tmp_path: Path, overlap: str) -> None:
    with scheduler(tmp_path, 3, overlap=overlap):
        wait_until(lambda: events(tmp_path)["begun"] >= 2)
        wait_until(lambda: events(tmp_path)["ended"] >= 1)
    assert overlapping(tmp_path) == []
    first = next(line for line in lines(tmp_path) if line["event"] == "ended")
    if overlap == "replace":
        assert first["code"] == -signal.SIGTERM
        assert events(tmp_path)["skipped"] == 0
    else:
        assert first["code"] == 0
        assert events(tmp_path)["skipped"] >= 1


@pytest.mark.fault("K1")
def test_killed_with_its_command_it_takes_the_slot_up_again(tmp_path: Path) -> None:
    with scheduler(tmp_path, 600) as process:
        wait_until(lambda: events(tmp_path)["begun"] >= 1)
        command = int((tmp_path / "pid").read_text()) if wait_for(tmp_path / "pid") else 0
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until(lambda: not Path(f"/proc/{command}").exists())
    time.sleep(2 * EVERY)
    with scheduler(tmp_path, 0.1):
        wait_until(lambda: events(tmp_path)["ended"] >= 2)
    assert events(tmp_path)["lost"] == 1
    assert events(tmp_path)["missed"] >= 1
    begun = slots(tmp_path, Event.BEGUN)
    assert len(begun) == len(set(begun))
    assert overlapping(tmp_path) == []


@pytest.mark.fault("K1")
def test_what_a_killed_scheduler_left_running_is_waited_for(tmp_path: Path) -> None:
    """As a training that saves: it does not end at once when its scheduler dies."""
    with scheduler(tmp_path, 3, stubborn=True) as process:
        assert wait_for(tmp_path / "pid")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with scheduler(tmp_path, 0.1):
        wait_until(lambda: events(tmp_path)["ended"] >= 2)
    moments = (tmp_path / "moments").read_text().split()
    assert [moment.partition(":")[0] for moment in moments[:4]] == ["begin", "end"] * 2
    assert events(tmp_path)["lost"] == 1


def test_an_attempt_that_is_lost_each_time_is_given_up(tmp_path: Path) -> None:
    made = runner(tmp_path, 0)
    slot = datetime.now(UTC) + timedelta(hours=1)
    made.history.tell(Event.BEGUN, slot, attempt=made.settings.retries + 1)
    made.begin()
    assert made.running is None
    assert events(tmp_path) == {"begun": 1, "lost": 1, "started": 1}


def wait_for(path: Path) -> bool:
    wait_until(lambda: path.exists() and path.read_text())
    return True


def test_of_two_schedulers_one_is_refused(tmp_path: Path) -> None:
    with scheduler(tmp_path, 0.1):
        wait_until(lambda: events(tmp_path)["started"] == 1)
        with scheduler(tmp_path, 0.1) as second:
            assert second.wait(timeout=60) == ExitCode.BUSY


def runner(project: Path, code: int, **changes: Any) -> Runner:
    words = [sys.executable, "-c", f"raise SystemExit({code})"]
    return Runner(project, words, CronTrigger(second=f"*/{EVERY}"), settings(**changes))


def run_to_its_end(made: Runner) -> None:
    made.take(datetime(2026, 1, 1, tzinfo=UTC))
    while made.running is not None or made.again is not None:
        made.look()
        time.sleep(0.02)


@pytest.mark.parametrize(("code", "attempts"), [(0, 1), (65, 1), (69, 3), (75, 3)])
def test_what_may_pass_is_tried_again(tmp_path: Path, code: int, attempts: int) -> None:
    run_to_its_end(runner(tmp_path, code))
    begun = [line for line in lines(tmp_path) if line["event"] == "begun"]
    assert [line["attempt"] for line in begun] == list(range(1, attempts + 1))
    assert len({line["slot"] for line in begun}) == 1


@pytest.mark.fault("S6")
def test_a_sleep_of_many_slots_is_made_up_for_once(tmp_path: Path) -> None:
    made = runner(tmp_path, 0)
    made.history.tell(Event.SKIPPED, datetime.now(UTC) - timedelta(seconds=41))
    assert made.due()
    while made.running is not None:
        made.look()
    assert events(tmp_path)["begun"] == 1
    [missed] = [line for line in lines(tmp_path) if line["event"] == "missed"]
    assert missed["slots"] >= 18


@pytest.mark.fault("S6")
def test_a_clock_that_is_set_back_repeats_nothing(tmp_path: Path) -> None:
    made = runner(tmp_path, 0)
    made.history.tell(Event.SKIPPED, datetime.now(UTC) + timedelta(hours=1))
    assert not made.due()
    assert events(tmp_path)["begun"] == 0


def test_the_history_is_where_the_documentation_says(tmp_path: Path) -> None:
    History(tmp_path).tell(Event.STARTED)
    assert (tmp_path / HISTORY).exists()


def sleep(seconds: float, stubborn: bool = False) -> None:
    """The command: tells when it begins and ends, and how it is called."""
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path("pid").write_text(str(os.getpid()))
    with Path("moments").open("a") as file:
        print(f"begin:{time.monotonic()}", file=file, flush=True)
        time.sleep(seconds)
        print(f"end:{time.monotonic()}", file=file, flush=True)


def serve(project: Path, seconds: str, changes: dict[str, Any]) -> None:
    """The service with slots of seconds, which no cron expression has."""
    if changes.pop("stubborn", False):
        seconds = f"{seconds}, True"
    words = [sys.executable, __file__, "sleep", seconds]
    # Seconds, which a cron expression cannot say, so that the test is short.
    service.trigger = lambda *_: CronTrigger(second=f"*/{EVERY}")  # type: ignore[attr-defined]
    listen_for_signals()
    try:
        service.serve(project, words, settings(**changes))
    except Stopped as stopped:
        sys.exit(stopped.code)


if __name__ == "__main__" and sys.argv[1] == "sleep":
    sleep(*json.loads(f"[{sys.argv[2].lower()}]"))
elif __name__ == "__main__":
    from xuxie.errors import Refusal

    try:
        serve(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
    except Refusal as refusal:
        sys.exit(refusal.code)
