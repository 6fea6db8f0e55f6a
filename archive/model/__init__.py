"""The values of the archive: what a run meets, what is kept, what was concluded.

Every value is frozen and says one thing. The records of the WARC files and the rows of the index are two spellings of
these values, and nothing is in the index that can't be read from the files. Instants are aware datetimes in UTC with
microseconds; positions are code points, the end exclusive; sizes are bytes.
"""

from __future__ import annotations

from archive.model.concluded import (
    CITING_CONTEXTS,
    Article,
    Attempt,
    Citation,
    Context,
    Extraction,
    Link,
    Quote,
    RunEnd,
    RunStart,
    TargetFrom,
    Text,
)
from archive.model.kept import Capture, KeptFailure, Location, RecordEntry
from archive.model.met import CrawlFacts, Exchange, Failure, Outcome, Resource, Role, Truncated
from archive.model.names import Clock, Digest, RecordId, Uri, digest_of, utc_now

Kept = RecordEntry | Capture | KeptFailure | Extraction | Text | Article | Citation | Attempt | RunStart | RunEnd
"""Everything that the index knows, each read from a record."""

__all__ = [
    "CITING_CONTEXTS",
    "Article",
    "Attempt",
    "Capture",
    "Citation",
    "Clock",
    "Context",
    "CrawlFacts",
    "Digest",
    "Exchange",
    "Extraction",
    "Failure",
    "Kept",
    "KeptFailure",
    "Link",
    "Location",
    "Outcome",
    "Quote",
    "RecordEntry",
    "RecordId",
    "Resource",
    "Role",
    "RunEnd",
    "RunStart",
    "TargetFrom",
    "Text",
    "Truncated",
    "Uri",
    "digest_of",
    "utc_now",
]
