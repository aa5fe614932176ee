"""Identifiers of persons in Chinese text: found by structure, check digit and context, and masked.

Text in, spans or text out; no file, no network, and never a value in a message.

A normalised shadow copy is scanned (`shadow`), twice: with digits as they are, then with Chinese
numerals read as digits. Python's word boundary is of no use beside hanzi, so every rule says itself
what may stand next to it. Which wins where a Latin letter touches an identifier:

* resident id, residence permits, bank card, social credit code: the check digit. Letters may touch
  it on either side, digits may not (`卡号ICBC6222...`, `ID1101...`).
* mobile: the look-around, unless a word for a telephone stands before (`TEL138...`). An
  unmarked number within letters is a serial number far more often.
* landline, QQ, Taiwan permit, 15-digit id, passport, Hong Kong and Macau permit, plate, IPv4, IPv6,
  medical numbers: the look-around; nothing Latin may touch them but the marker that names them
  (`QQ12345678`).
* e-mail, WeChat: Latin letters beside them are part of them.

Lines of organisations (400, 800, 95xxx, 10086) are nobody's, so they are no identifiers.
"""

from xuxie.clean.identifiers.find import find
from xuxie.clean.identifiers.kinds import PLACEHOLDERS, Identifier, Kind, Policy
from xuxie.clean.identifiers.mask import Masked, masked

__all__ = ["PLACEHOLDERS", "Identifier", "Kind", "Masked", "Policy", "find", "masked"]
