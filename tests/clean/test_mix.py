"""How much of other languages may stay."""

import numpy as np
import pytest

from xuxie.clean.mix import MixSettings, over_the_cap


def gone(languages: str, lengths: list[int], **others: float) -> list[bool]:
    settings = MixSettings(main="zh", others=others)
    count = np.ones(len(lengths), dtype=bool)
    return over_the_cap(np.array(languages.split()), np.array(lengths), count, settings).tolist()


def test_a_language_that_is_not_named_goes() -> None:
    assert gone("zh ja zh", [10, 10, 10]) == [False, True, False]


def test_a_language_stays_within_its_share_of_what_came_before() -> None:
    assert gone("en zh en en zh en", [10, 90, 10, 10, 90, 10], en=0.1) == [
        *(True, False, False, True, False, False),
    ]


def test_later_documents_change_nothing() -> None:
    languages, lengths = "zh en zh en en zh en ja", [50, 5, 40, 9, 1, 90, 9, 9]
    whole = gone(languages, lengths, en=0.1)
    for end in range(1, 8):
        assert gone(" ".join(languages.split()[:end]), lengths[:end], en=0.1) == whole[:end]


@pytest.mark.parametrize("main", ["", "zh"])
def test_without_a_main_language_all_may_stay(main: str) -> None:
    settings = MixSettings(main=main, others={})
    found = over_the_cap(np.array(["en"]), np.array([9]), np.array([True]), settings)
    assert found.tolist() == [bool(main)]
