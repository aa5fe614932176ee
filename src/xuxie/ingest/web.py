"""The visible text of a web page, one line a block."""

import re

from selectolax.lexbor import LexborHTMLParser

UNSEEN = "script style noscript template nav header footer aside form head svg".split()
BLOCKS = (
    "address article blockquote dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6"
    " hr li main ol p pre section summary table tbody td th thead tr ul"
).split()
# A record separator: HTML gives it no meaning and no text needs it.
BREAK = "\x1e"
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.I)
HEAD = 4096
DECLARED = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5"),
}
WIDE = "[\u3000-\u9fff\uff00-\uffef]"
# A line that breaks between wide characters leaves no space (CSS Text 3, 4.1.3).
BROKEN_LINE = re.compile(rf"(?<={WIDE})[ \t\r]*\n[ \t\r\n]*(?={WIDE})")
SPACES = re.compile(r"[ \t\r\n\f]+")


def declared_charset(head: bytes) -> str | None:
    """The encoding that a page's <meta> declares, among those we read."""
    found = CHARSET.search(head[:HEAD])
    return DECLARED.get(found[1].decode().lower()) if found else None


def visible_text(page: str) -> str:
    # HTML 13.2.6.4.7: a NUL in the body is ignored. Left in, it would end the parser's text.
    tree = LexborHTMLParser(page.replace("\0", ""))
    tree.strip_tags(UNSEEN)
    if tree.body is None:
        return ""
    for block in tree.css(",".join([*BLOCKS, "br"])):
        block.insert_before(BREAK)
        block.insert_after(BREAK)
    blocks = tree.body.text(separator="").split(BREAK)
    texts = (SPACES.sub(" ", BROKEN_LINE.sub("", block)).strip() for block in blocks)
    return "\n".join(text for text in texts if text)
