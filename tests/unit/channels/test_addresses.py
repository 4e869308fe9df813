"""Addresses: every range that is not the Internet's, at both of its ends."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from tocsin.channels._addresses import is_public, is_public_host

# network, and whether the neighbours below and above it are public
CLOSED = [
    ("0.0.0.0/8", None, "1.0.0.0"),
    ("10.0.0.0/8", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0/10", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0/8", "126.255.255.255", "128.0.0.0"),
    ("169.254.0.0/16", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0/12", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0/24", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0/24", "192.0.1.255", "192.0.3.0"),
    ("192.88.99.0/24", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0/16", "192.167.255.255", "192.169.0.0"),
    ("198.18.0.0/15", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0/24", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0/24", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0/4", "223.255.255.255", None),
    ("240.0.0.0/4", None, None),
    ("::/128", None, None),
    ("::1/128", None, None),
    ("::/96", None, None),
    ("::ffff:0:0/96", None, None),
    ("::ffff:0:0:0/96", None, None),
    ("64:ff9b::/96", None, None),
    ("64:ff9b:1::/48", None, None),
    ("100::/64", None, None),
    ("2001::/32", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
    ("2001:2::/48", None, None),
    ("2001:10::/28", None, None),
    ("2001:20::/28", None, None),
    ("2001::/23", None, "2001:200::"),
    ("2001:db8::/32", "2001:db7:ffff::", "2001:db9::"),
    ("2002::/16", "2001:ffff::", "2003::"),
    ("3fff::/20", "3ffe:ffff::", "3fff:1000::"),
    ("4000::/2", "3fff:ffff::", None),
    ("5f00::/16", None, None),
    ("fc00::/7", None, None),
    ("fd00:ec2::254/128", None, None),
    ("fe80::/10", None, None),
    ("fec0::/10", None, None),
    ("ff00::/8", None, None),
]


@pytest.mark.parametrize(("network", "below", "above"), CLOSED)
def test_a_closed_range_is_closed_to_its_ends_and_not_beyond(
    network: str, below: str | None, above: str | None
) -> None:
    closed = ip_network(network)

    assert not is_public(str(closed[0]))
    assert not is_public(str(closed[-1]))
    assert not is_public(str(closed[closed.num_addresses // 2]))
    assert below is None or is_public(below)
    assert above is None or is_public(above)


@pytest.mark.parametrize(
    "private", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1"]
)
@pytest.mark.parametrize(
    "form", ["::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}", "::ffff:0:{}"]
)
def test_no_ipv6_form_hides_a_private_ipv4(form: str, private: str) -> None:
    assert not is_public(form.format(private))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::8a"]
)
def test_public_addresses_are_called(address: str) -> None:
    assert is_public(address)
    assert is_public_host(address)


@pytest.mark.parametrize(
    "address", ["", "fe80::1%eth0", "::1%1", "example.com", "1.1.1", "0x7f.0.0.1"]
)
def test_what_is_no_numeric_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["example.com", "a.b-c.example", "xn--bcher-kva.example", "0x1.example"]
)
def test_names_are_taken(host: str) -> None:
    assert is_public_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "intranet",
        "app.localhost",
        "printer.local",
        "metadata.google.internal",
        "router.home.arpa",
        "example.com.",
        "example..com",
        ".example.com",
        "-a.example",
        "a-.example",
        "under_score.example",
        "bücher.example",
        "exa%6dple.com",
        "example.com\\@evil",
        "x" * 64 + ".example",
        "x." * 127 + "example",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "010.0.0.1",
        "8.8.8.8.8",
        "1.1.1.256",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "fe80::1%25eth0",
        "fe80::1%eth0",
        "2606:4700::1111%1",
        "①⑨②.168.0.1",
    ],
)
def test_odd_and_private_hosts_are_refused(host: str) -> None:
    assert not is_public_host(host)
