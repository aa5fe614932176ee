"""Of near-duplicates the earliest stays, and later arrivals change nothing."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from xuxie.clean.duplicates.candidates import collisions
from xuxie.clean.duplicates.leaders import (
    NONE,
    first_of_equals,
    near_duplicates,
    pairs_across,
)
from xuxie.clean.duplicates.sets import ShingleSets
from xuxie.clean.duplicates.settings import DuplicateSettings
from xuxie.clean.duplicates.shingles import jaccard, shingles
from xuxie.clean.duplicates.sketch import band_keys

Leaders = Callable[[list[str]], list[int]]


@pytest.fixture(scope="module")
def leaders(tmp_path_factory: pytest.TempPathFactory, duplicates: DuplicateSettings) -> Leaders:
    """The leader of each text, by the way clean takes."""

    def found(texts: list[str]) -> list[int]:
        keys = band_keys(texts, duplicates)
        together = collisions(iter(keys.T.copy()), np.ones(len(texts), dtype=bool))
        members = together.members()
        batches = ([texts[member]] for member in members)
        sets = ShingleSets(
            tmp_path_factory.mktemp("sets") / "sets", members, batches, duplicates.ngram
        )
        verdicts = near_duplicates(together, len(texts), sets.similarity, duplicates.jaccard)
        return verdicts.leaders.tolist()

    return found


def test_the_earliest_stays(
    leaders: Leaders, prose: Callable[..., str], edited: Callable[..., str]
) -> None:
    text, other = prose(1), prose(2)
    texts = [other, text, edited(text, 3), edited(text, 3, 1), edited(other, 2)]
    assert leaders(texts) == [NONE, NONE, 1, 1, 0]


def test_a_bridge_goes_and_what_it_joins_stays(
    leaders: Leaders, prose: Callable[..., str], edited: Callable[..., str]
) -> None:
    bridge = prose(3)
    one, other = edited(bridge, 7, 1), edited(bridge, 7, 2)
    sets = shingles([one, bridge, other], 5).sets()
    assert jaccard(sets[0], sets[2]) < 0.8 <= min(jaccard(sets[0], sets[1]), jaccard(*sets[1:]))
    assert leaders([one, other, bridge]) == [NONE, NONE, 0]
    # What resembles only one that went is not lost: nothing that stays says the same.
    assert leaders([one, bridge, other]) == [NONE, 0, NONE]


PIECES = strategies.lists(
    strategies.tuples(strategies.integers(0, 3), strategies.integers(0, 12)), max_size=10
)


@settings(deadline=None, max_examples=60, derandomize=True, database=None)
@given(pieces=PIECES)
def test_verdicts_equal_brute_force_and_never_change(
    pieces: list[tuple[int, int]],
    leaders: Leaders,
    prose: Callable[..., str],
    edited: Callable[..., str],
) -> None:
    texts = [edited(prose(seed), count, place) for place, (seed, count) in enumerate(pieces)]
    found = leaders(texts)
    staying: list[int] = []
    sets = shingles(texts, 5).sets()
    for place, leader in enumerate(found):
        alike = [other for other in staying if jaccard(sets[other], sets[place]) >= 0.8]
        assert leader == (alike[0] if alike else NONE)
        if not alike:
            staying.append(place)
    for end in range(len(texts)):
        assert leaders(texts[:end]) == found[:end]


def test_of_equal_texts_the_first_that_takes_part_stays() -> None:
    hashes = np.frombuffer(b"".join(bytes([n]) * 16 for n in (1, 2, 1, 1, 2)), dtype="V16")
    counts = np.array([False, True, True, True, True])
    assert first_of_equals(hashes, counts).tolist() == [NONE, NONE, NONE, 2, 1]


def test_pairs_across_the_wall_are_found_once(duplicates: DuplicateSettings) -> None:
    text = "渡口应当设置清楚的标识，并由专人每日检查。" * 3
    keys = band_keys([text, text, text + "完。", "另一篇全然不同的文字，说的是果园。"], duplicates)
    found = collisions(iter(keys.T.copy()), np.ones(4, dtype=bool))
    assert set(pairs_across(found, np.array([0, 1, 1, 1], dtype=np.int8))) >= {(0, 1)}
    assert not list(pairs_across(found, np.zeros(4, dtype=np.int8)))
