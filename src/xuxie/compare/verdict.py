"""The result of a comparison in words, Chinese and English."""

from dataclasses import dataclass

from xuxie.compare.documents import ALL
from xuxie.compare.paired import Difference

LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Words:
    chinese: str
    english: str


def verdict(found: list[Difference]) -> Words:
    """What is to be said of one pair of models.

    Args:
        found: differences of the pair, over all documents first, then over the sources.
    """
    overall, sources = found[0], found[1:]
    assert overall.part == ALL
    whole = over_all(overall)
    others = [d for d in sources if kind(d) != kind(overall)]
    chinese = "".join(f"；仅看 {d.part}：{alone(d).chinese}" for d in others)
    english = "".join(f"; on {d.part} alone {alone(d).english}" for d in others)
    return Words(whole.chinese + chinese, whole.english + english)


def kind(found: Difference) -> str:
    """Differences of one kind need not be told apart in words."""
    outcome = found.outcome()
    return "none" if outcome == "seed" else outcome


def over_all(d: Difference) -> Words:
    first, second = LETTERS[d.first], LETTERS[d.second]
    size = amount(d)
    match d.outcome():
        case "better":
            return Words(
                f"{second} 比 {first} 好 {size} 比特/字",
                f"{second} is better than {first} by {size} bits per character",
            )
        case "worse":
            return Words(
                f"{second} 比 {first} 差 {size} 比特/字",
                f"{second} is worse than {first} by {size} bits per character",
            )
        case "seed":
            return Words(
                f"{second} 与 {first} 没有超出种子噪声的差别（{signed(d)} 比特/字）",
                f"no difference between {second} and {first} beyond seed noise"
                f" ({signed(d)} bits per character)",
            )
    return Words(
        f"{second} 与 {first} 没有差别（{signed(d)} 比特/字）",
        f"no difference between {second} and {first} ({signed(d)} bits per character)",
    )


def alone(d: Difference) -> Words:
    """The same on one source, as an addition to what was said of all documents."""
    second, size = LETTERS[d.second], amount(d)
    match d.outcome():
        case "better":
            return Words(f"{second} 好 {size}", f"{second} is better by {size}")
        case "worse":
            return Words(f"{second} 差 {size}", f"{second} is worse by {size}")
        case "seed":
            return Words("没有超出种子噪声的差别", "no difference beyond seed noise")
    return Words("没有差别", "no difference")


def amount(d: Difference) -> str:
    return f"{abs(d.delta):.3f} ± {d.margin():.3f}"


def signed(d: Difference) -> str:
    return f"{d.delta:+.3f} ± {d.margin():.3f}"


def short(d: Difference) -> Words:
    """A cell of a table."""
    match d.outcome():
        case "better":
            return Words("更好", "better")
        case "worse":
            return Words("更差", "worse")
        case "seed":
            return Words("种子噪声之内", "within seed noise")
    return Words("没有差别", "no difference")
