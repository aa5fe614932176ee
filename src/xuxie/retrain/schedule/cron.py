"""Cron expressions: when a slot is, and which one was the last. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
# How far back missed slots are looked for.
FARTHEST = timedelta(days=367)
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
    """The slots after a time, one after another, in UTC.

    An hour that comes twice when clocks are set back has the slots of a fixed hour once, as in
    Debian's cron; those of every hour run on. Asked from a local time in that hour, APScheduler
    3.11 gives the same slot for ever: it is asked in UTC.
    """
    every_hour, now = any_hour(cron), after + TICK
    while (found := cron.get_next_fire_time(None, now)) is not None:
        slot = found.astimezone(UTC)
        if every_hour or not slot.astimezone(cron.timezone).fold:
            yield slot
        now = slot + TICK


def any_hour(cron: CronTrigger) -> bool:
    return any(field.name == "hour" and str(field).startswith("*") for field in cron.fields)


def between(cron: CronTrigger, after: Slot, until: Slot) -> list[Slot]:
    """Slots after `after` and not after `until`; at most the last year's."""
    found = []
    for slot in following(cron, max(after, until - FARTHEST)):
        if slot > until:
            break
        found.append(slot)
    return found
