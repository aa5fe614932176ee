"""How Chinese a text looks: the share of frequent characters, and of letters out of place."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OTHER, HAN, FREQUENT, COMMON, ODD = range(5)
# Level 1 of GB/T 2312-1980 is rows 16 to 55, 3755 characters; that of Big5 (1984) A440 to C67E,
# 5401: both standards chose them by their frequency in ordinary text.
LEVEL_1 = {
    "gb18030": ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
    "big5": ("cp950", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]),
}
# C1 controls; Latin to Arabic letters, which mojibake brings into Chinese; box drawing; Hangul;
# private use; half-width kana.
FOREIGN = [(0x80, 0xA0), (0xC0, 0x700), (0x2500, 0x25A0), (0xAC00, 0xD7B0), (0xE000, 0xF900)]
FOREIGN += [(0xFF61, 0xFFA0), (0xF0000, 0x110000)]
CHINESE = [(0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x33480)]


# Level 1 alone proves nothing: the Hangul of EUC-KR lie in the rows of level 1 of GB/T 2312,
# so that all Korean passed for Chinese. These stand first in any count of modern Chinese; the
# second list is what they are in traditional writing.
COMMONEST = (
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家"
    "学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见"
    "经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话"
    "儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真"
    "听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立"
    "马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制"
    "解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎"
    "元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武"
    "半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱"
    "党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯"
    "专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴份"
)
TRADITIONAL = (
    "這來個國說們爲時會過學對裏後麼沒於還發當無開見經頭從動兩長樣現將與進實點種聲話兒問機給幾"
    "業間電門東聽氣關並內卻軍產萬體別處總場師書員華報馬張難數車應計親務臺記邊風戰幹許覺題統請"
    "愛讓認論喫義術結連遠資隊帶條變聯權該領傳紅決達辦運強區轉衆輕語滿寫識極黃臉錢黨設雙歷廣議"
    "際則單據導網專誰讀飛觀爭組視濟離雖壞興為裡眾"
)


class Score(NamedTuple):
    """
    han: Chinese characters.
    frequent: share of them at level 1 of the encoding's standard.
    common: share of them among the few hundred commonest.
    odd: share of foreign letters among all signs beyond ASCII.
    """

    han: int
    frequent: float
    common: float
    odd: float


def score(texts: Iterable[str], encoding: str) -> Score:
    """
    Args:
        encoding: whose standard says which characters are frequent.
    """
    table = classes(encoding)
    counts = np.zeros(5, dtype=np.int64)
    beyond = 0
    for text in texts:
        points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        counts += np.bincount(table[points], minlength=5)
        beyond += int((points >= 0x80).sum())
    common, odd = int(counts[COMMON]), int(counts[ODD])
    frequent = int(counts[FREQUENT]) + common
    han = int(counts[HAN]) + frequent
    return Score(han, frequent / max(han, 1), common / max(han, 1), odd / max(beyond, 1))


@cache
def classes(encoding: str) -> NDArray[np.uint8]:
    """The class of every code point."""
    table = np.full(0x110000, OTHER, dtype=np.uint8)
    for kind, ranges in ((ODD, FOREIGN), (HAN, CHINESE)):
        for start, end in ranges:
            table[start:end] = kind
    codec, leads, trails = LEVEL_1[encoding]
    for lead in leads:
        for trail in trails:
            sign = bytes([lead, trail]).decode(codec, "ignore")
            if len(sign) == 1 and table[ord(sign)] == HAN:
                table[ord(sign)] = COMMON if sign in COMMONEST + TRADITIONAL else FREQUENT
    return table
