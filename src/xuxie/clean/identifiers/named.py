"""Identifiers that need their name beside them: no check digit tells them from other numbers."""

import re
from collections.abc import Iterator

from xuxie.clean.identifiers.checks import is_credit_code, is_id_shape, is_old_id
from xuxie.clean.identifiers.kinds import Kind
from xuxie.clean.identifiers.numbering import PLATE_PROVINCES
from xuxie.clean.identifiers.runs import GAP, words_before

Hit = tuple[Kind, int, int]
ALONE_BEFORE, ALONE_AFTER = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"


def digits(low: int, high: int | None = None) -> str:
    """A pattern for that many digits with gaps."""
    high = high or low
    return rf"[0-9](?:{GAP}[0-9]){{{low - 1},{high - 1}}}"


LINK = (
    r"(?:[ \n]?(?:号码|编号|账号|帐号|号|群|(?i:id|no\.?)))?"
    r"[ \n]?(?:[:=(\[【“\"]|是|为|叫|加)?[ \n]?"
)
UNIT = r"(?![ ]?[元万亿块人个年月日次位名%天张])"
# Beside a word: which words, how far before, and what the number looks like.
WITH_WORD: tuple[tuple[Kind, str, int, str], ...] = (
    (
        Kind.PASSPORT,
        r"护照|(?i:passport)|出入境证件|签证",
        16,
        rf"(?:[EGeg]{GAP}{digits(8)}|[Ee]{GAP}[A-HJ-NP-Za-hj-np-z]{GAP}{digits(7)}"
        rf"|(?:SE|DE|PE){GAP}{digits(7)})",
    ),
    (
        Kind.HK_MACAU_PERMIT,
        r"通行证|回乡证|港澳|[来往]内地",
        20,
        rf"(?:[HMhm]{GAP}(?:{digits(10)}|{digits(8)})|[Cc]{GAP}{digits(8)}|[Cc][A-HJ-NP-Z]{GAP}{digits(7)})",
    ),
    (Kind.TAIWAN_PERMIT, r"台胞证|台湾.{0,10}通行证|[来往]大陆", 20, rf"[Tt]?{GAP}{digits(8)}"),
    (Kind.RESIDENT_ID_15, r"身份证|居民证|证件号|身份号|公民身份", 16, digits(15)),
)
WITH_WORD_RULES = tuple(
    (kind, re.compile(words), width, re.compile(rf"{ALONE_BEFORE}(?:{shape}){ALONE_AFTER}"))
    for kind, words, width, shape in WITH_WORD
)
# Three more digits over a gap make 15 digits 18: another number.
CUT, CUT_OFF = (
    re.compile(r"[0-9][ \-.·\n]$"),
    re.compile(rf"(?:{GAP}[0-9]){{2}}{GAP}[0-9Xx](?![0-9])"),
)
# Between the word and the number these say that the number is something else.
OTHERWISE = re.compile(
    "货号|型号|商品|日期|时间|有效期|年月日|批号|订单|单号|编码|金额|费用|电话|手机|邮编|流水"
)

MEDICAL = re.compile(
    "医保卡|医保|医疗保险|医疗证|社保卡|社会保障卡|社会保障|住院|病历|病案|门诊|就诊卡|就诊|诊疗卡|登记|检验|检查|影像|处方|急诊"
)
MEDICAL_VALUE = re.compile(
    rf"(?:编号|卡号|证号|号码|单号|号|(?i:id))[ \n]?[:=(是为]?[ \n]?"
    rf"(?P<value>(?:[A-Za-z]{GAP}){{0,3}}{digits(5, 18)}){ALONE_AFTER}{UNIT}"
)
QQ = re.compile(r"(?<![A-Za-z])(?i:qq)|扣扣|企鹅号")
QQ_VALUE = re.compile(
    rf"{LINK}(?P<value>[1-9](?:{GAP}[0-9]){{4,10}})(?!{GAP}[0-9])(?![A-Za-z]){UNIT}"
)
QQ_CHUNK = re.compile(rf"{LINK}(?P<value>[1-9][0-9]{{4,10}})(?![0-9A-Za-z]){UNIT}")
WECHAT = re.compile(r"微信|薇信|威信|(?<![A-Za-z])(?i:wechat|weixin|vx|wx)(?![A-Za-z])")
WECHAT_VALUE = re.compile(
    rf"(?P<link>{LINK})(?P<value>[A-Za-z][A-Za-z0-9_-]{{5,19}})(?![A-Za-z0-9_@-])"
)
PRODUCTS = re.compile(
    r"(?i:ios|ipad|iphone|android|windows|mac|macos|harmonyos|wechat|weixin|office)[0-9._-]*"
)

