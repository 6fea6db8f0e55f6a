"""What is kept: records, captures, failures, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archive.model.met import CrawlFacts, Outcome, Truncated
from archive.model.names import Digest, RecordId, Uri


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """Where a record lies: file (relative to the collection, `/` between), offset and length in bytes as stored."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEntry:
    """Any record of any file, by its WARC headers. `run_id` is that of the file's warcinfo."""

    record_id: RecordId
    type: str
    uri: Uri | None
    date: datetime
    content_type: str | None
    block_digest: Digest
    run_id: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One kept response, revisit or resource.

    `payload_digest` is over the entity body: chunking removed, content encoding kept (WARC 1.1, 6.3.2), `entity_size`
    its bytes. `body_digest` is over everything after the message's head as it came, chunking included; a revisit has the
    digests of the message that it stands for. `mime` is the media type without parameters, `unk` where there is none.
    `refers_to` (record, URI, date) is set on a revisit. `surplus_size` and `interim_size` count bytes that are noted in
    the metadata record.
    """

    record_id: RecordId
    type: str
    uri: Uri
    date: datetime
    run_id: str
    location: Location
    method: str
    status: int | None
    mime: str
    block_digest: Digest
    payload_digest: Digest
    body_digest: Digest
    entity_size: int
    request_id: RecordId | None = None
    metadata_id: RecordId | None = None
    ip_address: str | None = None
    protocols: tuple[str, ...] = ()
    cipher_suite: str | None = None
    chain_id: RecordId | None = None
    truncated: Truncated | None = None
    refers_to: RecordId | None = None
    refers_to_uri: Uri | None = None
    refers_to_date: datetime | None = None
    fetch_time_ms: int = 0
    surplus_size: int = 0
    interim_size: int = 0
    facts: CrawlFacts = field(default_factory=CrawlFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFailure:
    """One kept failure: the metadata record that says that, when and why nothing came."""

    record_id: RecordId
    uri: Uri
    date: datetime
    run_id: str
    outcome: Outcome
    reason: str
    error: str
    request_id: RecordId | None = None
    chain_id: RecordId | None = None
    facts: CrawlFacts = field(default_factory=CrawlFacts)
