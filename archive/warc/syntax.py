"""How the values of WARC's named fields are spelled (WARC 1.1, section 5): one rule a kind, each says what it expects.

A rule gives None where the value keeps it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from archive.model import Truncated
from archive.warc.fields import parse_date
from archive.warc.stored import unbracketed

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S.*")
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%|^`{}\\\"-]*")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+*'|~-]+/[\w!#$&^.+*'|~-]+(?:\s*;.*)?")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9+/=_-]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a value should have been."""

    expected: str
    severity: Literal["error", "warning"] = "error"


Rule = Callable[[str], Fault | None]


def anything(_value: str) -> Fault | None:
    """Any text."""
    return None


def number(value: str) -> Fault | None:
    """Decimal digits."""
    return None if value.isascii() and value.isdigit() else Fault("a whole number")


def date(value: str) -> Fault | None:
    """An instant in UTC as W3C writes it."""
    return None if parse_date(value) else Fault("a date like 2016-01-11T23:24:25.412030Z")


def uri(value: str) -> Fault | None:
    """An absolute URI. Angle brackets around it were asked for by the grammar of WARC 1.0, and wget writes them."""
    if value.startswith("<") and value.endswith(">"):
        return Fault("a URI without angle brackets", "warning")
    if not _URI.fullmatch(value):
        return Fault("an absolute URI")
    return None if _URI_CHARACTERS.fullmatch(value) else Fault("a URI without spaces and other foreign characters", "warning")


def bracketed_uri(value: str) -> Fault | None:
    """A URI between angle brackets, as record ids are; the grammar of WARC 1.0 did not ask for the brackets."""
    bare = unbracketed(value)
    if not _URI.fullmatch(bare) or " " in bare:
        return Fault("a URI between angle brackets")
    return None if bare != value else Fault("a URI between angle brackets", "warning")


def ip_address(value: str) -> Fault | None:
    """IPv4 or IPv6."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return Fault("an IP address")
    return None


def media_type(value: str) -> Fault | None:
    """A type, a slash, a subtype, and parameters."""
    return None if _MEDIA_TYPE.fullmatch(value) else Fault("a media type")


def digest(value: str) -> Fault | None:
    """The name of an algorithm, a colon, and the value in hexadecimal, base32 or base64."""
    return None if _DIGEST.fullmatch(value) else Fault("an algorithm, a colon and a digest")


def reason(value: str) -> Fault | None:
    """Why a block is cut (5.13); others may be defined."""
    return None if value in set(Truncated) else Fault(", ".join(Truncated), "warning")
