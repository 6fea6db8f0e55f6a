"""A document as it is read: bytes in, one frozen value out, whatever the bytes are.

`read` never raises for what stands in a document: an unknown type, a broken file and a page without text end as a
`Reading` whose `unreadable` says why in one sentence. The type is what the bytes show first, what was declared second.
Readers are imported when the first document of their type comes: the process that only passes readings on stays small.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Header

from archive.model import Link, Uri

TOOL = "footnotary"
TOOL_VERSION = "1"
"""What a reading names when no extractor was asked; raised when the rules of this module change."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
UNDECLARED = frozenset({"", "unk", "application/octet-stream", "binary/octet-stream", "application/x-gzip", "application/gzip"})
SNIFFED = 1024

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
)
HTML_OPENINGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<meta", b"<script", b"<div", b"<p>", b"<h1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """What one document may take. `seconds` is wall time; sizes are bytes.

    `memory` bounds the address space of a worker (RLIMIT_AS), `decoded` what a content encoding may unfold to, `html`
    the size up to which a page is parsed. Beyond any of them the document ends as unreadable; its bytes stay kept.
    """

    seconds: float = 20.0
    memory: int = 3 << 30
    decoded: int = 100_000_000
    html: int = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One document, content encodings removed. `content_type` is the declared one, parameters and all; `uri` is where it
    was published and resolves its relative links. `problem` says what was wrong with the bytes on their way here."""

    data: bytes
    uri: Uri | None = None
    content_type: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one document says. `text` is None exactly where `unreadable` holds a reason.

    `published` is an ISO 8601 date or date-time as found, `language` a BCP 47 tag, `charset` the decision with its
    evidence (`utf-8 (HTTP)`), `pages` the number of pages of a paged document, `options` the tool's as JSON with sorted
    keys. `links` are all links in document order; their positions are code points over `text`.
    """

    text: str | None = None
    unreadable: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    site: str | None = None
    language: str | None = None
    charset: str | None = None
    pages: int | None = None
    tool: str = TOOL
    version: str = TOOL_VERSION
    options: str = "{}"
    links: tuple[Link, ...] = ()


def unreadable(reason: str) -> Reading:
    """The reading of a document that gives no text; `reason` is a sentence for a person."""
    return Reading(unreadable=reason)


def read(message: Message, *, limits: ReadingLimits | None = None) -> Reading:
    """Read a document by its type. Never raises for what the document holds, save MemoryError."""
    limits = limits or ReadingLimits()
    if message.problem:
        return unreadable(message.problem)
    if not message.data.strip():
        return unreadable("the document is empty")
    kind = type_of(message)
    if kind == "application/pdf":
        return _read_pdf(message)
    if kind in HTML_TYPES:
        return _read_page(message, limits)
    if kind in TEXT_TYPES:
        return _read_plain(message, limits)
    return unreadable(f"{kind} is not a type that is read")


def type_of(message: Message) -> str:
    """The media type of a document, lower-case, without parameters: as the bytes show, else as declared, else guessed."""
    declared = media_type(message.content_type)
    start = message.data[:SNIFFED]
    return _shown(start) or (declared if declared not in UNDECLARED else _guessed(start))


def media_type(content_type: str | None) -> str:
    """`Text/HTML; charset=x` -> `text/html`; empty where nothing is declared."""
    return (content_type or "").partition(";")[0].strip().lower()


def charset_parameter(content_type: str | None) -> str | None:
    """The charset of a Content-Type value (RFC 9110, 8.3.1), None without one."""
    header = Header()
    header["Content-Type"] = (content_type or "text/plain").replace("\r", " ").replace("\n", " ")
    value = header.get_param("charset")
    return value if isinstance(value, str) else None


def _shown(start: bytes) -> str | None:
    if b"%PDF-" in start:
        return "application/pdf"
    return next((name for signature, name in SIGNATURES if start.startswith(signature)), None)


def _guessed(start: bytes) -> str:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(HTML_OPENINGS) or b"<html" in text or b"<!doctype html" in text:
        return "text/html"
    return "application/octet-stream" if b"\0" in start else "text/plain"


def _read_pdf(message: Message) -> Reading:
    from pipelines.reading.pdf import read_pdf

    return read_pdf(message.data)


def _read_page(message: Message, limits: ReadingLimits) -> Reading:
    from pipelines.reading.page import read_page

    if len(message.data) > limits.html:
        return unreadable(f"the page has {len(message.data):,} bytes, and pages over {limits.html:,} are not parsed")
    return read_page(message)


def _read_plain(message: Message, limits: ReadingLimits) -> Reading:
    from pipelines.reading.markdown import read_markdown

    if len(message.data) > limits.html:
        return unreadable(f"the text has {len(message.data):,} bytes, and texts over {limits.html:,} are not read")
    return read_markdown(message)
