"""Numbers made of digits only: identity numbers, cards and telephones, read out of digit runs."""

import re
from collections.abc import Iterator

from xuxie.clean.identifiers.checks import (
    has_id_check,
    is_card,
    is_id_shape,
    is_landline,
    is_mobile,
    is_old_id,
)
from xuxie.clean.identifiers.kinds import Kind
from xuxie.clean.identifiers.runs import (
    GAP,
    Number,
    numbers,
    shapes,
    touches_latin,
    words_before,
)

Hit = tuple[Kind, int, int]
LONGEST = 19
CUT_OFF = re.compile(r"\n([0-9]{1,3})")
LAST_X = re.compile(rf"{GAP}[Xx](?![0-9])")
CARD_WORDS = re.compile(r"卡号|银行卡|储蓄卡|信用卡|借记卡|账号|帐号|账户|帐户|(?i:card|visa|bank)")
CARD_OR_ID = re.compile(r"(?:卡号?|证|身份证号|证号|证件号|账号|帐号)(?:码)?[ ]?[:=是为]?[ ]?$")
PHONE_WORDS = re.compile(
    r"手机|电话|座机|固话|传真|热线|致电|拨打|来电|联系|联络|移动号|短信|呼叫"
    r"|(?i:tel|phone|mobile|mob|cell|call|fax|wechat|vx|wx)"
)
# What is called an order, a serial or a bill is no person's number, whatever it looks like.
CODE_WORDS = re.compile(
    r"(?:订单|单据|运单|快递|快件|物流|流水|批|票据|发票|交易|合同|保单|序列|商品|产品|货|条码"
    r"|条形码|型|库存|工单|编|单|版本|文|设备|批准文|注册证|专利)"
    r"(?:编号|号码|号|码)?[ \n]?[:=是为]?[ \n]?$"
)
AMOUNT = re.compile(
    r"\.[0-9]{1,2}(?![0-9.])|[ ]?(?:元|万|亿|块|美元|人民币|%|件|股|份|毫|吨|克|字节)"
)
CARD_SHAPES = shapes(
    "4-4-4-4", "4-4-4-4-3", "4-4-4-4-2", "4-4-4-4-1", "6-13", "6-10", "4-6-5", "4-6-4"
)  # fmt: skip
MOBILE_SHAPES = shapes("3-4-4", "3-8", "7-4", "4-3-4", "4-4-3", "3-3-5", "5-6", "4-7")
LANDLINE_SHAPES = shapes("3-8", "4-7", "4-8", "3-4-4", "4-4-4", "4-3-4", "3-7")
COUNTRY = re.compile(r"(?:\+ ?)?(?:00)?86[ \-]{0,3}$")
BRACKETED = re.compile(r"\((0[0-9]{2,3})\)[ \-]?([2-8][0-9]{2,3}[ \-]?[0-9]{4})(?![0-9])")


def digit_hits(text: str, view: str) -> Iterator[Hit]:
    """What the digit runs of `view` hold; words are read from `text`."""
    for number in numbers(view, LONGEST):
        size = len(number.digits)
        if size in (17, 18):
            yield from identity(view, number)
        if size >= 13 and card(text, number):
            yield Kind.BANK_CARD, number.start, number.end
        if size in (11, 13) and mobile(text, number):
            yield Kind.MOBILE, country_start(text, number.start), number.end
        if size in (13, 15) and number.digits[-13:-11] == "86":
            yield from joined_country(text, number)
        if 10 <= size <= 12 and landline(text, number):
            yield Kind.LANDLINE, country_start(text, number.start), number.end
    for found in BRACKETED.finditer(view):
        if is_landline(re.sub("[^0-9]", "", found[0])):
            yield Kind.LANDLINE, *found.span()


def identity(view: str, number: Number) -> Iterator[Hit]:
    """18-digit identity numbers; the first digits say whose they are."""
    digits, end = number.digits, number.end
    if len(digits) == 17:
        last = None if number.after else LAST_X.match(view, end)
        if not last:
            return
        digits, end = digits + "X", last.end()
    if is_id_shape(digits) and has_id_check(digits):
        yield identity_kind(digits), number.start, end


def identity_kind(digits: str) -> Kind:
    if digits[:2] in ("81", "82", "83"):
        return Kind.RESIDENCE_PERMIT
    return Kind.FOREIGNER_RESIDENCE if digits[0] == "9" else Kind.RESIDENT_ID


