"""Addresses of the Internet: e-mail, IPv4 and IPv6."""

import ipaddress
import re
from collections.abc import Iterator

from xuxie.clean.identifiers.kinds import Kind
from xuxie.clean.identifiers.runs import words_before

Hit = tuple[Kind, int, int]
# The part of RFC 5322 that people use; ASCII only, so that hanzi before it stay outside.
EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_])?[ \n]?@[ \n]?"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,18}(?![A-Za-z0-9-])"
)
IPV4 = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
IPV6 = re.compile(
    r"(?<![0-9A-Za-z.])(?<![0-9A-Za-z:]:)(?:[0-9A-Fa-f]|::)[0-9A-Fa-f:]{2,38}(?![0-9A-Za-z]|:[0-9A-Za-z:]|\.[0-9])"
)
IP_WORDS = re.compile(
    r"(?i:ip|dns|host|ping|vpn)|主机|服务器|地址|登录|登陆|网关|来源|访问|内网|外网"
)
VERSION_WORDS = re.compile(r"版本|版|第|章节|条款|见|固件|(?i:version|ver|build|v)[ .:]?$")
SECTION = re.compile(r"[ ]?(?:版|章|节|条|款|小节)")


def email_hits(text: str) -> Iterator[Hit]:
    if "@" in text:
        for found in EMAIL.finditer(text):
            yield Kind.EMAIL, *found.span()


def ip_hits(text: str) -> Iterator[Hit]:
    """Addresses that may belong to somebody: no loopback, mask, multicast or unspecified one."""
    for pattern, kind, is_plausible in (
        (IPV4, Kind.IPV4, is_plausible_ipv4),
        (IPV6, Kind.IPV6, is_plausible_ipv6),
    ):
        for found in pattern.finditer(text):
            value, before = found[0].rstrip(":") or found[0], words_before(text, found.start(), 12)
            end = found.start() + len(value)
            if is_somebodys(value) and is_plausible(value, before, text[end : end + 3]):
                yield kind, found.start(), end


def is_somebodys(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    no_one = address.is_loopback or address.is_unspecified or address.is_multicast
    return not no_one and not (address.version == 4 and address.is_reserved)


def is_plausible_ipv4(value: str, before: str, after: str) -> bool:
    """1.2.3.4 is a section or a version until a word says otherwise."""
    if IP_WORDS.search(before):
        return True
    large = sum(int(octet) > 9 for octet in value.split("."))
    return large > 1 and not VERSION_WORDS.search(before) and not SECTION.match(after)


def is_plausible_ipv6(value: str, before: str, after: str) -> bool:
    """a::b is also a scope of C++: three groups, and one with a digit, unless a word says IP."""
    groups = [group for group in value.split(":") if group]
    named = IP_WORDS.search(before) is not None
    return named or (len(groups) > 2 and any(sign.isdigit() for sign in value) and after[:1] != "(")
