"""Slices: every document where it belongs, and no table twice."""

from datetime import date

import numpy as np
import pytest

from xuxie.evaluate.texts import Texts, divided, period

SOURCES = ["法", "法", "法", "评", "评"]


def texts(domains: list[str], years: list[int | None]) -> Texts:
    days = [date(year, 3, 1) if year else None for year in years]
    return Texts(["文"] * 5, SOURCES, np.arange(5), domains, days)


NO_YEARS: list[int | None] = [None] * 5


def members(masks: dict[str, "np.typing.NDArray[np.bool_]"]) -> dict[str, list[int]]:
    return {name: np.flatnonzero(mask).tolist() for name, mask in masks.items()}


def test_domains_divide_the_documents() -> None:
    found = members(texts(["刑", "民", "刑", "书", "书"], NO_YEARS).by_domain())
    assert found == {"刑": [0, 2], "民": [1], "书": [3, 4]}


@pytest.mark.parametrize("domains", [["甲"] * 5, ["甲", "甲", "甲", "乙", "乙"]])
def test_domains_that_are_the_sources_again_are_no_slices(domains: list[str]) -> None:
    assert texts(domains, NO_YEARS).by_domain() == {}


def test_years_divide_the_dated_documents() -> None:
    found = texts(["甲"] * 5, [2019, 2020, None, 2019, None]).by_period()
    assert members(found) == {"2019": [0, 3], "2020": [1]}


@pytest.mark.parametrize("years", [NO_YEARS, [2020, 2020, None, 2020, None]])
def test_one_year_or_none_is_no_slice(years: list[int | None]) -> None:
    assert texts(["甲"] * 5, years).by_period() == {}


@pytest.mark.parametrize(
    ("count", "expected"), [(12, "2012"), (13, "2010-2014"), (60, "2010-2019"), (121, "2000-2049")]
)
def test_many_years_become_longer_periods(count: int, expected: str) -> None:
    days: list[date | None] = [date(2012 - n, 1, 1) for n in range(count)]
    found = Texts(["文"] * count, ["法"] * count, np.arange(count), [], days).by_period()
    assert expected in found
    assert 1 < len(found) <= 12
    assert sum(mask.sum() for mask in found.values()) == count


def test_a_period_begins_at_a_multiple_of_its_length() -> None:
    assert [period(year, 5) for year in (2014, 2015, 2019, None)] == [
        "2010-2014",
        "2015-2019",
        "2015-2019",
        None,
    ]


def test_who_has_no_name_is_in_no_slice() -> None:
    assert members(divided(["甲", None, "乙", "甲"])) == {"甲": [0, 3], "乙": [2]}
