"""From a kept record to a document: chunking and content encodings undone, the declared type found.

Error pages, cut answers, bombs and unknown codings all come this way, in a crawl and in a replay. A resource's block is the
document itself, a response's is an HTTP message; a document that is a gzip file by its bytes (a saved page) is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.errors import RecordError
from archive.model import Location, Uri
from archive.warc.http import Decoded, Head, decode, entity
from archive.warc.reader import read_at
from archive.warc.stored import StoredRecord
from pipelines.reading.document import UNDECLARED, Message, Reading, ReadingLimits, media_type, read, unreadable

GZIP = b"\x1f\x8b"


def read_stored(root: Path, location: Location, *, uri: Uri, hint: str | None, limits: ReadingLimits) -> Reading:
    """Read the record at a place in a collection. `hint` counts where the record itself declares no type."""
    try:
        message = message_of(read_at(root, location), uri=uri, hint=hint, limit=limits.decoded)
    except RecordError as error:
        return unreadable(f"the record at byte {location.offset} of {location.file} can't be read: {error.reason}")
    return read(message, limits=limits)


def message_of(record: StoredRecord, *, uri: Uri | None, hint: str | None, limit: int) -> Message:
    """The document that a record holds, at most `limit` bytes of it."""
    head = record.head()
    if record.type == "resource" or not isinstance(head, Head):
        return _message(record.block.chunks(), codings=(), declared=record.content_type, uri=uri, hint=hint, limit=limit)
    body = entity(head, record.block.chunks(head.size))
    return _message(body, codings=head.codings, declared=_declared(head), uri=uri, hint=hint, limit=limit)


def _declared(head: Head) -> str | None:
    value = head.get(b"content-type")
    return None if value is None else value.decode("latin-1")


def _message(
    chunks: Iterator[bytes], *, codings: Sequence[bytes], declared: str | None, uri: Uri | None, hint: str | None, limit: int
) -> Message:
    decoded = decode(codings, chunks, limit=limit)
    if decoded.problem is None and decoded.data.startswith(GZIP):
        decoded = decode([b"gzip"], [decoded.data], limit=limit)
    known = declared if media_type(declared) not in UNDECLARED else hint
    return Message(data=decoded.data, uri=uri, content_type=known, problem=_problem(decoded, limit=limit))


def _problem(decoded: Decoded, *, limit: int) -> str | None:
    """What makes a document unreadable: too large, or nothing came out. What a cut stream gave is read as far as it goes,
    and data in an unknown coding is read when it is text after all."""
    if decoded.problem is None:
        return None
    if len(decoded.data) >= limit or not decoded.data.strip() or b"\0" in decoded.data[:4096]:
        return decoded.problem
    return None
