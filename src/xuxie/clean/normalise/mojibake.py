"""UTF-8 that somebody read as Latin-1 or Windows-1252, put right where that is certain.

ftfy (Speer, 2019) decides. It looks at a whole string, and one good hanzi makes it give up; so it
is shown each stretch of characters below the CJK blocks alone. 锟斤拷 has lost its bytes for good.
"""

import re

# What the bytes 0x80 to 0xbf become in Windows-1252 and Latin-1.
CONTINUATION = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
LEADS = re.compile(f"[\xc2-\xf4][{CONTINUATION}]")
# Longer stretches are cut, so that the time stays linear; a cut leaves text as it was, at worst.
# 2×“ happens to be the bytes of a Hebrew letter: in Chinese text only Latin letters, signs and CJK
# are certain.
UNLIKELY = re.compile("[\u0250-\u1fff\ua000-\uf8ff]")
STRETCH = re.compile(f"[ -~\xc0-\xff{CONTINUATION}]{{2,2000}}")


def repaired(text: str) -> str:
    """`text` with its certain mojibake decoded; good text is never touched."""
    if not LEADS.search(text):
        return text
    return STRETCH.sub(lambda match: decoded(match[0]), text)


def decoded(stretch: str) -> str:
    """What a stretch says, if it is mojibake of UTF-8; else the stretch."""
    if not LEADS.search(stretch):
        return stretch
    # 45 ms to import, and most corpora never need it.
    from ftfy import TextFixerConfig, fix_encoding

    narrow = TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        restore_byte_a0=True,
        replace_lossy_sequences=False,
        decode_inconsistent_utf8=True,
        fix_c1_controls=False,
    )
    fixed = fix_encoding(stretch, narrow)
    return stretch if UNLIKELY.search(fixed) else fixed
