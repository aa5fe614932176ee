"""What `clean` does with each kind of identifier."""

from typing import Literal

from xuxie.section import Section

Choice = Literal["mask", "drop", "keep"]


class IdentifierPolicies(Section):
    """mask: a placeholder; drop: the whole document goes; keep: it stays and is counted."""

    resident_id: Choice
    resident_id_15: Choice
    residence_permit: Choice
    foreigner_residence: Choice
    mobile: Choice
    landline: Choice
    bank_card: Choice
    social_credit_code: Choice
    passport: Choice
    hk_macau_permit: Choice
    taiwan_permit: Choice
    plate: Choice
    email: Choice
    ipv4: Choice
    ipv6: Choice
    wechat: Choice
    qq: Choice
    medical_number: Choice
    name: Choice
    address: Choice


class IdentifierSettings(Section):
    """
    policies: what happens to each kind.
    allow: values that are never identifiers, such as the company's own hotline; separators, width
        and case do not matter.
    """

    policies: IdentifierPolicies
    allow: list[str]