def card(text: str, number: Number) -> bool:
    """Issuer, length and Luhn; and a written form that people use.

    Luhn passes one in ten. So what has the shape of an identity number, is rarely a card's
    length, or is called an order needs a word for a card before it.
    """
    if not is_card(number.digits) or is_decimal(number):
        return False
    named = CARD_WORDS.search(words_before(text, number.start, 16)) is not None
    usual = len(number.shape) == 1 or (number.shape in CARD_SHAPES and number.stands_apart)
    if not (usual or number.is_whole_run) or goes_on(text, number):
        return False
    size = len(number.digits)
    shaped = is_id_shape(number.digits) if size == 18 else is_named_old_id(text, number)
    if shaped or len(number.digits) < 15:
        return named
    return named or not CODE_WORDS.search(words_before(text, number.start, 12))


def is_named_old_id(text: str, number: Number) -> bool:
    """15 digits of an identity number, and called one: American Express has 15 digits too."""
    called = re.search("身份证|居民证|证件", words_before(text, number.start, 16))
    return len(number.digits) == 15 and is_old_id(number.digits) and called is not None


def goes_on(text: str, number: Number) -> bool:
    """Whether a line break cut it: up to three more digits, and then the sentence goes on."""
    rest = CUT_OFF.fullmatch(number.after)
    follows = text[number.end + len(number.after) :][:1]
    return rest is not None and len(number.digits) + len(rest[1]) <= LONGEST and follows > " "


def mobile(text: str, number: Number) -> bool:
    """A prefix in use, in a written form that people use, and not called something else."""
    usual = len(number.shape) == 1 or (number.shape in MOBILE_SHAPES and number.stands_apart)
    start = country_start(text, number.start)
    whole = not number.after and (not number.before or start < number.start)
    if not is_mobile(number.digits) or not (usual or whole):
        return False
    # Thirteen digits from 14 on are also milliseconds of the years 2014 to 2017.
    if len(number.digits) == 13 and not PHONE_WORDS.search(words_before(text, start, 12)):
        return False
    return is_telephone(text, number, start)


def joined_country(text: str, number: Number) -> Iterator[Hit]:
    """8613812345678 and 008613812345678 in one chunk."""
    if len(number.shape) > 1 and not number.is_whole_run:
        return
    known = number.digits[:-13] in ("", "00") and is_mobile(number.digits[-11:])
    if known and is_telephone(text, number, number.start):
        plus = text[number.start - 1 : number.start] == "+"
        yield Kind.MOBILE, number.start - plus, number.end


def is_telephone(text: str, number: Number, start: int) -> bool:
    """No amount, decimal or code, and no Latin letter beside it unless a telephone is spoken of."""
    if is_decimal(number) or AMOUNT.match(text, number.end) or is_broken_off(text, number):
        return False
    before = words_before(text, start, 12)
    if CODE_WORDS.search(before):
        return False
    return not touches_latin(text, start, number.end) or PHONE_WORDS.search(before) is not None


def is_broken_off(text: str, number: Number) -> bool:
    """Whether a line break inside a card or identity number, called one, left these digits over."""
    whole = len(re.sub("[^0-9]", "", number.before + number.digits + number.after))
    before = words_before(text, number.start - len(number.before), 8)
    broken = "\n" in (number.before[-1:], number.after[:1]) and whole <= LONGEST
    return broken and CARD_OR_ID.search(before) is not None


def landline(text: str, number: Number) -> bool:
    """A known area code, and a separator after it or a word for a telephone before it."""
    if not number.digits.startswith("0") or not is_landline(number.digits) or is_decimal(number):
        return False
    before = words_before(text, number.start, 12)
    if touches_latin(text, number.start, number.end) and not re.search("[A-Za-z]$", before):
        return False
    if number.shape in LANDLINE_SHAPES and number.stands_apart and not CODE_WORDS.search(before):
        return True
    spelled = len(number.shape) == 1 or number.is_whole_run
    return spelled and PHONE_WORDS.search(before) is not None


def country_start(text: str, start: int) -> int:
    """Where the number begins when +86 stands before it."""
    found = COUNTRY.search(text[max(0, start - 9) : start])
    if not found:
        return start
    first = start - len(found[0])
    return start if text[first - 1 : first].isdigit() else first


def is_decimal(number: Number) -> bool:
    """Whether it is the fraction of a decimal; 1. and 12. are numbers of a list."""
    if not number.before.endswith("."):
        return False
    whole = re.split("[^0-9]", number.before)[-2]
    return whole == "0" or len(whole) > 2
