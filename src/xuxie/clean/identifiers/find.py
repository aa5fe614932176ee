"""Identifiers of a text, in order and without overlap. Pure."""

import re
from collections.abc import Collection, Iterator

from xuxie.clean.identifiers.digits import digit_hits
from xuxie.clean.identifiers.kinds import Identifier, Kind
from xuxie.clean.identifiers.named import credit_hits, named_hits, plate_hits, wechat_hits
from xuxie.clean.identifiers.network import email_hits, ip_hits
from xuxie.clean.identifiers.numbering import PLATE_PROVINCES
from xuxie.clean.identifiers.people import address_hits, name_hits
from xuxie.clean.identifiers.shadow import (
    DASHES,
    DOTS,
    INVISIBLE,
    NUMERAL_SIGNS,
    SPACES,
    Shadow,
    shadow,
    walled,
)

# Who wins where two overlap: first what a check digit proves, then what a word beside it names,
# then what only looks like it.
ORDER = (
    Kind.EMAIL,
    Kind.IPV4,
    Kind.IPV6,
    Kind.RESIDENT_ID,
    Kind.RESIDENCE_PERMIT,
    Kind.FOREIGNER_RESIDENCE,
    Kind.MEDICAL_NUMBER,
    Kind.SOCIAL_CREDIT_CODE,
    Kind.BANK_CARD,
    Kind.QQ,
    Kind.WECHAT,
    Kind.PASSPORT,
    Kind.HK_MACAU_PERMIT,
    Kind.RESIDENT_ID_15,
    Kind.TAIWAN_PERMIT,
    Kind.MOBILE,
    Kind.LANDLINE,
    Kind.PLATE,
    Kind.ADDRESS,
    Kind.NAME,
)
RANK = {kind: rank for rank, kind in enumerate(ORDER)}
PEOPLE = frozenset({Kind.NAME, Kind.ADDRESS})

_DIGIT = rf"[\d{NUMERAL_SIGNS}]"
_GAP = rf"[ \-.{SPACES}{DASHES}{DOTS}{INVISIBLE}]{{0,6}}"
_HEX = "[0-9A-Fa-f０-９Ａ-Ｆａ-ｆ]"
_LATIN = "[A-Za-zＡ-Ｚａ-ｚ]"
# What an identifier other than a name or an address cannot do without. Five digits in a row, and
# not four, or every year would wake the scanner; the shorter ones are listed after it.
# One pattern each, and each begins with a set of characters: then `re` skips at the speed of a
# lookup, where an alternation of sets would try every branch at every character
# (13 -> about 30 MB/s).
TRACES = tuple(
    map(
        re.compile,
        (
            rf"{_DIGIT}(?:{_GAP}{_DIGIT}){{4,}}",
            "[@＠]",
            rf"[.．]{_GAP}\d{_GAP}(?:\d{_GAP}){{0,2}}[.．]",
            rf"[:：]{{1,2}}(?:{_GAP}{_HEX}){{1,4}}{_GAP}[:：]",
            rf"[{PLATE_PROVINCES}]{_GAP}{_LATIN}{_GAP}(?:{_LATIN}|{_DIGIT})",
            rf"[微薇威]{_GAP}信[^\n]{{0,8}}{_LATIN}",
            rf"[wWvVｗＷｖＶ]{_GAP}[a-zA-Zｘ]{{1,5}}[^\n]{{0,8}}{_LATIN}",
        ),
    )
)
# The longest context is 24 characters, an e-mail address has 64 before its @ and 255 after it.
MARGIN = 320


def find(text: str, *, only: Collection[Kind] | None = None) -> list[Identifier]:
    """The identifiers of `text`; with `only`, those of these kinds that nothing stronger claims."""
    text = walled(text)
    hits = [hit for start, end in windows(text) for hit in scan(shadow(text, start, end))]
    if only is None or PEOPLE & set(only):
        hits += [Identifier(*hit) for hit in (*address_hits(text), *name_hits(text))]
    chosen = without_overlap(hits)
    return [found for found in chosen if only is None or found.kind in only]


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Parts of `text` around the traces of identifiers, apart from each other."""
    traces = sorted(found.span() for trace in TRACES for found in trace.finditer(text))
    start, end = -1, -1
    for first, last in traces:
        if end < 0:
            start = max(0, first - MARGIN)
        elif first - MARGIN > end:
            yield start, end
            start = first - MARGIN
        end = max(end, min(len(text), last + MARGIN))
    if end >= 0:
        yield start, end


def scan(view: Shadow) -> Iterator[Identifier]:
    """What both readings of a window hold, at home in the original."""
    for kind, start, end in shadow_hits(view):
        yield Identifier(kind, *view.home(start, end))


def shadow_hits(view: Shadow) -> Iterator[tuple[Kind, int, int]]:
    """Digits as they are first; then, if there are numerals, what needs them read as digits."""
    text = view.text
    yield from email_hits(text)
    yield from ip_hits(text)
    yield from wechat_hits(text)
    yield from number_hits(text, text)
    if view.spoken != text:
        for kind, start, end in number_hits(text, view.spoken):
            if view.spoken[start:end] != text[start:end]:
                yield kind, start, end


def number_hits(text: str, view: str) -> Iterator[tuple[Kind, int, int]]:
    yield from digit_hits(text, view)
    yield from credit_hits(text, view)
    yield from named_hits(text, view)
    yield from plate_hits(view)


def without_overlap(hits: list[Identifier]) -> list[Identifier]:
    """The strongest first, then the longest; each is kept if its place is still free."""
    taken: list[Identifier] = []
    covered = set[int]()
    for hit in sorted(set(hits), key=lambda hit: (RANK[hit.kind], hit.start - hit.end, hit.start)):
        place = range(hit.start, hit.end)
        if covered.isdisjoint(place):
            covered.update(place)
            taken.append(hit)
    return sorted(taken, key=lambda hit: hit.start)
