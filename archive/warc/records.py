"""From values to records (WARC 1.1, ISO 28500:2017): which headers and which block each value becomes.

A draft is a record that is ready to be written, but for WARC-Warcinfo-ID, which the file that takes it adds. `serialise`
writes it through warcio: the block verbatim, and no header that does not stand in the draft. The dates of one exchange's
records are one value. Blocks of `archive/` metadata are `application/warc-fields`, which replay tools know to pass over.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Protocol

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Capture, Digest, Exchange, Extraction, Failure, RecordId, Resource, Uri, digest_of
from archive.spool import Spool
from archive.warc import crawlfacts, fields, notes
from archive.warc.draft import VERSION, Draft, bracketed, new_draft, new_record_id
from archive.warc.fields import Fields, date_text
from archive.warc.http import has_blank_line
from archive.warc.measure import Digests, measure
from archive.warc.notes import Note
from archive.warc.redaction import redact_request

__all__ = [
    "Draft",
    "chain_resource",
    "conversion_draft",
    "digests_of",
    "exchange_drafts",
    "failure_drafts",
    "mended_draft",
    "mended_warcinfo_draft",
    "new_record_id",
    "note_draft",
    "resource_draft",
    "serialise",
    "warcinfo_draft",
]

CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
RESPONSE_TYPE = "application/http; msgtype=response"
REQUEST_TYPE = "application/http; msgtype=request"
TEXT_TYPE = "text/plain; charset=utf-8"
CHAIN_TYPE = "application/pem-certificate-chain"


def digests_of(exchange: Exchange) -> Digests:
    """Digests and sizes of an exchange's response, in one pass over its spool."""
    return measure(exchange.response.chunks(), content_type=RESPONSE_TYPE)


def exchange_drafts(
    exchange: Exchange, *, digests: Digests, chain_id: RecordId | None, original: Capture | None = None, redact: bool = True
) -> tuple[Draft, Draft, Draft]:
    """Response (or revisit), request and metadata of one exchange, in this order.

    With `original` the response becomes a revisit of it: the caller has seen that the bodies are the same bytes. A
    revisit's block is the head of its message alone. Without `redact` the request is kept with its credentials.
    """
    main = _response(exchange, digests=digests) if original is None else _revisit(exchange, digests=digests, original=original)
    request, hidden = redact_request(exchange.request) if redact else (exchange.request, ())
    noted = crawlfacts.of_exchange(exchange, digests=digests, chain_id=chain_id, redacted=hidden)
    beside = [("WARC-Target-URI", exchange.uri), ("WARC-Concurrent-To", bracketed(main.record_id))]
    return (
        main,
        new_draft("request", request, REQUEST_TYPE, at=exchange.began_at, headers=[*beside, *_connection(exchange)]),
        new_draft("metadata", fields.dump(noted), fields.CONTENT_TYPE, at=exchange.began_at, headers=beside),
    )


def failure_drafts(failure: Failure, *, chain_id: RecordId | None, redact: bool = True) -> tuple[Draft, ...]:
    """The metadata record of a failure, and after it the request where one was sent."""
    request, hidden = redact_request(failure.request) if redact else (failure.request, ())
    noted = fields.dump(crawlfacts.of_failure(failure, chain_id=chain_id, redacted=hidden))
    main = new_draft("metadata", noted, fields.CONTENT_TYPE, at=failure.at, headers=[("WARC-Target-URI", failure.uri)])
    if not request:
        return (main,)
    beside = [("WARC-Target-URI", failure.uri), ("WARC-Concurrent-To", bracketed(main.record_id))]
    return main, new_draft("request", request, REQUEST_TYPE, at=failure.at, headers=beside)


def mended_draft(capture: Capture, *, description: str) -> Draft:
    """A metadata record for a response whose own was lost in a crash; `description` says so."""
    noted = fields.dump(crawlfacts.of_capture(capture, description=description))
    headers = [("WARC-Target-URI", capture.uri), ("WARC-Concurrent-To", bracketed(capture.record_id))]
    return new_draft("metadata", noted, fields.CONTENT_TYPE, at=capture.date, headers=headers)


def resource_draft(resource: Resource, *, record_id: RecordId | None = None) -> Draft:
    """A resource record: the bytes as they are."""
    headers = [("WARC-Target-URI", resource.uri), ("WARC-Payload-Digest", digest_of(resource.content))]
    return new_draft("resource", resource.content, resource.content_type, at=resource.at, headers=headers, record_id=record_id)


def chain_resource(chain: tuple[bytes, ...], *, at: datetime) -> Resource:
    """A certificate chain (DER, leaf first) as a resource: PEM (RFC 8555, 9.1) under `urn:sha256:` of the PEM bytes."""
    pem = "".join(ssl.DER_cert_to_PEM_cert(certificate) for certificate in chain).encode()
    return Resource(uri=Uri(f"urn:{digest_of(pem)}"), content_type=CHAIN_TYPE, content=pem, at=at)


