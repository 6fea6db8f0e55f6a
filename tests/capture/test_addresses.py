"""Which addresses are refused, however they are spelled or wrapped."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.capture.addresses import embedded, literals, looks_like_name, refusal

REFUSED = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved for protocols",
    "192.0.2.1": "reserved for documentation",
    "192.88.99.1": "reserved, 6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "reserved for benchmarks",
    "198.51.100.7": "reserved for documentation",
    "203.0.113.7": "reserved for documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::2": "unspecified: 0.0.0.2 as IPv4-compatible",
    "fc00::1": "private",
    "fd12:3456:789a::1": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast",
    "100::1": "reserved",
    "2001:db8::1": "reserved for documentation",
    "3fff::1": "reserved for documentation",
    "2001:2::1": "reserved for benchmarks",
    "2001:10::1": "reserved, ORCHID",
    "2001:20::1": "reserved, ORCHID",
    "5f00::1": "reserved",
    "4000::1": "reserved",
    # IPv4 inside IPv6
    "::ffff:127.0.0.1": "loopback: 127.0.0.1 as IPv4-mapped",
    "::ffff:169.254.169.254": "link-local: 169.254.169.254 as IPv4-mapped",
    "::127.0.0.1": "loopback: 127.0.0.1 as IPv4-compatible",
    "::8.8.8.8": "reserved",
    "::ffff:0:127.0.0.1": "loopback: 127.0.0.1 as IPv4-translated",
    "::ffff:0:8.8.8.8": "reserved",
    "64:ff9b::7f00:1": "loopback: 127.0.0.1 as NAT64",
    "64:ff9b::a9fe:a9fe": "link-local: 169.254.169.254 as NAT64",
    "64:ff9b:1::7f00:1": "loopback: 127.0.0.1 as NAT64",
    "64:ff9b:1::808:808": "translation of local use",
    "64:ff9b:1:7f00:0:100::": "unspecified: 0.0.0.0 as NAT64",
    "2002:7f00:1::": "loopback: 127.0.0.1 as 6to4",
    "2002:a00:1::1": "private: 10.0.0.1 as 6to4",
    "2001:0:7f00:1::": "loopback: 127.0.0.1 as Teredo server",
    "2001:0:808:808::80ff:fffe": "loopback: 127.0.0.1 as Teredo client",
    "2606:4700::5efe:127.0.0.1": "loopback: 127.0.0.1 as ISATAP",
    "2606:4700::200:5efe:10.0.0.1": "private: 10.0.0.1 as ISATAP",
}

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
    "2606:4700::5efe:8.8.8.8",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_its_rule(text: str) -> None:
    """Loopback, private, link-local, CGNAT, multicast, reserved and unspecified addresses are refused in every wrapping."""
    assert refusal(ip_address(text)) == REFUSED[text]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_passes(text: str) -> None:
    """Public addresses pass, also in wrappings that the network itself takes off."""
    assert refusal(ip_address(text)) is None


def test_allowed_block_passes() -> None:
    """What the operator allows passes, bare and mapped; its neighbours do not."""
    allow = (ip_network("10.1.0.0/16"), ip_network("fd00::/64"))
    assert refusal(ip_address("10.1.2.3"), allow=allow) is None
    assert refusal(ip_address("::ffff:10.1.2.3"), allow=allow) is None
    assert refusal(ip_address("fd00::5"), allow=allow) is None
    assert refusal(ip_address("10.2.0.1"), allow=allow) == "private"
    assert refusal(ip_address("fd00:0:0:1::5"), allow=allow) == "private"
    assert refusal(ip_address("::10.1.2.3"), allow=allow) == "reserved"


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_wrapping_opens_what_is_closed(number: int) -> None:
    """An IPv4 address that is refused stays refused in each of its wrappings."""
    inner = IPv4Address(number)
    wrappings = [
        f"::{inner}",
        f"::ffff:{inner}",
        f"::ffff:0:{inner}",
        f"64:ff9b::{inner}",
        f"64:ff9b:1::{inner}",
        f"2606:4700::5efe:{inner}",
        str(IPv6Address((0x2002 << 112) | (number << 80) | 1)),
        str(IPv6Address((0x20010000 << 96) | (number << 64))),
        str(IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (number ^ 0xFFFFFFFF))),
    ]
    for text in wrappings:
        address = IPv6Address(text)
        assert inner in {found for _, found in embedded(address)}
        if refusal(inner) is not None:
            assert refusal(address) is not None, text


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_outside_global_unicast_nothing_passes_but_translations(number: int) -> None:
    """An IPv6 address outside 2000::/3 is refused, unless it stands for a public IPv4 address."""
    address = IPv6Address(number)
    if refusal(address) is None and address not in ip_network("2000::/3"):
        assert address in ip_network("::ffff:0:0/96") or address in ip_network("64:ff9b::/96")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("127.0.0.1.", ["127.0.0.1"]),
        ("2130706433", ["127.0.0.1"]),
        ("0x7f000001", ["127.0.0.1"]),
        ("0X7F.1", ["127.0.0.1"]),
        ("0x7f.0.0.0x1", ["127.0.0.1"]),
        ("017700000001", ["127.0.0.1"]),
        ("0177.0.0.1", ["127.0.0.1", "177.0.0.1"]),
        ("127.1", ["127.0.0.1"]),
        ("127.0.1", ["127.0.0.1"]),
        ("0", ["0.0.0.0"]),
        ("010.8.8.8", ["8.8.8.8", "10.8.8.8"]),
        ("::1", ["::1"]),
        ("fe80::1%25eth0", ["fe80::1"]),
        ("::ffff:7f00:1", ["::ffff:127.0.0.1"]),
        ("example.org", None),
        ("1.example", None),
        ("1.2.3.4.example", None),
        ("256.256.256.256", None),
        ("1.2.3.4.5", None),
        ("4294967296", None),
        ("0x", None),
        (":::", None),
    ],
)
def test_literals_in_every_spelling(host: str, expected: list[str] | None) -> None:
    """Decimal, hexadecimal, octal and short spellings are read, each ambiguous one in both ways."""
    found = literals(host)
    assert (None if found is None else [str(each) for each in found]) == (
        None if expected is None else [str(ip_address(each)) for each in expected]
    )


@pytest.mark.parametrize("host", ["256.256.256.256", "1.2.3.4.5", "4294967296", "0x", "a.0x7f", "%31%32%37.0.0.1", "u@h", ""])
def test_what_is_neither_name_nor_address(host: str) -> None:
    """A host that ends in a number and is no address, or has characters that no name has, is no name either."""
    assert literals(host) is None
    assert not looks_like_name(host)


@pytest.mark.parametrize(
    "host", ["example.org", "a-b.example.", "my_host.example", "localhost", "xn--mnchen-3ya.example", "1.example", "-a.example"]
)
def test_names_are_names(host: str) -> None:
    """Ordinary names are asked for."""
    assert looks_like_name(host)


@given(st.integers(min_value=0, max_value=2**32 - 1), st.sampled_from(["{:d}", "0x{:x}", "0X{:X}", "0{:o}"]))
def test_whole_numbers_are_addresses(number: int, spelling: str) -> None:
    """One number of 32 bits in any base is the address that inet_aton reads."""
    host = spelling.format(number)
    assert literals(host) == (IPv4Address(socket.inet_aton(host)),)
