"""Cron expressions: when a slot is, and which one was the last. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Looked back through, the shortest first, for the last slot before now.
WINDOWS = tuple(timedelta(hours=hours) for hours in (1, 24, 24 * 8, 24 * 32, 24 * 367))
TICK = timedelta(microseconds=1)
Slot = datetime


def trigger(expression: str, timezone: str) -> CronTrigger:
    """
    Args:
        expression: minute, hour, day, month, weekday, as crontab(5) has them.

    Raises:
        ValueError: it is none, or the time zone is unknown.
    """
    minute, hour, day, month, weekday = fields(expression)
    named = CronTrigger.from_crontab(
        f"{minute} {hour} {day} {month} {by_name(weekday)}", timezone=ZoneInfo(timezone)
    )
    if next(following(named, datetime.now(UTC)), None) is None:
        raise ValueError(f"no day is {expression}")
    return named


def fields(expression: str) -> list[str]:
    found = expression.split()
    if len(found) != 5:
        raise ValueError(f"five fields wanted, {len(found)} found")
    return found


def by_name(weekday: str) -> str:
    """APScheduler counts from Monday, crontab from Sunday: names mean the same to both."""
    return re.sub(r"(?<![\w/])[0-7](?!\d)", lambda found: WEEKDAYS[int(found[0])], weekday)


def following(cron: CronTrigger, after: Slot) -> Iterator[Slot]:
    """The slots after a time, one after another, in UTC."""
    before, now = None, after + TICK
    while (found := cron.get_next_fire_time(before, now)) is not None:
        yield found.astimezone(UTC)
        before, now = found, found + TICK


def latest(cron: CronTrigger, now: Slot) -> Slot | None:
    """The last slot that is not after `now`."""
    for window in WINDOWS:
        last = None
        for slot in following(cron, now - window):
            if slot > now:
                break
            last = slot
        if last is not None:
            return last
    return None


def between(cron: CronTrigger, after: Slot, until: Slot) -> list[Slot]:
    """Slots after `after` and not after `until`; at most the last year's."""
    found = []
    for slot in following(cron, max(after, until - WINDOWS[-1])):
        if slot > until:
            break
        found.append(slot)
    return found
