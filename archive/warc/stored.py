"""One record as it lies in a file: header, place, and a block that can be read as often as wanted.

It is the same value whether it was read from a file or has just been written, so that whoever looks at records can't
tell the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.model import Location, RecordId, Uri
from archive.warc import fields
from archive.warc.fields import Fields
from archive.warc.http import Head, RequestHead
from archive.warc.measure import Digests, measure, message_head

DIGEST_FIELDS = ("WARC-Block-Digest", "WARC-Payload-Digest")
_CHECKABLE = frozenset(
    {
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "sha3_224",
        "sha3_256",
        "sha3_384",
        "sha3_512",
        "blake2s",
        "blake2b",
    }
)

KEEP = 1 << 20
"""Bytes of a block that are held in memory; a block that is longer is read again from its file when all of it is wanted."""


class Block:
    """The bytes of a record's block. `size` is their number, `start` the first of them (all, or KEEP)."""

    def __init__(
        self,
        start: bytes,
        *,
        size: int | None = None,
        again: Callable[[], Iterable[bytes]] | None = None,
        measured: Digests | None = None,
    ) -> None:
        self.start = start
        self.size = len(start) if size is None else size
        self._again = again
        self._measured = measured

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """All bytes from `start` on. RecordError where the file can't be read again."""
        if self._again is None:
            yield self.start[start:]
            return
        skip = start
        for piece in self._again():
            if skip < len(piece):
                yield piece[skip:] if skip else piece
            skip = max(0, skip - len(piece))

    def read(self) -> bytes:
        """All bytes at once."""
        return self.start if self._again is None else b"".join(self.chunks())

    def measured(self, *, content_type: str | None, others: tuple[str, ...] = ()) -> Digests:
        """Digests and sizes, found once. A block longer than KEEP was measured while it was read."""
        if self._measured is None:
            self._measured = measure(self.chunks(), content_type=content_type, others=others)
        return self._measured


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record of one file. `run_id` is what the file's warcinfo says, empty where it says nothing.

    `raw_head` are the header's bytes with version line and empty line; empty for a record that was just written.
    """

    version: str
    headers: Fields
    location: Location
    run_id: str
    block: Block
    raw_head: bytes = b""

    @property
    def type(self) -> str:
        """WARC-Type in lower case, empty where it is missing."""
        return (self.headers.get("WARC-Type") or "").lower()

    @property
    def record_id(self) -> RecordId | None:
        return self.reference("WARC-Record-ID")

    @property
    def uri(self) -> Uri | None:
        """The target URI; the angle brackets that some writers put around it are not part of it."""
        value = self.headers.get("WARC-Target-URI")
        return Uri(unbracketed(value)) if value else None

    @property
    def date(self) -> datetime | None:
        return fields.parse_date(self.headers.get("WARC-Date") or "")

    @property
    def content_type(self) -> str | None:
        return self.headers.get("Content-Type")

    @property
    def concurrent_to(self) -> tuple[RecordId, ...]:
        return tuple(RecordId(unbracketed(value)) for value in self.headers.all("WARC-Concurrent-To"))

    def reference(self, name: str) -> RecordId | None:
        """A header that names a record, without its angle brackets."""
        value = self.headers.get(name)
        return RecordId(unbracketed(value)) if value else None

    def head(self) -> Head | RequestHead | None:
        """The HTTP head of the block, where there is one."""
        return message_head(self.block.start, content_type=self.content_type)

    def measured(self) -> Digests:
        """Digests and sizes of the block, its payload and its body."""
        return self.block.measured(content_type=self.content_type, others=declared(self.headers))


def declared(headers: Fields) -> tuple[str, ...]:
    """The algorithms, other than SHA-256, in which a record's header declares digests that can be checked."""
    names = {algorithm_of(value) for name in DIGEST_FIELDS for value in headers.all(name)}
    return tuple(sorted(name for name in names if name is not None and name != "sha256"))


def algorithm_of(digest: str) -> str | None:
    """The algorithm of `sha-1:…` as hashlib names it; None where it is unknown here."""
    label = digest.partition(":")[0].strip().lower()
    name = label.replace("sha-", "sha").replace("-", "_")
    return name if name in _CHECKABLE else None


def unbracketed(value: str) -> str:
    """`<urn:uuid:…>` without its angle brackets."""
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value
