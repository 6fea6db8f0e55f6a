"""Values as people write them in a configuration: durations and sizes with units, dates, hosts, addresses, URLs.

Each function takes the text as it is spelled and returns one value, or raises a ValueError whose words say what is wrong
and what to write. A number without a unit is refused (except 0): nobody should have to guess whether 60 is seconds.
"""

from __future__ import annotations

import ipaddress
import os
import re
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlsplit

from archive.model import Uri

_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("week", "weeks"), 604800.0),
}
_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "tib": 1 << 40,
}

_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]*)", re.ASCII)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)

DURATION_UNITS = "ms, s, min, h, days, weeks"
SIZE_UNITS = "B, kB, MB, GB, KiB, MiB, GiB"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(written: str) -> str:
    """Any words; not nothing."""
    if not written.strip():
        raise ValueError("it must not be empty")
    return written


def path(written: str) -> str:
    """The name of a file or folder."""
    try:
        os.fsencode(written)
    except UnicodeEncodeError as error:
        raise ValueError("no file has half a letter in its name") from error
    if "\0" in written:
        raise ValueError("no file has a null in its name")
    return text(written)


def yes_or_no(written: str) -> bool:
    """YAML 1.1's spellings of true and false."""
    match written.lower():
        case "true" | "yes" | "on":
            return True
        case "false" | "no" | "off":
            return False
    raise ValueError("it must be true or false")


def count(written: str) -> int:
    """A whole number from 0."""
    if not re.fullmatch(r"[0-9]{1,9}", written):
        raise ValueError("it must be a whole number, as in 2")
    return int(written)


def positive(written: str) -> int:
    """A whole number from 1."""
    number = count(written)
    if number < 1:
        raise ValueError("it must be 1 or more")
    return number


def duration(written: str) -> timedelta:
    """A number with a unit of time; `1.5 h` is fine, and 0 needs none."""
    try:
        return timedelta(seconds=_amount(written, factors=_SECONDS, what="a duration", units=DURATION_UNITS, example="60 s"))
    except OverflowError as error:
        raise ValueError("that is longer than a calendar can count") from error


def some_duration(written: str) -> timedelta:
    """A duration that is not 0."""
    found = duration(written)
    if not found:
        raise ValueError("it must be more than 0")
    return found


def size(written: str) -> int:
    """A number of bytes with a unit: MB is 1000 kB, MiB is 1024 KiB; 0 needs none."""
    return round(_amount(written, factors=_BYTES, what="a size", units=SIZE_UNITS, example="200 MB"))


def some_size(written: str) -> int:
    """A size that is not 0."""
    found = size(written)
    if not found:
        raise ValueError("it must be more than 0")
    return found


def _amount(written: str, *, factors: dict[str, float] | dict[str, int], what: str, units: str, example: str) -> float:
    found = _AMOUNT.fullmatch(written.strip())
    if not found:
        raise ValueError(f"{what} is a number and a unit ({units}), as in {example}")
    number, unit = float(found["number"]), found["unit"]
    if not unit and number == 0:
        return 0.0
    if not unit:
        raise ValueError(f"{what} needs a unit ({units}), as in {example}")
    if unit.lower() not in factors:
        raise ValueError(f"{unit} is not a unit of {what.removeprefix('a ')} ({units}), as in {example}")
    return number * factors[unit.lower()]


def iso_date(written: str) -> str:
    """A date or a date-time of ISO 8601, given back in its usual spelling."""
    try:
        if len(written) <= len("2021-08-27"):
            return date.fromisoformat(written).isoformat()
        return datetime.fromisoformat(written).isoformat()
    except ValueError as error:
        raise ValueError("it must be a date, as in 2021-08-27 or 2021-08-27T18:30:00-04:00") from error


def url(written: str) -> str:
    """An absolute http or https URL, verbatim; it names no user, since a record of it is public."""
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"it is not a URL ({error})") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ValueError("it must be a whole http or https URL, as in https://example.org/page")
    if "@" in parts.netloc:
        raise ValueError("it must not carry a user name or a password, since records of it can be read by all")
    if written != quote(written, safe="".join(map(chr, range(0x21, 0x7F)))):
        raise ValueError("it must be percent-encoded, without blanks or letters beyond ASCII, as a browser copies it")
    return written


def uri(written: str) -> Uri:
    """A URL as it is asked for: verbatim, without its fragment."""
    return Uri(url(written).partition("#")[0])


def host(written: str) -> str:
    """One host name, in lower case."""
    name = written.strip().lower().removesuffix(".")
    if not _HOST.fullmatch(name):
        raise ValueError("it must be a host name, as in centcom.mil")
    return name


def domain(written: str) -> str:
    """A host name that stands for everything below it too; `*.centcom.mil` says the same as `centcom.mil`."""
    return host(written.strip().removeprefix("*."))


def host_glob(written: str) -> str:
    """A pattern over whole host names, in lower case, where `*` stands for any letters."""
    name = written.strip().lower()
    if not re.fullmatch(r"[a-z0-9_.*?:\[\]-]+", name):
        raise ValueError('it must be a host name or a pattern of one, as in "*.ads.example"')
    return name


def network(written: str) -> Network:
    """An address or a network in CIDR spelling."""
    try:
        return ipaddress.ip_network(written.strip())
    except ValueError as error:
        raise ValueError(f"it must be an address or a network, as in 127.0.0.1 or 10.0.0.0/8 ({error})") from error


def proxy(written: str) -> str:
    """The URL of an HTTP proxy, with user and password where it asks for them."""
    try:
        parts = urlsplit(written)
        fine = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0 and parts.path in ("", "/")
    except ValueError:
        fine = False
    if not fine or re.search(r"\s", written) or parts.query or parts.fragment:
        raise ValueError("it must be an http URL, as in http://proxy.example:3128")
    return written


def endpoint(written: str) -> str:
    """`HOST:PORT`, in lower case; the host may be `*` for all, an IPv6 address stands in brackets."""
    name, separator, port = written.strip().lower().rpartition(":")
    if not separator or not 0 < int(port if re.fullmatch(r"[0-9]{1,5}", port) else 0) < 65536:
        raise ValueError("it must be a host and a port, as in *:443")
    if name != "*" and not re.fullmatch(r"\[[0-9a-f:.]+\]", name):
        host(name)
    return f"{name}:{port}"


def address_and_port(written: str) -> str:
    """`ADDRESS:PORT`; an IPv6 address stands in brackets."""
    try:
        found = endpoint(written)
        ipaddress.ip_address(found.rpartition(":")[0].removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise ValueError("it must be an address and a port, as in 127.0.0.1:8443") from error
    return found
