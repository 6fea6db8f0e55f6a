"""What the bytes of a block have to fit: the digests that are declared for them, and HTTP where the record says so.

Digests are compared as bytes, so that hexadecimal, base32 and base64 spellings of any length mean the same. Many writers
take the payload's digest over the chunked bytes; that is a warning, not an error. A server may send wrong chunking, and
the archive keeps it: a warning too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator

from archive.model import Capture
from archive.proof.finding import Severity
from archive.warc import notes, syntax
from archive.warc.http import Head
from archive.warc.measure import Digests
from archive.warc.stored import StoredRecord, algorithm_of

Fault = tuple[Severity, str, str, str, str]
"""Severity, check, expected, found, message."""


def faults(record: StoredRecord) -> Iterator[Fault]:
    """What is wrong with the block of a record whose length is known."""
    for value in _well_spelled(record.headers.all("WARC-Block-Digest")):
        yield from _block_digest(record, value)
    if record.type != "revisit" and not record.headers.get("WARC-Segment-Number"):
        for value in _well_spelled(record.headers.all("WARC-Payload-Digest")):
            yield from _payload_digest(record, value)
    yield from _http(record)
    yield from _note(record)


def capture_faults(capture: Capture, record: StoredRecord) -> Iterator[Fault]:
    """What a capture says of its bytes and they are not."""
    measured = record.measured()
    pairs = {
        "payload digest": (capture.payload_digest, measured.payload),
        "body digest": (capture.body_digest, measured.body),
        "size of its entity": (str(capture.entity_size), str(measured.entity_size)),
    }
    for what, (expected, found) in pairs.items():
        if expected != found:
            yield (
                "error",
                "metadata-digest",
                expected,
                found,
                f"the {what} in the metadata record is not that of the {record.type}",
            )


def _block_digest(record: StoredRecord, value: str) -> Iterator[Fault]:
    if (algorithm := algorithm_of(value)) is None:
        yield _uncheckable("block", value)
        return
    block, _, _ = _digests(record.measured(), algorithm)
    if block not in _decoded(value):
        yield "error", "block-digest", value, f"{algorithm}:{block.hex()}", "the block does not have its digest"


def _payload_digest(record: StoredRecord, value: str) -> Iterator[Fault]:
    if (algorithm := algorithm_of(value)) is None:
        yield _uncheckable("payload", value)
        return
    _, payload, body = _digests(record.measured(), algorithm)
    readings = _decoded(value)
    found = f"{algorithm}:{payload.hex()}"
    if payload in readings:
        return
    if body in readings:
        yield "warning", "payload-digest", value, found, "the payload digest is over the chunked bytes"
    else:
        yield "error", "payload-digest", value, found, "the payload does not have its digest"


def _http(record: StoredRecord) -> Iterator[Fault]:
    """A block of type application/http is an HTTP message (WARC 1.1, 6.3, 6.5); a revisit's may be empty (6.7)."""
    if not (record.content_type or "").lower().startswith("application/http") or record.type == "continuation":
        return
    if record.type == "revisit" and not record.block.size:
        return
    head = record.measured().head
    if head is None:
        yield "error", "http", "an HTTP message", "", "the block is no HTTP message: its head has no end"
    elif isinstance(head, Head) and head.status is None:
        yield "warning", "http", "a status line", "", "the HTTP message has no status"
    elif (problem := record.measured().problem) and not record.headers.get("WARC-Truncated"):
        yield "warning", "chunking", "chunks", "", f"the chunking is wrong: {problem}"


def _note(record: StoredRecord) -> Iterator[Fault]:
    if record.type != "metadata":
        return
    try:
        notes.load(record.block.read(), content_type=record.content_type)
    except ValueError as error:
        yield "error", "note", "", "", f"the note can't be read: {error}"


def _well_spelled(values: tuple[str, ...]) -> Iterator[str]:
    return (value for value in values if syntax.digest(value) is None)


def _uncheckable(what: str, value: str) -> Fault:
    return "warning", f"{what}-digest", "sha256, sha1, …", value, f"the {what} digest {value!r} can't be checked"


def _digests(measured: Digests, algorithm: str) -> tuple[bytes, bytes, bytes]:
    """Block, payload and body."""
    if algorithm == "sha256":
        block, payload, body = (bytes.fromhex(d.partition(":")[2]) for d in (measured.block, measured.payload, measured.body))
        return block, payload, body
    return dict(measured.others)[algorithm]


def _decoded(value: str) -> list[bytes]:
    """Every reading of a digest's spelling."""
    text = value.partition(":")[2].strip()
    readings: list[Callable[[str], bytes]] = [bytes.fromhex, _base32, _base64]
    found: list[bytes] = []
    for read in readings:
        try:
            found.append(read(text))
        except (ValueError, binascii.Error):
            continue
    return found


def _base32(text: str) -> bytes:
    return base64.b32decode(text.rstrip("=").upper() + "=" * (-len(text.rstrip("=")) % 8))


def _base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.rstrip("=").replace("+", "-").replace("/", "_") + "=" * (-len(text.rstrip("=")) % 4))
