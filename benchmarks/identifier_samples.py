"""Seeded identifiers in running Chinese, their decoys and disguises. All made up, none a person's.

Templates of finance, health and retail, written for this file; hanzi touch the value on both sides
wherever the language allows. A sample says where its value stands.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import identifier_decoys as decoys
import identifier_values as values

VALUE = "{}"
# A sentence may stand around any of these; {} is the value.
CARRIERS = (
    "经办柜员核对{}后办理了转账。",
    "病历首页写着{}，请护士复核。",
    "门店系统登记的是{}已完成会员注册。",
    "请把{}发给客服，我们今天处理。",
    "昨天收到的资料里有{}还没有归档。",
)
LABELS: dict[str, tuple[str, ...]] = {
    "resident_id": ("身份证号{}", "身份证号码：{}", "证件{}", "{}"),
    "resident_id_15": ("旧身份证号{}", "身份证号码为{}", "身份证：{}"),
    "residence_permit": ("居住证号{}", "港澳台居民居住证{}", "{}"),
    "foreigner_residence": ("永久居留证号{}", "外国人永居证{}", "{}"),
    "mobile": ("手机号{}", "联系电话：{}", "{}", "预留号码{}"),
    "landline": ("座机{}", "联系电话：{}", "固话{}"),
    "bank_card": ("卡号{}", "银行卡{}", "{}", "信用卡号：{}"),
    "social_credit_code": ("统一社会信用代码{}", "税号{}", "{}", "信用代码：{}"),
    "passport": ("护照号{}", "护照号码：{}", "护照{}"),
    "hk_macau_permit": ("回乡证{}", "港澳居民来往内地通行证号{}", "通行证号码：{}"),
    "taiwan_permit": ("台胞证{}", "台胞证号：{}", "台湾居民来往大陆通行证号{}"),
    "plate": ("车牌{}", "车牌号：{}", "{}", "停在门口的{}"),
    "email": ("邮箱{}", "电子邮件：{}", "{}"),
    "ipv4": ("登录IP是{}", "来源地址{}", "IP：{}"),
    "ipv6": ("登录地址是{}", "来源{}", "IPv6地址：{}"),
    "wechat": ("微信号{}", "微信：{}", "加微信号：{}"),
    "qq": ("QQ{}", "QQ号：{}", "QQ号码是{}"),
    "medical_number": ("住院号{}", "病历号：{}", "医保卡号{}", "门诊号是{}"),
    "name": ("患者{}", "联系人：{}", "客户{}", "姓名：{}"),
    "address": ("住址：{}", "家住{}", "收货地址{}", "户籍地址为{}"),
}
NUMBERS = frozenset(
    "resident_id resident_id_15 residence_permit foreigner_residence mobile landline bank_card "
    "social_credit_code passport hk_macau_permit taiwan_permit plate qq medical_number".split()
)
CHECKED = frozenset(
    "resident_id residence_permit foreigner_residence bank_card social_credit_code".split()
)
INTERNET = frozenset("email ipv4 ipv6 wechat".split())
LETTERED = frozenset(
    "resident_id residence_permit foreigner_residence social_credit_code passport plate "
    "hk_macau_permit".split()
)
CHINESE = ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖")
ZERO_WIDTH = "\u200b\u200c\u200d\ufeff\u2060"
# Where each disguise makes sense. E-mail and IP addresses and WeChat ids are no longer themselves
# with spaces, hyphens or hanzi inside; only a check digit or a word for a telephone is told from
# its Latin neighbour; names and addresses have no disguise of digits.
APPLIES: dict[str, frozenset[str]] = {
    "plain": frozenset(LABELS),
    "full_width": NUMBERS | INTERNET,
    "spaces": NUMBERS,
    "hyphens": NUMBERS,
    "zero_width": NUMBERS | INTERNET,
    "chinese_numerals": NUMBERS,
    "lower_case": LETTERED,
    "line_break": NUMBERS,
    "latin_neighbours": CHECKED | {"mobile"},
}


@dataclass(frozen=True, slots=True)
class Sample:
    kind: str
    text: str
    start: int
    end: int


def samples(kind: str, disguise: str, count: int, seed: int) -> Iterator[Sample]:
    """Valid identifiers of a kind, each in a sentence."""
    rng = random.Random(f"{kind} {disguise} {seed}")
    for _ in range(count):
        value = values.valid(kind, rng, with_letter=disguise == "lower_case")
        yield in_sentence(kind, disguised(value, kind, disguise, rng), rng, disguise)


def decoy_texts(kind: str, disguise: str, count: int, seed: int) -> Iterator[str]:
    """What looks like the kind and is not: a wrong check digit, or else a near miss."""
    rng = random.Random(f"decoy {kind} {disguise} {seed}")
    for _ in range(count):
        if kind in CHECKED:
            value = disguised(values.invalid(kind, rng), kind, disguise, rng)
            yield in_sentence(kind, value, rng, disguise).text
        else:
            yield decoys.near_miss(kind, rng)


def in_sentence(kind: str, value: str, rng: random.Random, disguise: str) -> Sample:
    label = rng.choice(LABELS[kind])
    if disguise == "latin_neighbours":
        before = (
            rng.choice(("TEL", "Tel", "mobile"))
            if kind == "mobile"
            else rng.choice(("ID", "No", "abc"))
        )
        label = label.replace(VALUE, before + VALUE + rng.choice(("", "ok", "VIP")))
    whole = rng.choice(CARRIERS).replace(VALUE, label)
    start = whole.index(VALUE)
    return Sample(kind, whole.replace(VALUE, value), start, start + len(value))


def disguised(value: str, kind: str, disguise: str, rng: random.Random) -> str:
    """`value` as somebody may have written it."""
    if disguise == "spaces":
        return rng.choice((" ".join(value), grouped(value, kind, " ")))
    ways: dict[str, Callable[[], str]] = {
        "full_width": lambda: "".join(
            chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value
        ),
        "hyphens": lambda: grouped(value, kind, "-"),
        "zero_width": lambda: inserted(value, rng.choice(ZERO_WIDTH), rng, times=3),
        "chinese_numerals": lambda: spoken(value, rng),
        "lower_case": value.lower,
        "line_break": lambda: inserted(value, "\n", rng, times=1),
    }
    return ways[disguise]() if disguise in ways else value


def grouped(value: str, kind: str, separator: str) -> str:
    """The groups in which such a number is usually written."""
    value = value.replace("-", "")
    sizes = {
        "resident_id": (6, 8, 4), "residence_permit": (6, 8, 4), "foreigner_residence": (6, 8, 4),
        "resident_id_15": (6, 6, 3), "mobile": (3, 4, 4), "landline": (len(value) - 8, 4, 4),
        "social_credit_code": (2, 6, 9, 1), "passport": (1, 4, 4), "hk_macau_permit": (1, 4, 4, 2),
        "taiwan_permit": (4, 4), "plate": (2, 6), "qq": (4, 4, 4), "medical_number": (4, 4, 4),
    }.get(kind, (4, 4, 4, 4, 4))  # fmt: skip
    groups, place = [], 0
    for size in sizes:
        groups.append(value[place : place + size])
        place += size
    return separator.join(group for group in [*groups, value[place:]] if group)


def inserted(value: str, sign: str, rng: random.Random, *, times: int) -> str:
    """`sign` at random places inside `value`."""
    places = sorted(rng.sample(range(1, len(value)), min(times, len(value) - 1)), reverse=True)
    for place in places:
        value = value[:place] + sign + value[place:]
    return value


def spoken(value: str, rng: random.Random) -> str:
    numerals = rng.choice(CHINESE)
    return "".join(numerals[int(c)] if c.isdigit() and c.isascii() else c for c in value)


def prose(characters: int, seed: int) -> str:
    """Running Chinese with years, amounts, statutes and counts, and no identifier."""
    rng = random.Random(f"prose {seed}")
    parts: list[str] = []
    size = 0
    while size < characters:
        sentence = decoys.sentence(rng)
        parts.append(sentence)
        size += len(sentence)
    return "".join(parts)
