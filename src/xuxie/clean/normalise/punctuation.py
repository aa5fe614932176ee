"""Regular forms of Chinese punctuation (GB/T 15834-2011), where hanzi prove that it is Chinese.

A single — between hanzi stays: the standard (4.13) has it as the connecting line of 北京—上海, and
nothing tells that from half a dash. A full stop of ASCII inside a line stays: 3.5 has one too.
"""

import re
from collections.abc import Callable

from xuxie.clean.normalise.han import CLOSING, HAN, OPENING
from xuxie.clean.normalise_settings import PunctuationSettings

BEFORE = f"{HAN}{CLOSING}…"
AFTER = f"{HAN}{OPENING}"
# The sign itself comes first in every expression, then what must stand before it: the search then
# runs at the speed of a character scan (1 to 3 GB/s where a leading look-behind makes 0.1).
ELLIPSIS = re.compile(
    f"(?<=[{HAN}{CLOSING}，、])(?:[…⋯]+|\\.{{3,}}|。{{3,}})(?:[…⋯]+|\\.{{3,}}|。{{3,}})*"
)
DASH = re.compile(f"([-—─―–－])(?<=[{BEFORE}].)\\1++(?=[{AFTER}])")
POINT = re.compile(f"[,;:!?](?<=[{BEFORE}].)(?:(?<=[,;:])|(?<=[!?])[!?]*+)(?=[{AFTER}])")
PARENTHESES = re.compile(
    f"(?<![A-Za-z0-9])\\((?=[{HAN}{OPENING}])([^()\n]{{1,200}})"
    f"(?<=[{HAN}{CLOSING}。！？])\\)(?![A-Za-z0-9])"
)
LINE_END = re.compile(f"[.!?](?<=[{BEFORE}].)(?:(?<=[.])|(?<=[!?])[!?]*+)(?=[ \u3000]*+$)", re.M)
QUOTED = re.compile('["＂]([^"＂]*)["＂]')
# A "quotation" that opens with a comma lies between two quotations.
QUOTABLE = re.compile(f"(?![ ,.;:!?，。；：！？、])[^{HAN}]*+[{HAN}]")
NO_QUOTE = re.compile('[0-9=“”][ ]?["＂]|["＂][0-9]*["＂]')
# Every change needs one of the first signs, or two of the same mark together.
SIGNS = ',;:!?."＂(…⋯—─―–－-'
MARKS = "！？，、；：～~。"
CANDIDATE = re.compile(f"[{MARKS}{SIGNS}](?:(?<=[{SIGNS}])|(?<=(.))\\1)")
FULL = str.maketrans(",;:?!.", "，；：？！。")


def regular(settings: PunctuationSettings) -> Callable[[str], str]:
    """The chosen rules as one function of a text."""
    chosen: list[Callable[[str], str]] = [
        rule
        for rule, on in (
            (ellipses, settings.ellipses),
            (dashes, settings.dashes),
            (width, settings.width),
            (full_stops, settings.full_stops),
            (quotes, settings.quotes),
        )
        if on
    ]
    if settings.max_run:
        chosen.append(runs_up_to(settings.max_run))

    def apply(text: str) -> str:
        if CANDIDATE.search(text):
            for rule in chosen:
                text = rule(text)
        return text

    return apply


def ellipses(text: str) -> str:
    if "…" in text or "..." in text or "。。。" in text or "⋯" in text:
        return ELLIPSIS.sub("……", text)
    return text


def dashes(text: str) -> str:
    return DASH.sub("——", text)


def width(text: str) -> str:
    """Points and pairs of parentheses that stand between hanzi, never beside digits or Latin."""
    text = POINT.sub(full, text)
    return PARENTHESES.sub(r"（\1）", text) if "(" in text else text


def full_stops(text: str) -> str:
    """The end of a line is the one place where a full stop of ASCII is certain after a hanzi."""
    return LINE_END.sub(full, text)


def full(match: re.Match[str]) -> str:
    return "，" if match[0] == "," else match[0].translate(FULL)


def quotes(text: str) -> str:
    """Straight double quotes in pairs, a line at a time; a line that leaves doubt stays."""
    if '"' not in text and "＂" not in text:
        return text
    return "\n".join(map(quoted_line, text.split("\n")))


def quoted_line(line: str) -> str:
    marks = line.count('"') + line.count("＂")
    if not marks or marks % 2 or NO_QUOTE.search(line) or "“" in line or "”" in line:
        return line
    if not all(map(QUOTABLE.match, QUOTED.findall(line))):
        return line
    return QUOTED.sub(r"“\1”", line)


def runs_up_to(longest: int) -> Callable[[str], str]:
    run = re.compile(f"([！？!?，,、；;：:~～])\\1{{{longest},}}")
    return lambda text: run.sub(lambda match: match[1] * longest, text)
