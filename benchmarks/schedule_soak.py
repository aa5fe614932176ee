"""A one-minute schedule for half an hour, with runs longer than a slot, a kill -9 and a restart."""

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xuxie.retrain.schedule.history import Event, History
from xuxie.retrain.schedule.service import serve
from xuxie.retrain.settings import Schedule
from xuxie.stopping import Stopped, listen_for_signals

# Stands in for a retraining: every third one takes longer than a slot. It writes its own times,
# so that the check does not rest on the scheduler's word.
STAND_IN = """
import time
began = time.monotonic()
with open('times.txt', 'a') as file:
    print('begin', began, file=file, flush=True)
    count = sum(line.startswith('begin') for line in open('times.txt'))
    time.sleep(90 if count % 3 == 0 else 10)
    print('end', time.monotonic(), file=file, flush=True)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--serve", type=Path)
    arguments = parser.parse_args()
    if arguments.serve:
        return schedule(arguments.serve)
    project = Path(tempfile.mkdtemp(prefix="soak-"))
    soak(project, arguments.minutes * 60)
    result = check(project)
    print(json.dumps(result))
    return int(bool(result["twice"] or result["overlaps"] or result["unfinished"]))


def schedule(project: Path) -> int:
    listen_for_signals()
    settings = Schedule(
        cron="* * * * *", timezone="UTC", overlap="skip", retries=2, retry_minutes=0.1
    )
    try:
        serve(project, [sys.executable, "-c", STAND_IN], settings)
    except Stopped as stopped:
        return stopped.code
    return 0


def soak(project: Path, seconds: float) -> None:
    """A third of the time, then kill -9 a pause; twice more, stopped cleanly."""
    for end in (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM):
        words = [sys.executable, __file__, "--serve", str(project)]
        process = subprocess.Popen(words, env=dict(os.environ))
        time.sleep(max(seconds / 3 - 50, 1))
        process.send_signal(end)
        process.wait()
        time.sleep(50)


def check(project: Path) -> dict[str, object]:
    history = History(project)
    lines = list(history.lines())
    begun = [(line["slot"], line["attempt"]) for line in lines if line["event"] == Event.BEGUN]
    first = [slot for slot, attempt in begun if attempt == 1]
    return {
        "events": {event.value: sum(x["event"] == event for x in lines) for event in Event},
        "twice": len(first) - len(set(first)) + len(begun) - len(set(begun)),
        "overlaps": overlaps((project / "times.txt").read_text().split("\n")),
        "unfinished": history.unfinished() is not None,
        "folder": str(project),
    }


def overlaps(lines: list[str]) -> int:
    """Two ends in a row: two runs were open at once. A killed run has no end."""
    words = [line.split()[0] for line in lines if line]
    return sum(pair == ("end", "end") for pair in itertools.pairwise(words))


if __name__ == "__main__":
    sys.exit(main())
