"""Made-up identifiers: well-formed ones, and ones whose check digit is wrong."""

import random
import string
from collections.abc import Callable

PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63".split()
)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
MOBILES = (
    "130 131 133 135 136 138 139 145 147 150 151 152 155 158 159 166 171 173 "
    "176 177 178 180 182 185 186 187 188 189 191 195 198 199"
).split()
CARD_STARTS = (("62", 19), ("62", 16), ("4", 16), ("5", 16), ("62", 18), ("35", 16), ("37", 15))


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def born(rng: random.Random) -> str:
    return f"{rng.randint(1940, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def id_check(first: str) -> str:
    """MOD 11-2 from its definition, weights 2^(18-i) mod 11, and not from the code under test."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first))
    return "0123456789X"[(12 - total) % 11]


def identity(rng: random.Random, area: str, letter: bool) -> str:
    while True:
        first = area + born(rng) + digits(rng, 3)
        if not letter or id_check(first) == "X":
            return first + id_check(first)


def resident(rng: random.Random, letter: bool) -> str:
    return identity(
        rng, f"{rng.choice(PROVINCES)}{rng.randint(1, 20):02}{rng.randint(1, 30):02}", letter
    )


def permit(rng: random.Random, letter: bool) -> str:
    return identity(rng, rng.choice(("810000", "820000", "830000")), letter)


def foreigner(rng: random.Random, letter: bool) -> str:
    return identity(rng, f"9{rng.choice(PROVINCES)}{digits(rng, 3)}", letter)


def luhn_check(first: str) -> str:
    table = "0246813579"
    total = sum(int(table[int(d)]) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(first)))
    return str(-total % 10)


def card(rng: random.Random, _: bool) -> str:
    start, length = rng.choice(CARD_STARTS)
    start += {"5": str(rng.randint(1, 5)), "35": str(rng.randint(28, 89))}.get(start, "")
    first = start + digits(rng, length - 1 - len(start))
    return first + luhn_check(first)


def credit(rng: random.Random, _: bool) -> str:
    area = f"{rng.choice(PROVINCES)}{rng.randint(1, 20):02}{rng.randint(1, 30):02}"
    head = rng.choice(("91", "92", "93", "12", "51", "52")) + area
    body = "MA" + "".join(rng.choices(CREDIT_ALPHABET, k=7))
    total, weight = 0, 1
    for sign in head + body:
        total, weight = total + CREDIT_ALPHABET.index(sign) * weight, weight * 3 % 31
    return head + body + CREDIT_ALPHABET[(31 - total % 31) % 31]


def landline(rng: random.Random, _: bool) -> str:
    area, size = rng.choice(
        (("010", 8), ("021", 8), ("0755", 8), ("0571", 8), ("0310", 7), ("0898", 8))
    )
    return f"{area}-{rng.randint(2, 8)}{digits(rng, size - 1)}"


def plate(rng: random.Random, _: bool) -> str:
    head = rng.choice("京津沪渝冀豫鲁苏浙粤川") + rng.choice("ABCDEFGH")
    if rng.random() < 0.3:
        return head + rng.choice("DF") + rng.choice(PLATE_SIGNS) + digits(rng, 4)
    body = list(digits(rng, 5))
    for place in rng.sample(range(5), rng.randint(0, 2)):
        body[place] = rng.choice(PLATE_SIGNS)
    return head + "".join(body)


def email(rng: random.Random, _: bool) -> str:
    user = "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 9)))
    host = rng.choice(("example.com", "mail.example.cn", "example.org"))
    return f"{user}{rng.choice(('', '.', '_'))}{digits(rng, 3)}@{host}"


def ipv6(rng: random.Random, _: bool) -> str:
    groups = [f"{rng.randint(1, 0xFFFF):x}" for _ in range(6)]
    return "2001:db8:" + rng.choice((":".join(groups), ":" + ":".join(groups[:3])))


def wechat(rng: random.Random, _: bool) -> str:
    return (
        rng.choice(string.ascii_letters)
        + "".join(rng.choices(string.ascii_lowercase + string.digits + "_-", k=rng.randint(5, 15)))
        + rng.choice(string.digits)
    )


def name(rng: random.Random, _: bool) -> str:
    surname = rng.choice("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
    return surname + "".join(
        rng.choices("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰", k=rng.randint(1, 2))
    )


def address(rng: random.Random, _: bool) -> str:
    place = rng.choice(
        (
            "浙江省杭州市西湖区",
            "北京市朝阳区",
            "广东省深圳市南山区",
            "四川省成都市武侯区",
            "河南省郑州市中牟县",
        )
    )
    road = rng.choice(("文三路", "建国大道", "和平街", "春风巷", "长江路"))
    return f"{place}{road}{rng.randint(1, 300)}号{rng.randint(1, 30)}栋{rng.randint(101, 2502)}室"


MAKERS: dict[str, Callable[[random.Random, bool], str]] = {
    "resident_id": resident,
    "resident_id_15": lambda rng, _: f"{rng.choice(PROVINCES)}0102{born(rng)[2:]}{digits(rng, 3)}",
    "residence_permit": permit,
    "foreigner_residence": foreigner,
    "mobile": lambda rng, _: rng.choice(MOBILES) + digits(rng, 8),
    "landline": landline,
    "bank_card": card,
    "social_credit_code": credit,
    "passport": lambda rng, _: rng.choice("EG") + digits(rng, 8) if rng.random() < 0.7
    else "E" + rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + digits(rng, 7),
    "hk_macau_permit": lambda rng, _: rng.choice("HM") + digits(rng, rng.choice((8, 10))),
    "taiwan_permit": lambda rng, _: digits(rng, 8),
    "plate": plate,
    "email": email,
    "ipv4": lambda rng, _: ".".join(str(rng.randint(11, 126)) for _octet in range(4)),
    "ipv6": ipv6,
    "wechat": wechat,
    "qq": lambda rng, _: str(rng.randint(1, 9)) + digits(rng, rng.randint(5, 9)),
    "medical_number": lambda rng, _: rng.choice(("", "", "ZY")) + digits(rng, rng.randint(6, 10)),
    "name": name,
    "address": address,
}  # fmt: skip


def valid(kind: str, rng: random.Random, *, with_letter: bool = False) -> str:
    """A well-formed value; with `with_letter`, an identity number that ends in X."""
    return MAKERS[kind](rng, with_letter)


def invalid(kind: str, rng: random.Random) -> str:
    """A value of a kind with a check digit, and another check digit than its own."""
    value = MAKERS[kind](rng, False)
    signs = CREDIT_ALPHABET if kind == "social_credit_code" else string.digits
    return value[:-1] + rng.choice([sign for sign in signs if sign != value[-1]])
