"""Rules on single characters: what is invisible, what ends a line, which form and width.

NFC, not NFKC: compatibility forms would turn ， into , and ① into 1 (Unicode Standard Annex 15).
Only full-width ASCII letters and digits are folded; punctuation keeps its width.
"""

import re
import unicodedata

from xuxie.clean.normalise.han import HAN, ODD_SPACES

LINE_ENDS = re.compile("[\r\u0085\u2028\u2029\v\f](?:(?<=\r)\n)?")
# C0 and C1 controls but for those that end lines or indent, soft hyphen, zero-width and
# bidirectional signs, interlinear and byte order marks, private use, tags, noncharacters.
NOISE = (
    "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
)
FAR_NOISE = "\U000e0000-\U000e00ff\U000f0000-\U0010ffff" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 15)
)
# Two sets, because one of the first plane is searched ten times as fast as one that reaches beyond.
INVISIBLE = re.compile(f"[{NOISE}]+")
FAR_INVISIBLE = re.compile(f"[{FAR_NOISE}]+")
BEYOND = re.compile("[\U00010000-\U0010ffff]")
SELECTOR = re.compile("[\ufe00-\ufe0f]")
# A zero-width joiner holds an emoji together (Unicode Technical Standard 51); elsewhere it is
# noise. These blocks are closed under NFC; wider ranges hold spaces and letters that change, and
# then a second pass would find other joiners stray.
EMOJI = "\u2190-\u21ff\u2300-\u2328\u232b-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
STRAY_JOINER = re.compile(f"(?<![{EMOJI}\ufe0f])\u200d+|\u200d+(?![{EMOJI}])")
# Presentation of emoji, keycaps and a few signs; variants of ideographs (Technical Standard 37).
STRAY_SELECTOR = re.compile(
    f"(?<![{EMOJI}{HAN}0-9#*©®‼⁉™ℹ〰〽㊗㊙，。、！？：；])[\ufe00-\ufe0f]"
    f"|(?<![{HAN}])[\U000e0100-\U000e01ef]"
)
WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
# What the rules on single characters look for: those of this file but NFC, odd spaces, the first
# letters of mojibake. A set of the first plane and one range beyond it is searched at 400 MB/s;
# INVISIBLE, with its thirty ranges, at 50.
AWKWARD = re.compile(
    f"[\r\v\f\u0085\u2028\u2029{ODD_SPACES}\xc2-\xf4{NOISE}\u200d\ufe00-\ufe0f"
    "０-９Ａ-Ｚａ-ｚ\U00010000-\U0010ffff]"
)
FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
}


def visible(text: str) -> str:
    """`text` without characters that nobody sees; joiners and selectors stay where they work."""
    text = INVISIBLE.sub("", text)
    beyond = BEYOND.search(text) is not None
    if beyond:
        text = FAR_INVISIBLE.sub("", text)
    if beyond or SELECTOR.search(text):
        text = STRAY_SELECTOR.sub("", text)
    return STRAY_JOINER.sub("", text) if "\u200d" in text else text


def one_line_end(text: str) -> str:
    return LINE_ENDS.sub("\n", text)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def half_width(text: str) -> str:
    """Full-width letters and digits of ASCII at half width, and nothing else."""
    return WIDE.sub(lambda match: match[0].translate(FULL_WIDTH), text)
