"""Captures of a URI in time (RFC 7089): which one stands for it at an instant, and what a revisit stands for.

A failure is a memento of its own kind: it says that nothing came. Who asks for what stood at an instant gets whichever was
met last, capture or failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive.errors import NotArchivedError
from archive.index.database import Database
from archive.model import Capture, KeptFailure, Uri

Memento = Capture | KeptFailure


def mementos(database: Database, uri: Uri) -> list[Memento]:
    """Everything that was met at an exact URI, oldest first."""
    found: list[Memento] = [*database.captures(uri), *database.failures(uri)]
    return sorted(found, key=_order)


def latest(found: Sequence[Memento], *, at: datetime | None = None) -> Memento | None:
    """The last one, or the last one at or before an instant."""
    until = [m for m in found if at is None or m.date <= at]
    return max(until, key=_order, default=None)


def following(found: Sequence[Memento], *, at: datetime) -> Memento | None:
    """The first one after an instant."""
    return min((m for m in found if m.date > at), key=_order, default=None)


def nearest(found: Sequence[Memento], *, at: datetime) -> Memento | None:
    """The one closest to an instant in either direction; of two equally close the earlier."""
    return min(found, key=lambda m: (abs(m.date - at), m.date, m.record_id), default=None)


def original_of(database: Database, capture: Capture) -> Capture:
    """The response that holds the bytes of a revisit; a capture that is no revisit is its own original.

    Raises NotArchivedError where the original is missing or the revisits run in a circle.
    """
    seen = {capture.record_id}
    while capture.type == "revisit":
        found = _referred_to(database, capture)
        if found is None or found.record_id in seen:
            raise NotArchivedError(capture.refers_to_uri or capture.uri, capture.refers_to_date)
        seen.add(found.record_id)
        capture = found
    return capture


def _referred_to(database: Database, revisit: Capture) -> Capture | None:
    """What a revisit names by record id; other crawlers name URI and date alone (WARC 1.1, 5.12 and 5.13)."""
    if revisit.refers_to is not None:
        return database.capture(revisit.refers_to)
    earlier = (c for c in database.captures(revisit.refers_to_uri or revisit.uri) if c.date <= revisit.date)
    same = [c for c in earlier if c.type == "response" and c.payload_digest == revisit.payload_digest]
    named = [c for c in same if c.date == revisit.refers_to_date]
    return max(named or same, key=_order, default=None)


def _order(memento: Memento) -> tuple[datetime, str]:
    return memento.date, memento.record_id
