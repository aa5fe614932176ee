"""White space: one kind, no indents, none inside spaced-out hanzi, at most one blank line.

A space between hanzi often stands for a comma (写得好 不连贯), so it stays, unless the line is
spaced out as scans and justified headings are: more hanzi pairs of the line are spaced than joined,
and at least three. In 写得好 不连贯 没重点 joined pairs are more; 今 天 天 气 has none. Beside
a point, and on the inner side of brackets and quotes, a space says nothing and goes; on the outer
side it may stand for a comma again, and stays. An ideographic space inside a line
(第一条　为了……) is typesetting and stays; two or more are one.
"""

import re

from xuxie.clean.normalise.han import CLOSING, HAN, ODD_SPACES, OPENING, POINTS

ODD_SPACE = re.compile(f"[{ODD_SPACES}]")
SPACE_RUN = re.compile("[ \u3000]{2,}")
SPACED = re.compile(f" (?<=[{HAN}] )(?=[{HAN}])")
JOINED = re.compile(f"[{HAN}](?=[{HAN}])")
BEFORE_MARK = f"(?<=[{HAN}{CLOSING}{POINTS}] )(?=[{POINTS}{CLOSING}])"
AFTER_MARK = f"(?<=[{POINTS}{OPENING}] )(?=[{HAN}{OPENING}{CLOSING}{POINTS}])"
BESIDE_MARK = re.compile(f" (?:{BEFORE_MARK}|{AFTER_MARK})")
BLANK_LINES = re.compile("\n{3,}")
FEWEST_SPACED = 3


def one_space(text: str) -> str:
    """`text` with plain and ideographic spaces only."""
    return ODD_SPACE.sub(" ", text)


def spaced(text: str) -> str:
    """`text` with regular white space, once `one_space` has been over it."""
    if " " in text or "\u3000" in text:
        text = SPACE_RUN.sub(lambda run: "\u3000" if "\u3000" in run[0] else " ", text)
    if " " in text:
        text = BESIDE_MARK.sub("", text)
        if len(SPACED.findall(text)) >= FEWEST_SPACED:
            text = "\n".join(map(joined_line, text.split("\n")))
    if "\n" in text:
        text = without_edges(text)
    return text.strip(" \u3000\n")


def without_edges(text: str) -> str:
    """Lines without spaces at their ends, and no two blank lines together."""
    if "\n " in text or " \n" in text or "\n\u3000" in text or "\u3000\n" in text:
        text = "\n".join(line.strip(" \u3000") for line in text.split("\n"))
    if "\n\n\n" in text:
        text = BLANK_LINES.sub("\n\n", text)
    return text


def joined_line(line: str) -> str:
    """The line without the spaces between hanzi, if it is spaced out."""
    spaces = len(SPACED.findall(line))
    if spaces < FEWEST_SPACED or spaces <= len(JOINED.findall(line)):
        return line
    return SPACED.sub("", line)
