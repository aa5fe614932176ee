"""The kinds of identifiers, what is found, and what may be done with it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    RESIDENT_ID = "resident_id"
    RESIDENT_ID_15 = "resident_id_15"
    RESIDENCE_PERMIT = "residence_permit"
    FOREIGNER_RESIDENCE = "foreigner_residence"
    MOBILE = "mobile"
    LANDLINE = "landline"
    BANK_CARD = "bank_card"
    SOCIAL_CREDIT_CODE = "social_credit_code"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    PLATE = "plate"
    EMAIL = "email"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    WECHAT = "wechat"
    QQ = "qq"
    MEDICAL_NUMBER = "medical_number"
    NAME = "name"
    ADDRESS = "address"


class Policy(StrEnum):
    """mask: a placeholder takes its place; drop: the document goes; keep: it is only counted."""

    MASK = "mask"
    DROP = "drop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Identifier:
    """Where an identifier stands in the original text. Never its value: this may be logged."""

    kind: Kind
    start: int
    end: int


# Hanzi in mathematical white brackets: no rule of ours, and hardly any text, has them.
PLACEHOLDERS = {
    Kind.RESIDENT_ID: "⟦身份证号⟧",
    Kind.RESIDENT_ID_15: "⟦旧身份证号⟧",
    Kind.RESIDENCE_PERMIT: "⟦居住证号⟧",
    Kind.FOREIGNER_RESIDENCE: "⟦外国人永居证号⟧",
    Kind.MOBILE: "⟦手机号⟧",
    Kind.LANDLINE: "⟦座机号⟧",
    Kind.BANK_CARD: "⟦银行卡号⟧",
    Kind.SOCIAL_CREDIT_CODE: "⟦统一社会信用代码⟧",
    Kind.PASSPORT: "⟦护照号⟧",
    Kind.HK_MACAU_PERMIT: "⟦港澳通行证号⟧",
    Kind.TAIWAN_PERMIT: "⟦台胞证号⟧",
    Kind.PLATE: "⟦车牌号⟧",
    Kind.EMAIL: "⟦邮箱⟧",
    Kind.IPV4: "⟦IPv4地址⟧",
    Kind.IPV6: "⟦IPv6地址⟧",
    Kind.WECHAT: "⟦微信号⟧",
    Kind.QQ: "⟦QQ号⟧",
    Kind.MEDICAL_NUMBER: "⟦就诊号码⟧",
    Kind.NAME: "⟦姓名⟧",
    Kind.ADDRESS: "⟦地址⟧",
}
