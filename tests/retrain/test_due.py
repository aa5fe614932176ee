"""When a retraining is due, as a table."""

from dataclasses import replace

import pytest

from xuxie.retrain.due.policy import Drift, Facts, NewText, due
from xuxie.retrain.settings import Due

SETTINGS = Due(
    min_characters=1000,
    max_age_days=30.0,
    drift=0.2,
    distance=0.1,
    sample_characters=1000,
    quiet_minutes=5.0,
    free_disk_mib=100,
    free_memory_mib=50,
)
LITTLE = NewText(documents=2, characters=300, distance=0.3, chance=0.25, drift=None)
FACTS = Facts(
    champion=True,
    forced=False,
    changed=3,
    removed=0,
    quiet_minutes=60.0,
    age_days=2.0,
    free_disk_mib=5000,
    free_memory_mib=5000,
    text=LITTLE,
)


def text(**changes: object) -> Facts:
    # Of mixed values, each of its field's type.
    return replace(FACTS, text=replace(LITTLE, **changes))  # type: ignore[arg-type]


TABLE = [
    (replace(FACTS, changed=0), "nothing", ["unchanged"]),
    (replace(FACTS, changed=0, removed=4), "nothing", ["unchanged"]),
    (replace(FACTS, changed=0, age_days=400.0), "nothing", ["unchanged"]),
    (replace(FACTS, text=None), "look", ["files_changed"]),
    (replace(FACTS, champion=False, changed=9, text=None), "due", ["no_champion"]),
    (replace(FACTS, champion=False, quiet_minutes=1.0), "wait", ["not_quiet"]),
    (replace(FACTS, quiet_minutes=4.99), "wait", ["not_quiet"]),
    (replace(FACTS, quiet_minutes=5.0), "nothing", ["too_little"]),
    (replace(FACTS, quiet_minutes=None), "nothing", ["too_little"]),
    (replace(FACTS, free_disk_mib=99), "wait", ["little_disk"]),
    (replace(FACTS, free_memory_mib=49, free_disk_mib=0), "wait", ["little_disk", "little_memory"]),
    (replace(FACTS, free_memory_mib=None, free_disk_mib=None), "nothing", ["too_little"]),
    (replace(FACTS, forced=True, changed=0, free_disk_mib=0), "due", ["forced"]),
    (text(documents=0, characters=0), "nothing", ["no_new_text"]),
    (FACTS, "nothing", ["too_little"]),
    (text(characters=999), "nothing", ["too_little"]),
    (text(characters=1000), "due", ["new_text"]),
    (replace(FACTS, age_days=30.0), "due", ["old_champion"]),
    (text(distance=0.34), "nothing", ["too_little"]),
    (text(distance=0.36), "due", ["distant"]),
    (text(drift=Drift(3.4, 3.0, 0.19, 0.6)), "nothing", ["too_little"]),
    (text(drift=Drift(3.4, 3.0, 0.21, 0.6)), "due", ["drift"]),
    (text(drift=Drift(3.4, 3.0, float("-inf"), float("inf"))), "nothing", ["too_little"]),
    (
        text(characters=5000, distance=0.9, drift=Drift(4.0, 3.0, 0.5, 1.5)),
        "due",
        ["new_text", "distant", "drift"],
    ),
]


@pytest.mark.parametrize(("facts", "answer", "codes"), TABLE)
def test_the_policy(facts: Facts, answer: str, codes: list[str]) -> None:
    decision = due(facts, SETTINGS)
    assert (decision.answer, [reason.code for reason in decision.reasons]) == (answer, codes)


@pytest.mark.parametrize("switched", ["min_characters", "max_age_days", "drift", "distance"])
def test_null_switches_a_reason_off(switched: str) -> None:
    everything = text(characters=5000, distance=0.9, drift=Drift(4.0, 3.0, 0.5, 1.5))
    everything = replace(everything, age_days=99.0)
    codes = {"min_characters": "new_text", "max_age_days": "old_champion", "distance": "distant"}
    off = SETTINGS.model_copy(update={switched: None})
    all_of_them = {reason.code for reason in due(everything, SETTINGS).reasons}
    left = {reason.code for reason in due(everything, off).reasons}
    assert all_of_them - left == {codes.get(switched, "drift")}


@pytest.mark.parametrize("facts", [row[0] for row in TABLE])
def test_every_reason_is_told_in_both_languages(facts: Facts) -> None:
    for reason in due(facts, SETTINGS).reasons:
        assert any("一" <= sign <= "鿿" for sign in reason.chinese)
        assert reason.english.isascii()
