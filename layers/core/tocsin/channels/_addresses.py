"""Addresses: which of them are public, so that a call stays out of our own networks.

https://www.iana.org/assignments/iana-ipv4-special-registry
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network; on Linux it reaches this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and with it the metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Everything outside is loopback, local, mapped, translated (NAT64) or unassigned.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments, among them Teredo and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label starts with a letter: else it would be a number in one of the forms
# (decimal, octal, hexadecimal, short) that resolvers take for an address.
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_LONGEST_NAME = 253
_INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".onion")


def is_public(address: str) -> bool:
    """Whether a numeric address, as a resolver gives it, is one of the Internet's."""
    try:
        number = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, IPv4Address):
        return not any(number in each for each in _NOT_PUBLIC_4)
    if number not in _PUBLIC_6:
        return False
    return not any(number in each for each in _NOT_PUBLIC_6)


def is_public_host(host: str) -> bool:
    """Whether a URL's host may be one of the Internet's: a name with a dot in it, or a
    public address written in full. What a name resolves to is judged when it is called.
    """
    if "%" in host:
        return False
    try:
        ip_address(host)
    except ValueError:
        named = len(host) <= _LONGEST_NAME and _NAME.fullmatch(host) is not None
        return named and not host.endswith(_INSIDE)
    return is_public(host)
