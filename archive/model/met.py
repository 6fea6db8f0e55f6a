"""What is met on the network, and what else comes in: not yet kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archive.model.names import Uri
from archive.spool import Spool


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