_PLATE_SIGN = "[A-HJ-NP-Z0-9]"
_SPACE = r"[ \-.·\n]{0,2}"
PLATE = re.compile(
    rf"[{PLATE_PROVINCES}]{_SPACE}[A-HJ-NP-Z]{_SPACE}"
    rf"(?P<body>[A-HJK]{_SPACE}{_PLATE_SIGN}(?:{_SPACE}[0-9]){{4}}|[0-9](?:{_SPACE}[0-9]){{4}}{_SPACE}[A-HJK]"
    rf"|{_PLATE_SIGN}(?:{_SPACE}{_PLATE_SIGN}){{4}}|{_PLATE_SIGN}(?:{_SPACE}{_PLATE_SIGN}){{3}}{_SPACE}[学警港澳挂试超使领])"
    rf"{ALONE_AFTER}",
    re.IGNORECASE | re.ASCII,
)
CREDIT = re.compile(
    rf"(?<![0-9])(?=(?P<code>[1-9ANY]{GAP}[1-9](?:{GAP}[0-9]){{6}}(?:{GAP}[0-9A-HJ-NPQRTUWXY]){{10}})(?![0-9]))",
    re.IGNORECASE | re.ASCII,
)
CREDIT_WORDS = re.compile("信用代码|税号|识别号|统一代码|机构代码|执照")
NOT_SIGN = re.compile(r"[^0-9A-Za-z]")


def named_hits(text: str, view: str) -> Iterator[Hit]:
    """What a word before it makes an identifier, in either reading of the numerals."""
    for kind, words, width, shape in WITH_WORD_RULES:
        for found in shape.finditer(view):
            before = words_before(text, found.start(), width)
            named = [*words.finditer(before)]
            if named and not OTHERWISE.search(before, named[-1].end()):
                plain = NOT_SIGN.sub("", found[0])
                old = (
                    len(plain) == 15
                    and is_old_id(plain)
                    and not CUT.search(view[: found.start()][-2:])
                )
                if kind is not Kind.RESIDENT_ID_15 or (
                    old and not CUT_OFF.match(view, found.end())
                ):
                    yield kind, *found.span()
    yield from adjoined(Kind.MEDICAL_NUMBER, MEDICAL, (MEDICAL_VALUE,), text, view)
    yield from adjoined(Kind.QQ, QQ, (QQ_VALUE, QQ_CHUNK), text, view)


def adjoined(
    kind: Kind, word: re.Pattern[str], values: tuple[re.Pattern[str], ...], text: str, view: str
) -> Iterator[Hit]:
    """A value that follows its word directly, or with 号码是, a colon or the like between."""
    for found in word.finditer(text):
        matches = (value.match(view, found.end()) for value in values)
        match = next((match for match in matches if match), None)
        if match:
            yield kind, *match.span("value")


def wechat_hits(text: str) -> Iterator[Hit]:
    """WeChat ids. A word alone may be a product: without 号, ID or a colon a digit is asked for."""
    for word in WECHAT.finditer(text):
        match = WECHAT_VALUE.match(text, word.end())
        if match and not PRODUCTS.fullmatch(match["value"]):
            said = re.search("号|:|是|为|(?i:id)", match["link"])
            if said or re.search("[0-9_]", match["value"]):
                yield Kind.WECHAT, *match.span("value")


def plate_hits(view: str) -> Iterator[Hit]:
    """Plates: at most two letters among the five signs (GA 36-2018)."""
    for found in PLATE.finditer(view):
        letters = sum(sign.isascii() and sign.isalpha() for sign in found["body"])
        if letters <= 2:
            yield Kind.PLATE, *found.span()


def credit_hits(text: str, view: str) -> Iterator[Hit]:
    """Unified social credit codes. All digits and no word before it: only the usual registries."""
    for found in CREDIT.finditer(view):
        code = NOT_SIGN.sub("", found["code"]).upper()
        usual = not code.isdigit() or code[:2] in ("91", "92", "93", "12", "51", "52", "53")
        named = CREDIT_WORDS.search(words_before(text, found.start(), 20))
        if code.isdigit() and not named:
            usual = usual and len(found["code"]) == 18 and not is_id_shape(code)
        if is_credit_code(code) and (named or usual):
            yield Kind.SOCIAL_CREDIT_CODE, *found.span("code")
