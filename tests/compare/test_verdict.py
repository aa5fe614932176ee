"""The result in words."""

from dataclasses import replace

import pytest

from xuxie.compare.paired import Difference
from xuxie.compare.verdict import verdict

BETTER = Difference(
    first=0,
    second=1,
    part="all",
    documents=100,
    groups=20,
    delta=-0.041,
    low=-0.053,
    high=-0.029,
    p=0.001,
    seed=None,
    confidence=0.95,
)
NONE = replace(BETTER, part="reviews", delta=0.002, low=-0.01, high=0.014, p=0.7)
WORSE = replace(BETTER, part="reviews", delta=0.2, low=0.1, high=0.3)


@pytest.mark.parametrize(
    ("found", "english", "chinese"),
    [
        (
            [BETTER, NONE],
            "B is better than A by 0.041 ± 0.012 bits per character;"
            " on reviews alone no difference",
            "B 比 A 好 0.041 ± 0.012 比特/字；仅看 reviews：没有差别",
        ),
        (
            [BETTER, WORSE],
            "B is better than A by 0.041 ± 0.012 bits per character;"
            " on reviews alone B is worse by 0.200 ± 0.100",
            "B 比 A 好 0.041 ± 0.012 比特/字；仅看 reviews：B 差 0.200 ± 0.100",
        ),
        (
            [replace(BETTER, seed=0.1), NONE],
            "no difference between B and A beyond seed noise (-0.041 ± 0.101 bits per character)",
            "B 与 A 没有超出种子噪声的差别（-0.041 ± 0.101 比特/字）",
        ),
        (
            [replace(BETTER, p=0.06), replace(NONE, part="laws")],
            "no difference between B and A (-0.041 ± 0.012 bits per character)",
            "B 与 A 没有差别（-0.041 ± 0.012 比特/字）",
        ),
    ],
)
def test_a_pair_in_words(found: list[Difference], english: str, chinese: str) -> None:
    words = verdict(found)
    assert (words.english, words.chinese) == (english, chinese)
