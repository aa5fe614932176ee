"""The switches of normalising: one for each rule, in the order in which the rules run."""

from typing import Annotated, Literal

from pydantic import Field

from xuxie.section import Section


class PunctuationSettings(Section):
    """Regular forms after GB/T 15834-2011, only where hanzi stand around them.

    quotes: straight double quotes to “ ” where a line has them in whole pairs.
    dashes: two or more hyphens or dashes between hanzi to ——.
    ellipses: ... 。。。 … after hanzi to ……
    width: , ; : ? ! and pairs of parentheses between hanzi to full width.
    full_stops: a full stop, ? or ! of ASCII that ends a line after a hanzi to 。？！
    max_run: longest run of one mark, as in ！！！; 0 leaves every run.
    """

    quotes: bool
    dashes: bool
    ellipses: bool
    width: bool
    full_stops: bool
    max_run: Annotated[int, Field(ge=0)]


class NormaliseSettings(Section):
    """
    mojibake: repair UTF-8 that was read as Latin-1 or cp1252, where that is certain.
    markup: remove HTML tags, scripts and comments, paired BBCode; resolve entities.
    furniture: remove lines that are nothing but the furniture of a web site.
    invisible: remove zero-width, bidirectional, control, tag and private-use characters.
    line_ends: one kind of line end.
    nfc: Unicode form NFC (never NFKC).
    width: full-width ASCII letters and digits to half width; punctuation keeps its width.
    traditional: keep, or simplify all but the protected words.
    protected_words: written as they are, whatever `traditional` says.
    spacing: one kind of space, no indents, no spaces inside spaced-out hanzi.
    """

    mojibake: bool
    markup: bool
    furniture: bool
    invisible: bool
    line_ends: bool
    nfc: bool
    width: bool
    punctuation: PunctuationSettings
    traditional: Literal["keep", "simplify"]
    protected_words: list[Annotated[str, Field(min_length=1)]]
    spacing: bool
