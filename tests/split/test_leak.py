"""No text and no group stands on both sides of the wall."""

from collections.abc import Callable

import pytest

from xuxie.errors import Refusal
from xuxie.split.assign import Part
from xuxie.split.leak import LeakCheck
from xuxie.store.records import Document

Make = Callable[..., Document]


def test_equal_texts_and_groups_may_share_a_split(document: Make) -> None:
    check = LeakCheck()
    for text, group in [("同文", "一"), ("同文", "二"), ("异文", "一")]:
        check.add(document(text, group), Part.TRAIN)


def test_a_text_may_be_another_ones_group(document: Make) -> None:
    check = LeakCheck()
    check.add(document("春", "夏"), Part.TRAIN)
    check.add(document("夏", "春"), Part.TEST)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("同文", "一"), ("同文", "二")), (("甲文", "同组"), ("乙文", "同组"))],
    ids=["text", "group"],
)
def test_a_leak_names_both_origins_and_splits(
    document: Make, one: tuple[str, str], other: tuple[str, str]
) -> None:
    check = LeakCheck()
    check.add(document(*one, origin="甲.txt:1"), Part.TRAIN)
    with pytest.raises(Refusal) as caught:
        check.add(document(*other, origin="乙.txt:9"), Part.TEST)
    chinese, english = str(caught.value).split(" | ")
    assert "乙.txt:9（test）与 甲.txt:1（train）相同" in chinese
    assert "乙.txt:9 (test) equals 甲.txt:1 (train)" in english
    assert caught.value.code == 65
