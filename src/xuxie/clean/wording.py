"""Every rule and every reason in one sentence, in Chinese and in English."""

WORDS: dict[str, tuple[str, str]] = {
    # What happens to a text
    "mojibake": (
        "按错误编码读成的乱码还原",
        "text that was read in the wrong encoding is restored",
    ),
    "line_ends": ("换行统一为一种", "one kind of line end"),
    "invisible": (
        "去掉零宽、双向、控制字符",
        "zero-width, bidirectional and control signs are removed",
    ),
    "markup": ("去掉 HTML 标签，还原实体", "HTML tags are removed, entities resolved"),
    "nfc": ("统一为 NFC，不用 NFKC", "Unicode form NFC, never NFKC"),
    "width": (
        "全角字母和数字改为半角，标点不变",
        "full-width letters and digits folded, punctuation kept",
    ),
    "furniture": (
        "去掉导航、版权等网页套话整行",
        "whole lines of navigation and copyright are removed",
    ),
    "punctuation": (
        "引号、破折号、省略号和中文之间的标点按 GB/T 15834 规范",
        "quotes, dashes, ellipses and marks between hanzi after GB/T 15834",
    ),
    "traditional": (
        "繁体转为简体，保护词除外",
        "traditional to simplified, but for protected words",
    ),
    "spacing": (
        "空白统一，去掉汉字之间多余的空格",
        "one kind of space, none within spaced-out hanzi",
    ),
    # Why a document goes
    "identifiers": (
        "含有按策略须整篇删除的个人信息",
        "holds an identifier whose policy is to drop",
    ),
    "repeated_text": ("大半是更早文档里已有的行", "mostly lines that earlier documents hold"),
    "too_short": ("字符数少于下限", "fewer characters than the minimum"),
    "too_long": ("字符数多于上限", "more characters than the maximum"),
    "wrong_language": ("不是要保留的语言", "not in a language that stays"),
    "low_han_share": ("中文文档里汉字太少", "a Chinese text with few Han characters"),
    "symbols": ("符号太多", "too many symbols"),
    "digits": ("数字太多", "too many digits"),
    "placeholder": (
        "占位文字或无法还原的乱码太多",
        "filler, or broken text that cannot be restored",
    ),
    "repeated_lines": ("文内重复的行太多", "too many lines repeat within the text"),
    "repetitive": (
        "文内重复的 5 字或 10 字片段太多",
        "too many 5-grams or 10-grams repeat within the text",
    ),
    "top_bigram": ("最常见的两字组占比太高", "the commonest pair of characters covers too much"),
    "no_punctuation": ("长文几乎没有标点", "a long text with hardly any punctuation"),
    "few_sentences": ("完整句子太少", "too few sentences end"),
    "list_like": ("短行太多，像清单或导航", "mostly short lines: a list or navigation"),
    "language_mix": ("该语言已超出配比", "its language has had its share already"),
    "duplicate": ("与更早的文档完全相同", "equals an earlier document"),
    "near_duplicate": ("与更早且留下的文档近似", "nearly equals an earlier document that stays"),
}