def conversion_draft(extraction: Extraction, text: str) -> Draft:
    """The text of an extraction, in UTF-8, as a conversion of its capture."""
    block = text.encode()
    headers = [
        ("WARC-Target-URI", extraction.uri),
        ("WARC-Refers-To", bracketed(extraction.capture_id)),
        ("WARC-Payload-Digest", digest_of(block)),
    ]
    return new_draft("conversion", block, TEXT_TYPE, at=extraction.date, headers=headers, record_id=extraction.text_id)


def note_draft(value: Note) -> Draft:
    """A conclusion as a metadata record: a citation as a W3C Web Annotation, everything else as JSON."""
    about = notes.about(value)
    headers = [("WARC-Target-URI", about.uri), ("WARC-Refers-To", about.refers_to and bracketed(about.refers_to))]
    return new_draft(
        "metadata", notes.dump(value), about.content_type, at=value.date, headers=headers, record_id=value.record_id
    )


def warcinfo_draft(
    *,
    file_name: str,
    date: datetime,
    run_id: str,
    software: Mapping[str, str],
    operator: str,
    robots: str,
    user_agent: str,
    collection_id: str,
    configuration_digest: Digest | None,
    description: str | None = None,
) -> Draft:
    """The first record of a file. `description` says what happened to a file that was mended."""
    block = fields.dump(
        [
            ("software", ", ".join(f"{name}/{version}" for name, version in software.items())),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", CONFORMS_TO),
            ("operator", operator),
            ("robots", robots),
            ("http-header-user-agent", user_agent),
            ("isPartOf", collection_id),
            ("run", run_id),
            ("configurationDigest", configuration_digest),
            ("description", description),
        ]
    )
    return new_draft("warcinfo", block, fields.CONTENT_TYPE, at=date, headers=[("WARC-Filename", file_name)])


def mended_warcinfo_draft(own: Fields, *, file_name: str, date: datetime, description: str) -> Draft:
    """The first record of a mended file: the fields of the file's own warcinfo, and what happened to the file."""
    block = fields.dump([*own.pairs, ("description", description)])
    return new_draft("warcinfo", block, fields.CONTENT_TYPE, at=date, headers=[("WARC-Filename", file_name)])


class Sink(Protocol):
    """Takes the bytes of a record."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


def serialise(draft: Draft, sink: Sink) -> None:
    """Write a record, uncompressed, with the two line ends after its block."""
    headers = StatusAndHeaders("", list(draft.headers), protocol=VERSION)
    stream = BytesIO(draft.block) if isinstance(draft.block, bytes) else _SpoolStream(draft.block)
    # warcio would leave out the block of a record that it knows to be a revisit: its own type is in the headers
    _Serialiser(sink).write_record(ArcWarcRecord("warc", "verbatim", headers, stream, None, None, draft.size))


class _Serialiser(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """warcio's writer without its habit of adding digests of its own."""

    def __init__(self, sink: Sink) -> None:
        self.out, self.gzip, self.header_filter = sink, False, None

    def ensure_digest(self, _record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """Nothing: the draft has its digests."""


class _SpoolStream:
    """A spool as the stream that warcio reads from."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def read(self, size: int) -> bytes:
        piece = self._spool.read(self._at, size)
        self._at += len(piece)
        return piece


def _response(exchange: Exchange, *, digests: Digests) -> Draft:
    headers = [
        ("WARC-Target-URI", exchange.uri),
        *_connection(exchange),
        ("WARC-Payload-Digest", digests.payload if _is_plain(exchange, digests) else None),
        ("WARC-Truncated", exchange.truncated),
    ]
    return new_draft("response", exchange.response, RESPONSE_TYPE, at=exchange.began_at, headers=headers, digest=digests.block)


def _is_plain(exchange: Exchange, digests: Digests) -> bool:
    """Whether every reader finds the same payload. Of a chunked message others take the chunked bytes."""
    head = exchange.response.read(0, exchange.response.size - digests.body_size)
    return not (digests.head and digests.head.chunked) and not has_blank_line(head)


def _revisit(exchange: Exchange, *, digests: Digests, original: Capture) -> Draft:
    headers = [
        ("WARC-Target-URI", exchange.uri),
        *_connection(exchange),
        ("WARC-Payload-Digest", digests.payload),
        ("WARC-Profile", IDENTICAL_PAYLOAD),
        ("WARC-Refers-To", bracketed(original.refers_to or original.record_id)),
        ("WARC-Refers-To-Target-URI", original.refers_to_uri or original.uri),
        ("WARC-Refers-To-Date", date_text(original.refers_to_date or original.date)),
        ("WARC-Truncated", exchange.truncated),
    ]
    head = exchange.response.read(0, exchange.response.size - digests.body_size)
    return new_draft("revisit", head, RESPONSE_TYPE, at=exchange.began_at, headers=headers)


def _connection(exchange: Exchange) -> list[tuple[str, str | None]]:
    return [
        ("WARC-IP-Address", exchange.ip_address),
        *(("WARC-Protocol", name) for name in exchange.protocols),
        ("WARC-Cipher-Suite", exchange.cipher_suite),
    ]
