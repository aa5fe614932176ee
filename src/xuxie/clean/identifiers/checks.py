"""Check digits and plain structure of numbers. Pure; every argument is in the shadow's form."""

from datetime import date

from xuxie.clean.identifiers.numbering import (
    CARD_ISSUERS,
    CREDIT_ALPHABET,
    LANDLINE_AREAS,
    MOBILE,
    PROVINCES,
)

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
# Nobody alive was born before; the upper bound is no clock, so that outputs do not age.
BIRTH_YEARS = range(1900, 2051)


def is_date(year: int, month: int, day: int) -> bool:
    """Whether a person may have been born on that day."""
    try:
        return date(year, month, day).year in BIRTH_YEARS
    except ValueError:
        return False


def is_id_shape(number: str) -> bool:
    """Area and birth date of an 18-digit identity number, whatever its check digit (GB 11643)."""
    area = number[1:3] if number[0] == "9" else number[:2]
    born = number[6:14]
    return area in PROVINCES and is_date(int(born[:4]), int(born[4:6]), int(born[6:]))


def has_id_check(number: str) -> bool:
    """ISO 7064 MOD 11-2, as GB 11643-1999 uses it: 11010519491231002X is valid."""
    total = sum(int(digit) * weight for digit, weight in zip(number, ID_WEIGHTS, strict=False))
    return number[17].upper() == ID_CHECKS[total % 11]


def is_old_id(number: str) -> bool:
    """15 digits: area, YYMMDD, order (GB 11643-1989). No check digit."""
    born = number[6:12]
    return number[:2] in PROVINCES and is_date(1900 + int(born[:2]), int(born[2:4]), int(born[4:]))


def has_luhn(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(map(int, number[-1::-2]))) % 10 == 0


def is_card(number: str) -> bool:
    """An issuer's prefix, a length that the issuer uses, and Luhn."""
    issued = any(
        len(number) in lengths and int(first) <= int(number[: len(first)]) <= int(last)
        for first, last, lengths in CARD_ISSUERS
    )
    return issued and has_luhn(number) and len(set(number)) > 1


def has_credit_check(code: str) -> bool:
    """Weights 3^i mod 31 (GB 32100-2015): 91350100M000100Y4 must end in 3."""
    total = sum(CREDIT_ALPHABET.index(sign) * pow(3, i, 31) for i, sign in enumerate(code[:17]))
    return CREDIT_ALPHABET[-total % 31] == code[17]


def is_credit_code(code: str) -> bool:
    """Area and check sign of a unified social credit code."""
    return code[2:4] in PROVINCES | {"10"} and has_credit_check(code)


def is_mobile(number: str) -> bool:
    return MOBILE.fullmatch(number) is not None


def is_landline(number: str) -> bool:
    """Area code and a subscriber's number that begins with 2 to 8."""
    width = 3 if number[1] in "12" else 4
    area, local = number[:width], number[width:]
    return area in LANDLINE_AREAS and len(local) in (7, 8) and local[0] in "2345678"
