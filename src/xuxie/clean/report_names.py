"""What the codes of reasons, rules, identifiers and languages are called on the page.

Short names stand here, because a label in a picture has room for a few characters; the sentences
that explain a rule stand once, in `xuxie.clean.wording`. A code that has no name is its own name.
"""

from dataclasses import dataclass

from xuxie.clean.wording import WORDS

NAMES: dict[str, tuple[str, str]] = {
    # what becomes of a document
    "kept": ("保留", "kept"),
    "repeated_text": ("多为重复内容", "mostly repeated"),
    "duplicate": ("完全重复", "exact duplicate"),
    "near_duplicate": ("近似重复", "near-duplicate"),
    "too_short": ("太短", "too short"),
    "too_long": ("太长", "too long"),
    "wrong_language": ("语言不符", "other language"),
    "low_han_share": ("汉字太少", "few Han characters"),
    "symbols": ("符号过多", "too many symbols"),
    "digits": ("数字过多", "too many digits"),
    "placeholder": ("占位或乱码", "placeholder text"),
    "repeated_lines": ("行重复", "repeated lines"),
    "repetitive": ("片段重复", "repeated n-grams"),
    "top_bigram": ("两字组过多", "one pair too common"),
    "no_punctuation": ("缺少标点", "no punctuation"),
    "few_sentences": ("句子太少", "few sentences"),
    "list_like": ("像清单", "list-like"),
    "identifiers": ("含个人信息", "identifiers to drop"),
    "language_mix": ("超出语言配比", "over the language mix"),
    # rules that change text
    "mojibake": ("乱码修复", "mojibake repaired"),
    "markup": ("去除标记", "markup removed"),
    "furniture": ("去除网页套话", "page furniture removed"),
    "invisible": ("去除不可见字符", "invisible characters removed"),
    "line_ends": ("统一换行", "line ends unified"),
    "nfc": ("组合字符规范", "composed form NFC"),
    "width": ("全角转半角", "full width folded"),
    "punctuation": ("标点规范", "punctuation made regular"),
    "traditional": ("繁体转简体", "traditional to simplified"),
    "spacing": ("空白规范", "white space made regular"),
    # identifiers
    "resident_id": ("身份证号", "resident id"),
    "resident_id_15": ("十五位身份证号", "resident id, 15 digits"),
    "residence_permit": ("港澳台居民居住证", "residence permit"),
    "foreigner_residence": ("外国人永居证", "foreigner residence"),
    "social_credit_code": ("统一社会信用代码", "social credit code"),
    "hk_macau_permit": ("港澳通行证", "Hong Kong and Macau permit"),
    "taiwan_permit": ("台湾通行证", "Taiwan permit"),
    "medical_number": ("医疗号码", "medical number"),
    "mobile": ("手机号", "mobile number"),
    "landline": ("固定电话", "landline"),
    "bank_card": ("银行卡号", "bank card"),
    "email": ("电子邮箱", "e-mail"),
    "passport": ("护照号", "passport"),
    "plate": ("车牌号", "number plate"),
    "ipv4": ("IPv4 地址", "IPv4 address"),
    "ipv6": ("IPv6 地址", "IPv6 address"),
    "wechat": ("微信号", "WeChat id"),
    "qq": ("QQ 号", "QQ number"),
    "name": ("姓名", "name"),
    "address": ("住址", "address"),
    # languages, ISO 639
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "ja": ("日文", "Japanese"),
    "ko": ("韩文", "Korean"),
    "ru": ("俄文", "Russian"),
    "fr": ("法文", "French"),
    "de": ("德文", "German"),
    "es": ("西班牙文", "Spanish"),
    "ar": ("阿拉伯文", "Arabic"),
    "und": ("未定", "undecided"),
}


@dataclass(frozen=True)
class Name:
    """A code with its short name and the sentence that explains it, Chinese and English."""

    code: str
    zh: str
    en: str
    zh_line: str = ""
    en_line: str = ""


def named(code: str) -> Name:
    zh, en = NAMES.get(code, (code, ""))
    return Name(code, zh, en, *WORDS.get(code, ("", "")))
