"""The scheduler as a process: APScheduler says when, the runner does."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from xuxie.retrain.schedule.cron import trigger
from xuxie.retrain.schedule.runner import Runner
from xuxie.retrain.settings import Schedule
from xuxie.store.lock import held

LOCK = Path("runs/schedule/scheduler.lock")
# Seconds between two looks at a running command.
PAUSE = 0.5


def serve(project: Path, command: Sequence[str], settings: Schedule) -> None:
    """Run until a signal ends it.

    The times live in the configuration and what was done in our history, so APScheduler keeps
    nothing: a job store of its own would be a second opinion on both.

    Raises:
        Refusal: (exit code 75) another scheduler runs for this project.
    """
    cron = trigger(settings.cron, settings.timezone)
    runner, rang = Runner(project, command, cron, settings), Event()
    with held(project / LOCK):
        clock = BackgroundScheduler(timezone=settings.timezone)
        clock.add_job(rang.set, cron, coalesce=True, misfire_grace_time=None)
        runner.begin()
        clock.start()
        try:
            while True:
                if rang.wait(PAUSE):
                    rang.clear()
                    runner.due()
                runner.look()
        finally:
            clock.shutdown(wait=False)
            runner.stop()
