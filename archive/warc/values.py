"""From records to values: the one way for what was just written and for what is read from a file.

Records of one file go in, in order; every value of the index comes out that they hold. The records of one exchange stand
together and are joined by WARC-Concurrent-To, in whatever order and by whichever of them (other writers differ). A
response without a metadata record is a capture nevertheless: digests are then taken from its bytes, facts are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.model import Capture, Digest, Kept, KeptFailure, RecordEntry, RecordId, Text, Truncated, Uri
from archive.warc import crawlfacts, fields, notes
from archive.warc.crawlfacts import Noted
from archive.warc.fields import Fields
from archive.warc.http import Head, RequestHead
from archive.warc.stored import StoredRecord, unbracketed

_CAPTURES = frozenset({"response", "revisit", "resource"})
_FIELDS = frozenset({fields.CONTENT_TYPE, "text/anvl"})
"""The type of metadata records that crawlers write, by its name and by that of the drafts."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A record together with its row of the index: what every use of it needs is there."""

    entry: RecordEntry
    record: StoredRecord


def kept(records: Iterable[StoredRecord]) -> Iterator[Kept]:
    """The values of the records of one file, in order. A record whose header can't be used at all gives none."""
    for group in _groups(records):
        yield from (known.entry for known in group)
        for known in group:
            yield from _conclusions(known, group)


def entry(record: StoredRecord) -> RecordEntry | None:
    """Any record as the index lists it; None where its header can't be used at all."""
    record_id, date = record.record_id, record.date
    if not record.type or not record_id or date is None or record.headers.number("Content-Length") is None:
        return None
    return RecordEntry(
        record_id=record_id,
        type=record.type,
        uri=record.uri,
        date=date,
        content_type=record.content_type,
        block_digest=record.headers.digest("WARC-Block-Digest") or record.measured().block,
        run_id=record.run_id,
        location=record.location,
    )


def _groups(records: Iterable[StoredRecord]) -> Iterator[list[_Known]]:
    group: list[_Known] = []
    for record in records:
        row = entry(record)
        if row is None:
            continue
        known = _Known(row, record)
        if group and not _belongs(known, group):
            yield group
            group = []
        group.append(known)
    if group:
        yield group


def _belongs(known: _Known, group: list[_Known]) -> bool:
    named = known.record.concurrent_to
    return any(one.entry.record_id in named or known.entry.record_id in one.record.concurrent_to for one in group)


def _conclusions(known: _Known, group: list[_Known]) -> Iterator[Kept]:
    if known.entry.type in _CAPTURES:
        yield _capture(known, group)
    elif known.entry.type == "metadata":
        conclusion = _failure(known, group) if _is_fields(known) else _note(known)
        if conclusion is not None:
            yield conclusion
    elif known.entry.type == "conversion" and _media_type(known.entry.content_type).lower() == "text/plain":
        yield from _texts(known)


def _texts(known: _Known) -> Iterator[Text]:
    """The text of a conversion; none where it does not say what it is the text of. What is not UTF-8 is replaced."""
    capture_id = known.record.reference("WARC-Refers-To")
    if capture_id is not None:
        yield Text(
            record_id=known.entry.record_id,
            capture_id=capture_id,
            uri=known.entry.uri or Uri(""),
            date=known.entry.date,
            run_id=known.entry.run_id,
            digest=known.record.measured().block,
            text=known.record.block.read().decode("utf-8", "replace"),
        )


def _note(known: _Known) -> Kept | None:
    try:
        return notes.load(known.record.block.read(), content_type=known.entry.content_type)
    except ValueError:
        return None  # the rules make a finding of it; the record itself is listed


