"""What everything else is spelled with: URIs, record ids, digests, clocks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType

Uri = NewType("Uri", str)
"""An absolute URI exactly as it was asked for, without a fragment."""

RecordId = NewType("RecordId", str)
"""`urn:uuid:…`, without the angle brackets that WARC puts around it."""

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hexadecimal digits."""

Clock = Callable[[], datetime]
"""The time now, aware, in UTC. Handed in wherever time is read, so that a year is a test of some seconds."""


def utc_now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


def digest_of(data: bytes) -> Digest:
    """The SHA-256 of some bytes, spelled as everywhere in a collection."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())
