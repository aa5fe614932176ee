"""Numbering plans as data: each says of when and where from it is. Edit here on a change."""

import re

# GB/T 2260, provincial level, and 81-83 for residence permits of Hong Kong, Macau and Taiwan
# residents (State Council, 2018-09-01).
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
    "61 62 63 64 65 71 81 82 83".split()
)

# MIIT, numbers in use as of March 2023: 13x, 14x without 142-144, 15x without 154, 162, 165-167,
# 170-178, 18x, 19x without 194; satellite 1349, 174x and 1619. The Internet of Things has 13
# digits: 140, 141, 144, 146, 148 (numbering plan 2017).
MOBILE = re.compile(
    r"1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])\d{8}|1619\d{7}|14[01468]\d{10}"
)

# Area codes of the mainland, from the telephone numbering plan in use in 2023 (from memory of the
# published plan; letters stand for the last digits in use).
LANDLINE_AREAS = frozenset(
    ["010", *(f"02{last}" for last in "012345789")]
    + [
        f"0{first}{last}"
        for first, lasts in {
            "31": "0123456789", "33": "5", "34": "9", "35": "0123456789", "37": "0123456789",
            "39": "12345678", "41": "0123456789", "42": "1279", "43": "123456789",
            "45": "123456789", "46": "4789", "47": "0123456789", "48": "23", "51": "0123456789",
            "52": "37", "53": "0123456789", "54": "36", "55": "0123456789", "56": "123456",
            "57": "0123456789", "58": "0", "59": "12345678 9", "63": "1245", "66": "02383",
            "69": "12", "70": "1", "71": "0123456789", "72": "248", "73": "0123456789",
            "74": "3456", "75": "0123456789", "76": "023689", "77": "0123456789",
            "79": "0123456789", "81": "23678", "82": "567", "83": "0123456789",
            "85": "1234567 89", "87": "0123456789", "88": "3678", "89": "123456789 80",
            "90": "123689", "91": "0123456789", "93": "0123456789", "94": "13",
            "95": "12345", "97": "0123456789", "99": "0123456789",
        }.items()
        for last in lasts.replace(" ", "")
    ]
)  # fmt: skip

# First and last prefix of a range, lengths in use. ISO/IEC 7812 issuers as of 2023: UnionPay,
# Visa, Mastercard, JCB, American Express, Diners; 9558 is an old range of domestic debit cards.
CARD_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("62", "62", (16, 17, 18, 19)),
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("3528", "3589", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("36", "36", (14,)),
    ("9558", "9558", (16, 19)),
)

# GB 32100-2015: no I, O, S, V, Z.
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# GA 36-2018: the sign of the province.
PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