def _failure(known: _Known, group: list[_Known]) -> KeptFailure | None:
    found = fields.parse(known.record.block.read())
    outcome = crawlfacts.read_outcome(found)
    if outcome is None:
        return None
    return KeptFailure(
        record_id=known.entry.record_id,
        uri=known.entry.uri or Uri(""),
        date=known.entry.date,
        run_id=known.entry.run_id,
        outcome=outcome,
        reason=found.get("reason") or "",
        error=found.get("error") or "",
        request_id=_id_of(_first(group, "request")),
        chain_id=crawlfacts.read_chain(found),
        facts=crawlfacts.read_facts(found),
    )


def _capture(known: _Known, group: list[_Known]) -> Capture:
    record, row = known.record, known.entry
    request, metadata = _first(group, "request"), _metadata(group)
    noted = crawlfacts.read_noted(Fields(()) if metadata is None else fields.parse(metadata.record.block.read()))
    head = record.head()
    payload, body, entity_size = _measures(known, noted, head)
    return Capture(
        record_id=row.record_id,
        type=row.type,
        uri=row.uri or Uri(""),
        date=row.date,
        run_id=row.run_id,
        location=row.location,
        method=noted.method or _method(row.type, request),
        status=head.status if isinstance(head, Head) else None,
        mime=head.media_type if isinstance(head, Head) else _media_type(row.content_type),
        block_digest=row.block_digest,
        payload_digest=payload,
        body_digest=body,
        entity_size=entity_size,
        request_id=_id_of(request),
        metadata_id=_id_of(metadata),
        ip_address=record.headers.get("WARC-IP-Address"),
        protocols=record.headers.all("WARC-Protocol"),
        cipher_suite=record.headers.get("WARC-Cipher-Suite"),
        chain_id=noted.chain_id,
        truncated=_truncated(record.headers.get("WARC-Truncated")),
        refers_to=record.reference("WARC-Refers-To"),
        refers_to_uri=_uri(record.headers.get("WARC-Refers-To-Target-URI")),
        refers_to_date=fields.parse_date(record.headers.get("WARC-Refers-To-Date") or ""),
        fetch_time_ms=noted.fetch_time_ms,
        surplus_size=noted.surplus_size,
        interim_size=noted.interim_size,
        facts=noted.facts,
    )


def _measures(known: _Known, noted: Noted, head: Head | RequestHead | None) -> tuple[Digest, Digest, int]:
    """Payload digest, body digest, entity size: from the metadata, else from a header that can be trusted, else from the bytes.

    A revisit without metadata has no body here to measure: its payload digest stands for both, its size is unknown (0).
    """
    if noted.payload and noted.body and noted.entity_size is not None:
        return noted.payload, noted.body, noted.entity_size
    declared = known.record.headers.digest("WARC-Payload-Digest")
    if known.entry.type == "revisit":
        digest = noted.payload or declared or known.record.measured().payload
        return digest, noted.body or digest, noted.entity_size or 0
    if declared and not (head and head.chunked):
        return declared, declared, known.record.block.size - (head.size if head else 0)
    measured = known.record.measured()
    return measured.payload, measured.body, measured.entity_size


def _method(kind: str, request: _Known | None) -> str:
    head = request.record.head() if request else None
    if isinstance(head, RequestHead):
        return head.method
    return "" if kind == "resource" else "GET"


def _media_type(content_type: str | None) -> str:
    return (content_type or "").split(";")[0].strip() or "unk"


def _truncated(value: str | None) -> Truncated | None:
    if not value:
        return None
    return Truncated(value) if value in set(Truncated) else Truncated.UNSPECIFIED


def _uri(value: str | None) -> Uri | None:
    return Uri(unbracketed(value)) if value else None


def _metadata(group: list[_Known]) -> _Known | None:
    return next((one for one in group if one.entry.type == "metadata" and _is_fields(one)), None)


def _is_fields(known: _Known) -> bool:
    return _media_type(known.entry.content_type).lower() in _FIELDS


def _first(group: list[_Known], kind: str) -> _Known | None:
    return next((one for one in group if one.entry.type == kind), None)


def _id_of(known: _Known | None) -> RecordId | None:
    return known.entry.record_id if known else None
