"""Unicode rules that are safe for Chinese: text -> text. Pure and idempotent.

NFC, not NFKC: compatibility forms would turn ， into , and ① into 1 (Unicode Standard Annex 15).
Only full-width ASCII letters and digits are folded; punctuation keeps its width.
"""

import re
import unicodedata

LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029\v\f]")
# C0 and C1 controls but for \t and \n, soft hyphen, zero-width and bidirectional signs,
# interlinear and byte order marks, tags, noncharacters.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# A zero-width joiner holds an emoji together (Unicode Technical Standard 51); elsewhere it is
# noise. These blocks are closed under NFC; wider ranges hold spaces and letters that change, and
# then a second pass would find other joiners stray.
EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
STRAY_JOINER = re.compile(f"(?<![{EMOJI}])\u200d+|\u200d+(?![{EMOJI}])")
FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
}
SPACES = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f]+")
BLANK_LINES = re.compile("\n{3,}")


def normalise(text: str) -> str:
    """`text` with one kind of line end and space, no invisible characters, in form NFC."""
    text = LINE_ENDS.sub("\n", text)
    text = STRAY_JOINER.sub("", INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text.translate(FULL_WIDTH))
    text = "\n".join(line.strip(" \u3000") for line in SPACES.sub(" ", text).split("\n"))
    return BLANK_LINES.sub("\n\n", text).strip(" \u3000\n")
