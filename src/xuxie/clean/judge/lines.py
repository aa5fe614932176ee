"""What the lines of a text say about it."""

import re
from typing import NamedTuple

SHORT = 10
FEW = 5
SENTENCE_END = re.compile(r"[。！？!?…]+|\.(?=\s|$)")
# The replacement character; 锟斤拷 is what it becomes when UTF-8 is read as GBK; 烫 and 屯 are
# uninitialised memory read as GBK; then the filler of page templates.
PLACEHOLDER = re.compile(r"�|锟斤拷|烫烫+|屯屯+|lorem ipsum[^\n]*", re.IGNORECASE)
# One of these begins every placeholder; a set is searched four times as fast as the branches.
SUSPICIOUS = re.compile("[�锟烫屯l](?:(?<=[�锟烫屯])|orem)", re.IGNORECASE)


class LineShares(NamedTuple):
    """repeated: of the characters, those in lines that occurred before; short: of the lines."""

    repeated: float
    short: float


ONE_LINE = LineShares(0.0, 0.0)


def line_shares(text: str) -> LineShares:
    if "\n" not in text:
        return ONE_LINE
    lines = [line for line in text.split("\n") if line]
    if len(lines) < 2:
        return ONE_LINE
    seen: set[str] = set()
    repeated = 0
    for line in lines:
        repeated += len(line) if line in seen else 0
        seen.add(line)
    short = sum(len(line) < SHORT for line in lines) / len(lines) if len(lines) >= FEW else 0.0
    return LineShares(repeated / sum(map(len, lines)), short)


def sentences(text: str) -> int:
    """Ends of sentences, Chinese or Latin."""
    return len(SENTENCE_END.findall(text))


def placeholder_share(text: str) -> float:
    if not SUSPICIOUS.search(text):
        return 0.0
    return sum(map(len, PLACEHOLDER.findall(text))) / len(text)
