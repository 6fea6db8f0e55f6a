"""A record that is ready to be written: its header fields in order and its block.

WARC-Block-Digest, Content-Type and Content-Length are computed here for every record alike (WARC 1.1, 5.8, 5.6, 5.4);
WARC-Warcinfo-ID is added by the file that takes the record.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.model import Digest, Location, RecordId
from archive.spool import Spool
from archive.warc.fields import Fields, date_text, one_line
from archive.warc.measure import measure
from archive.warc.stored import KEEP, Block, StoredRecord

VERSION = "WARC/1.1"

Pairs = Iterable[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record to be written. `headers` are all of its named fields in order, Content-Length included."""

    record_id: RecordId
    type: str
    headers: tuple[tuple[str, str], ...]
    block: bytes | Spool

    @property
    def size(self) -> int:
        """Bytes of the block."""
        return len(self.block) if isinstance(self.block, bytes) else self.block.size

    def with_header(self, name: str, value: str) -> Draft:
        """The same draft with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))


def new_record_id() -> RecordId:
    """A record id that nobody has used."""
    return RecordId(uuid.uuid4().urn)


def new_draft(
    kind: str,
    block: bytes | Spool,
    content_type: str,
    *,
    at: datetime,
    headers: Pairs,
    record_id: RecordId | None = None,
    digest: Digest | None = None,
) -> Draft:
    """A draft of WARC-Type `kind`; headers that are None are left out. `digest` is the block's, where it is known already."""
    record_id = record_id or new_record_id()
    pairs: list[tuple[str, str | None]] = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", bracketed(record_id)),
        ("WARC-Date", date_text(at)),
        *headers,
        ("WARC-Block-Digest", digest or measure(_pieces(block), content_type=None).block),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block) if isinstance(block, bytes) else block.size)),
    ]
    lines = tuple((name, one_line(value)) for name, value in pairs if value is not None)
    return Draft(record_id=record_id, type=kind, headers=lines, block=block)


def stored(draft: Draft, *, location: Location, run_id: str) -> StoredRecord:
    """The record that a draft has become, as a reader of its file would see it."""
    return StoredRecord(version=VERSION, headers=Fields(draft.headers), location=location, run_id=run_id, block=_block(draft))


def bracketed(record_id: RecordId) -> str:
    """A record id as headers spell it."""
    return f"<{record_id}>"


def _block(draft: Draft) -> Block:
    if isinstance(draft.block, bytes):
        return Block(draft.block)
    return Block(draft.block.read(0, KEEP), size=draft.block.size, again=draft.block.chunks)


def _pieces(block: bytes | Spool) -> Iterator[bytes]:
    return iter((block,)) if isinstance(block, bytes) else block.chunks()
