"""Cron expressions: their slots, weekdays as crontab counts them, daylight saving."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from xuxie.config import check
from xuxie.errors import Refusal
from xuxie.retrain.schedule.cron import between, following, latest, trigger

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
    assert latest(cron, NOW) == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("window", ["*/5 * * * *", "0 0 * * 0", "0 0 1 * *", "0 0 29 2 *"])
def test_the_last_slot_is_found_however_rare(window: str) -> None:
    cron = trigger(window, "UTC")
    found = latest(cron, NOW)
    if window.startswith("0 0 29 2"):  # 2024: longer ago than one looks back
        assert found is None
    else:
        assert found is not None
        assert next(following(cron, found)) > NOW


def test_a_day_with_two_clocks_has_one_slot() -> None:
    """Berlin sets its clock back on 2026-10-25: 02:30 comes twice; and forward in March: never."""
    cron = trigger("30 2 * * *", "Europe/Berlin")
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert len(between(cron, autumn, autumn + timedelta(days=1))) == 1
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert len(between(cron, spring, spring + timedelta(days=2))) in (1, 2)


@pytest.mark.parametrize(
    ("cron", "timezone"),
    [("30 25 * * *", "UTC"), ("* * *", "UTC"), ("0 2 * * *", "Mars/Base"), ("0 0 31 2 *", "UTC")],
)
def test_what_is_no_time_is_refused_by_the_name_of_its_key(
    cron: str, timezone: str, plain_settings: dict
) -> None:  # type: ignore[type-arg]
    wrong = plain_settings | {
        "retrain": plain_settings["retrain"]
        | {"schedule": plain_settings["retrain"]["schedule"] | {"cron": cron, "timezone": timezone}}
    }
    with pytest.raises(Refusal, match=r"retrain\.schedule"):
        check(wrong)
