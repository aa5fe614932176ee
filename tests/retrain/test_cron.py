"""Cron expressions: their slots, weekdays as crontab counts them, daylight saving."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from xuxie.config import check
from xuxie.errors import Refusal
from xuxie.retrain.schedule.cron import between, following, trigger

# A Wednesday.
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekday", "days"),
    [("0", {6}), ("7", {6}), ("1", {0}), ("5,6", {4, 5}), ("1-5", {0, 1, 2, 3, 4}), ("sat", {5})],
)
def test_weekdays_are_crontabs(weekday: str, days: set[int]) -> None:
    cron = trigger(f"30 2 * * {weekday}", "UTC")
    assert {slot.weekday() for slot in islice(following(cron, NOW), 14)} == days


def test_a_slot_is_local_time() -> None:
    cron = trigger("30 2 * * *", "Asia/Shanghai")
    assert next(following(cron, NOW)) == datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
    assert between(cron, NOW - timedelta(days=1), NOW) == [
        datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    ]


@pytest.mark.fault("S6")
@pytest.mark.parametrize(
    ("expression", "spring", "autumn"),
    [("30 2 * * *", 1, 1), ("*/20 * * * *", 23 * 3, 25 * 3), ("0 */2 * * *", 12, 13)],
)
def test_an_hour_that_is_missing_or_comes_twice(expression: str, spring: int, autumn: int) -> None:
    """Berlin's clocks go forward on 2026-03-29 and back on 2026-10-25."""
    cron = trigger(expression, "Europe/Berlin")
    midnight = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)
    assert len(between(cron, midnight, midnight + timedelta(hours=23))) == spring
    midnight = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)
    assert len(between(cron, midnight, midnight + timedelta(hours=25))) == autumn


@pytest.mark.parametrize(
    ("cron", "timezone"),
    [("30 25 * * *", "UTC"), ("* * *", "UTC"), ("0 2 * * *", "Mars/Base"), ("0 0 31 2 *", "UTC")],
)
def test_what_is_no_time_is_refused_by_the_name_of_its_key(
    cron: str, timezone: str, plain_settings: dict[str, Any]
) -> None:
    wrong = plain_settings | {
        "retrain": plain_settings["retrain"]
        | {"schedule": plain_settings["retrain"]["schedule"] | {"cron": cron, "timezone": timezone}}
    }
    with pytest.raises(Refusal, match=r"retrain\.schedule"):
        check(wrong)
