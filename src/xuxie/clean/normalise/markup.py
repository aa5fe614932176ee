"""HTML and BBCode left in text: real tags go, `a < b` and 〈书名〉 in angle brackets stay."""

import re
from html.entities import html5

INLINE = (
    "a abbr acronym b bdi bdo big center cite code del dfn em embed font i iframe img input ins "
    "kbd label mark meta link nobr object param q s samp small source span strike strong sub sup "
    "svg time tt u var wbr script style noscript button select textarea html head body title"
).split()
BLOCK = (
    "address article aside blockquote br caption dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table "
    "tbody tfoot thead tr ul"
).split()
CELL = ["td", "th"]
TAG = re.compile(
    rf"<(?:!doctype\b[^<>]*|/?({'|'.join([*INLINE, *BLOCK, *CELL])})(?:[\s/][^<>]*)?)>", re.I
)
# What an element leaves behind; inline ones and the rest of the list leave nothing.
LEAVES = dict.fromkeys(BLOCK, "\n") | dict.fromkeys(CELL, " ")
ELEMENTS = [
    (re.compile(rf"<{name}(?:\s[^<>]*)?>", re.I), re.compile(rf"</{name}\s*>", re.I))
    for name in ("script", "style", "noscript", "textarea")
] + [(re.compile("<!--"), re.compile("-->"))]
AMPERSANDS = re.compile("&(?:(?:amp|#38|#x26);)+", re.I)
ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));")
BBCODE = re.compile(
    r"\[(/?)(b|i|u|s|url|img|quote|code|color|size|font|align|center|list|table|tr|td|email|attach|"
    r"hide|backcolor|media|flash|indent|float|sub|sup)(?:=[^\[\]\n]{0,500})?\]",
    re.I,
)
PICTURE = re.compile(
    r"\[(img|attach|media|flash)(?:=[^\[\]\n]{0,500})?\][^\[\]]{0,1000}\[/\1\]", re.I
)


def without_markup(text: str) -> str:
    """`text` without the tags of HTML and BBCode, its entities resolved."""
    if "&" in text:
        text = ENTITY.sub(resolved, AMPERSANDS.sub("&", text))
    if "<" in text:
        text = TAG.sub(left_behind, without_hidden(text))
    if "[/" in text:
        text = without_bbcode(text)
    return text


def resolved(match: re.Match[str]) -> str:
    """The character an entity stands for; unknown names and impossible numbers stay as written."""
    decimal, hexadecimal, name = match.groups()
    if name:
        return html5.get(f"{name};", match[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    possible = code >= 0xA0 or 0x20 <= code < 0x7F or code in (9, 10, 13)
    possible = possible and code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if possible else match[0]


def left_behind(match: re.Match[str]) -> str:
    return LEAVES.get((match[1] or "").lower(), "")


def without_hidden(text: str) -> str:
    """Without the elements and comments whose contents no reader sees.

    Opened and never closed, only the tag goes: a lost end tag must not swallow a document. Written
    as a scan, because a lazy expression starts anew at each of many unclosed tags.
    """
    for opening, closing in ELEMENTS:
        pieces, place = [], 0
        while (start := opening.search(text, place)) and (end := closing.search(text, start.end())):
            pieces.append(text[place : start.start()])
            place = end.end()
        text = "".join([*pieces, text[place:]]) if place else text
    return text


def without_bbcode(text: str) -> str:
    """Only names that are opened and closed: `a[i]` in a program is no markup."""
    text = PICTURE.sub("", text)
    found = [(match[1], match[2].lower()) for match in BBCODE.finditer(text)]
    paired = {name for slash, name in found if slash} & {name for slash, name in found if not slash}
    return BBCODE.sub(lambda match: "" if match[2].lower() in paired else match[0], text)
