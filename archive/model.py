"""The values of the archive: what a run meets, what is kept, what was concluded.

Every value is frozen and says one thing. The records of the WARC files and the rows of the index are two spellings of
these values, and nothing is in the index that can't be read from the files. Instants are aware datetimes in UTC with
microseconds; positions are code points, the end exclusive; sizes are bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

from archive.spool import Spool

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


# What is met on the network


class Truncated(StrEnum):
    """Why a response ends before its message does (WARC 1.1, section 5.13)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


class Role(StrEnum):
    """What a request was made for."""

    ARTICLE = "article"
    SOURCE = "source"
    ROBOTS = "robots"


class Outcome(StrEnum):
    """What became of one citation in one run."""

    CAPTURED = "captured"
    UNCHANGED = "unchanged"
    ROBOTS = "robots"
    UNREACHABLE = "unreachable"
    ADDRESS_BLOCKED = "address blocked"
    NO_TARGET = "no target"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"
    ARCHIVE_FAILED = "archive failed"
    NOT_ARCHIVED = "not archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFacts:
    """What the crawler knows about one exchange or failure beside its bytes; kept in its metadata record.

    `via` is the URI that led here (article or the hop before), `hops` how: one letter a step, as crawlers write it
    (`L` link, `R` redirect, `P` a precondition such as robots.txt; empty for the article itself). `tries` counts from 1.
    `robots` is `allowed`, `refused` or `unchecked`. `addresses` are all that the name resolved to here; `proxied` says
    that a proxy chose the address. `certificate` is `verified`, the reason why it is not, or None without TLS.
    """

    role: Role = Role.SOURCE
    via: Uri | None = None
    hops: str = ""
    tries: int = 1
    robots: str = "unchecked"
    addresses: tuple[str, ...] = ()
    proxied: bool = False
    certificate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP round trip, not yet kept. `request` and `response` are the bytes of the two messages as they passed.

    `response` holds exactly one final message (interim 1xx answers are in `interim`, bytes after its end in `surplus`);
    its head is whole, its body may end early, and then `truncated` says why. `chain` is the offered certificate chain in
    DER, leaf first. `protocols` are ALPN-like names, HTTP first (`http/1.1`, `tls/1.3`). `ip_address` is the peer that
    served the bytes, None behind a proxy. The archive closes `response` once it is written.
    """

    uri: Uri
    method: str
    request: bytes
    response: Spool
    began_at: datetime
    ended_at: datetime
    ip_address: str | None = None
    protocols: tuple[str, ...] = ("http/1.1",)
    cipher_suite: str | None = None
    chain: tuple[bytes, ...] = ()
    truncated: Truncated | None = None
    interim: bytes = b""
    surplus: bytes = b""
    facts: CrawlFacts = field(default_factory=CrawlFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A target that gave no answer, kept as evidence: who was asked, when, and one sentence that says what happened.

    `error` is the name of the error for machines; `received` holds the bytes of an answer whose head never became whole.
    """

    uri: Uri
    at: datetime
    outcome: Outcome
    reason: str
    error: str
    request: bytes = b""
    received: bytes = b""
    chain: tuple[bytes, ...] = ()
    facts: CrawlFacts = field(default_factory=CrawlFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Bytes that did not come over HTTP: a local article, a configuration, a certificate chain. Kept verbatim."""

    uri: Uri
    content_type: str
    content: bytes
    at: datetime


# What is kept


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


# What was concluded


class Context(StrEnum):
    """Where on the page a link stands. The first three cite."""

    BODY = "body"
    NOTE = "note"
    CAPTION = "caption"
    NAVIGATION = "navigation"
    FOOTER = "footer"
    SHARE = "share"
    TAG = "tag"
    AUTHOR = "author"
    NEWSLETTER = "newsletter"
    RELATED = "related"
    ADVERTISEMENT = "advertisement"
    SAME_PAGE = "same-page"


CITING_CONTEXTS = frozenset({Context.BODY, Context.NOTE, Context.CAPTION})


class TargetFrom(StrEnum):
    """Who says where a citation points."""

    HREF = "href"
    CURATOR = "curator"
    MEMENTO = "memento"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A place in a text, as W3C Web Annotation selectors say it: TextQuoteSelector and, where known, TextPositionSelector.

    `start` and `end` are None where the words do not stand in the extracted text (it may lack a caption or a paragraph).
    """

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of an article, in document order: `href` as written, `target` resolved or None where it has lost it."""

    ordinal: int
    href: str
    target: Uri | None
    anchor: Quote
    sentence: Quote
    context: Context
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Text and metadata derived from one capture. `unreadable` holds the reason where there is no text.

    `digest` is over the text in UTF-8. `published` is an ISO 8601 date or date-time as found. `charset` names the
    decision and its evidence (`utf-8 (HTTP)`). `options` are the tool's, as JSON text with sorted keys.
    """

    record_id: RecordId
    capture_id: RecordId
    uri: Uri
    date: datetime
    run_id: str
    tool: str
    version: str
    options: str
    text_id: RecordId | None
    digest: Digest | None
    unreadable: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    site: str | None = None
    language: str | None = None
    charset: str | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One reading of one citing resource: all of its links with their contexts, citations or not."""

    record_id: RecordId
    uri: Uri
    capture_id: RecordId
    extraction_id: RecordId
    date: datetime
    run_id: str
    ordinal: int
    title: str | None
    published: str | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One citation of one reading of an article; kept as a W3C Web Annotation.

    `ordinal` counts the article's citations from 1, `link_ordinal` points into `Article.links`. `target_from` is None
    where there is no target.
    """

    citation_id: RecordId
    record_id: RecordId
    article_id: RecordId
    article_uri: Uri
    extraction_id: RecordId
    date: datetime
    run_id: str
    ordinal: int
    link_ordinal: int
    anchor: Quote
    sentence: Quote
    context: Context
    reason: str
    kind: str
    href: str
    target: Uri | None
    target_from: TargetFrom | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one citation in one run. `hops` are the captures and failures on the way, in order, by record id;
    `capture_id` is the last response where there is one, `failure_id` the failure that ended the way.
    `sequence` counts the attempts of the run from 1."""

    record_id: RecordId
    citation_id: RecordId
    run_id: str
    sequence: int
    date: datetime
    outcome: Outcome
    reason: str
    target: Uri | None
    hops: tuple[RecordId, ...] = ()
    capture_id: RecordId | None = None
    failure_id: RecordId | None = None
    extraction_id: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """The first record of a run: who, with what, how. `configuration` is redacted and kept as a resource of its own."""

    run_id: str
    record_id: RecordId
    date: datetime
    operator: str
    user_agent: str
    robots: str
    arguments: tuple[str, ...]
    software: Mapping[str, str]
    configuration_id: RecordId | None
    configuration_digest: Digest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """The last record of a run. A run without one was cut off. `reason` is the crawl's closing reason (`finished`)."""

    run_id: str
    record_id: RecordId
    date: datetime
    reason: str
    counts: Mapping[str, int]


Kept = RecordEntry | Capture | KeptFailure | Extraction | Article | Citation | Attempt | RunStart | RunEnd
"""Everything that the index knows, each read from a record."""
