"""Which addresses are not public, in every spelling and every wrapping. Pure: no look-up, no socket.

The blocks are those of the IANA special-purpose registries (RFC 6890 and its updates). `ipaddress.is_global` is no gate:
it lets multicast pass and does not look into most of the ways in which IPv6 carries an IPv4 address.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from pipelines.capture.policy import AddressBlock

Address = IPv4Address | IPv6Address

_BLOCKS_4 = tuple(
    (IPv4Network(block), rule)
    for block, rule in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "reserved for documentation"),
        ("192.88.99.0/24", "reserved, 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved for benchmarks"),
        ("198.51.100.0/24", "reserved for documentation"),
        ("203.0.113.0/24", "reserved for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)

_BLOCKS_6 = tuple(
    (IPv6Network(block), rule)
    for block, rule in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "translation of local use"),
        ("2001:2::/48", "reserved for benchmarks"),
        ("2001:10::/28", "reserved, ORCHID"),
        ("2001:20::/28", "reserved, ORCHID"),
        ("2001:db8::/32", "reserved for documentation"),
        ("3fff::/20", "reserved for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")

_LOW_32_BITS = (
    (IPv6Network("::/96"), "IPv4-compatible"),
    (_MAPPED, "IPv4-mapped"),
    (IPv6Network("::ffff:0:0:0/96"), "IPv4-translated"),
    (_NAT64, "NAT64"),
    (IPv6Network("64:ff9b:1::/48"), "NAT64"),
)

_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def refusal(address: Address, *, allow: Sequence[AddressBlock] = ()) -> str | None:
    """The rule that refuses an address, in words, or None when it may be reached.

    An address in `allow` passes. An IPv6 address is also judged by every IPv4 address that it carries.
    """
    if any(address in block for block in allow if block.version == address.version):
        return None
    if isinstance(address, IPv4Address):
        return next((rule for block, rule in _BLOCKS_4 if address in block), None)
    return _refusal_6(address, allow=allow)


def _refusal_6(address: IPv6Address, *, allow: Sequence[AddressBlock]) -> str | None:
    for block, rule in _BLOCKS_6[:2]:
        if address in block:
            return rule
    for wrapping, inner in embedded(address):
        if (inner_rule := refusal(inner, allow=allow)) is not None:
            return f"{inner_rule}: {inner} as {wrapping}"
    if address in _MAPPED or address in _NAT64:
        return None
    rule_here = next((rule for block, rule in _BLOCKS_6 if address in block), None)
    return rule_here or (None if address in _GLOBAL_UNICAST else "reserved")


def embedded(address: IPv6Address) -> Iterator[tuple[str, IPv4Address]]:
    """Every IPv4 address that an IPv6 address carries, with the name of the wrapping.

    RFC 4291 2.5.5 (compatible, mapped), RFC 2765 (translated), RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380
    (Teredo: server, and client inverted), RFC 5214 (ISATAP).
    """
    number = int(address)
    for block, wrapping in _LOW_32_BITS:
        if address in block:
            yield wrapping, IPv4Address(number & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield "6to4", address.sixtofour
    if address.teredo is not None:
        yield "Teredo server", address.teredo[0]
        yield "Teredo client", address.teredo[1]
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield "ISATAP", IPv4Address(number & 0xFFFFFFFF)


_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,253}\Z")


def looks_like_name(host: str) -> bool:
    """Whether a host is a name that a resolver may be asked for, and no number in disguise."""
    return _NAME.match(host) is not None and not _ends_in_number(host)


def literals(host: str) -> tuple[Address, ...] | None:
    """The addresses that a host stands for when it is a literal, one for each way of reading it; None for any other host.

    Decimal, hexadecimal, octal and short forms are read as inet_aton does. Numbers with a leading zero are octal to one
    reader and decimal to the next, so both readings count.
    """
    if ":" in host:
        return _literal_6(host)
    bare = host.removesuffix(".")
    if not _ends_in_number(bare):
        return None
    readings = [reading for reading in (_as_inet_aton(bare), _as_decimal(bare)) if reading is not None]
    return tuple(dict.fromkeys(readings)) or None


def _literal_6(host: str) -> tuple[Address, ...] | None:
    try:
        return (IPv6Address(host.partition("%")[0]),)
    except AddressValueError:
        return None


def _ends_in_number(host: str) -> bool:
    """The WHATWG URL Standard's question whether a host must be read as an IPv4 address."""
    return _NUMBER.match(host.removesuffix(".").rpartition(".")[2]) is not None


def _as_inet_aton(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _as_decimal(host: str) -> IPv4Address | None:
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts):
        return None
    return IPv4Address(bytes(int(part) for part in parts))
