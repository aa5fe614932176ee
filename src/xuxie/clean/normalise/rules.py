"""The names of the rules that change text, in the order in which they run."""

from enum import StrEnum


class Rule(StrEnum):
    MOJIBAKE = "mojibake"
    LINE_ENDS = "line_ends"
    INVISIBLE = "invisible"
    MARKUP = "markup"
    NFC = "nfc"
    WIDTH = "width"
    FURNITURE = "furniture"
    PUNCTUATION = "punctuation"
    TRADITIONAL = "traditional"
    SPACING = "spacing"
