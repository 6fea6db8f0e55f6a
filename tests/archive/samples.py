"""Exchanges, failures and conclusions for the tests of the format, and a way to write and read them."""

from __future__ import annotations

import io
import os
import string
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from archive.errors import RecordError
from archive.model import Capture, CrawlFacts, Exchange, Failure, Kept, Outcome, RecordId, Role, Uri
from archive.spool import Spool
from archive.warc import records, values
from archive.warc.draft import Draft
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from archive.warc.writer import Shelf

SHARED = Path(__file__).parents[2].parent / "shared"
RUN = "20270115093000abc123"
AT = datetime(2027, 1, 15, 9, 30, 0, 123456, tzinfo=UTC)
REQUEST = b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n"

ODD = {
    "order, case and repeats": b"HTTP/1.1 200 OK\r\nx-B: 1\r\nX-A: 2\r\nx-b: 3\r\nX-A: 2\r\nContent-Length: 1\r\n\r\na",
    "latin-1 and utf-8": b"HTTP/1.1 200 OK\r\nX-L: caf\xe9\r\nX-U: caf\xc3\xa9\r\n\r\nbody",
    "folded": b"HTTP/1.1 200 OK\r\nX-F: one\r\n two\r\n\tthree\r\n\r\nbody",
    "no colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nX: y\r\n\r\nbody",
    "bare LF": b"HTTP/1.1 200 OK\nX: y\nContent-Type: text/plain\n\nbody",
    "no reason": b"HTTP/1.1 200\r\nX: y\r\n\r\nbody",
    "chunk extensions and trailers": CHUNKED,
    "upper-case hex": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\n0\r\n\r\n",
    "not chunked though it says so": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>no chunks</html>",
    "cut inside a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nonly this",
    "until the end": b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil it closes",
    "no body": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not modified": b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
    "no headers": b"HTTP/1.0 200 OK\r\n\r\nbody",
    "a WARC inside": b"HTTP/1.1 200 OK\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n\r\n\r\nWARC/1.0\r\n",
    "line ends only": b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n\r\n\r\n",
    "a fold that is blank": b"HTTP/1.1 200 OK\r\nX: y\r\n \r\nZ: w\r\n\r\nbody",
    "every byte": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n" + bytes(range(256)),
}
"""Responses as servers send them, each odd in one way."""

FACTS = CrawlFacts(
    role=Role.ARTICLE,
    via=Uri("http://b.example/"),
    hops="LR",
    tries=2,
    robots="allowed",
    addresses=("192.0.2.7", "2001:db8::1"),
    certificate="self-signed certificate",
)


class ForgottenSpool(Spool):
    """A spool that closes itself when a test is done with it."""

    def __del__(self) -> None:
        self.close()


def exchange(response: bytes = PLAIN, **changes: Any) -> Exchange:
    """A round trip with everything that an exchange may carry, changed as wanted."""
    whole = Exchange(
        uri=Uri("http://a.example/x?b=2&a=%7e"),
        method="GET",
        request=REQUEST,
        response=ForgottenSpool.of(response),
        began_at=AT,
        ended_at=AT + timedelta(milliseconds=47),
        ip_address="192.0.2.7",
        protocols=("http/1.1", "tls/1.3"),
        cipher_suite="TLS_AES_256_GCM_SHA384",
        facts=FACTS,
    )
    return replace(whole, **changes)


def failure(**changes: Any) -> Failure:
    """A target that could not be reached, changed as wanted."""
    whole = Failure(
        uri=Uri("https://gone.example/"),
        at=AT,
        outcome=Outcome.UNREACHABLE,
        reason="the name gone.example has no address",
        error="DNSLookupError",
        facts=FACTS,
    )
    return replace(whole, **changes)


def warcinfo(file_name: str) -> Draft:
    """The first record of a file of the tests."""
    return records.warcinfo_draft(
        file_name=file_name,
        date=AT,
        run_id=RUN,
        software={"footnotary": "0.1.0", "warcio": "1.8.1"},
        operator="Archive desk <archive@example.org>",
        robots="obey",
        user_agent="footnotary (archive@example.org)",
        collection_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        configuration_digest=None,
    )


def shelf(root: Path, **changes: Any) -> Shelf:
    """A shelf at `root`/archive, changed as wanted."""
    directory = root / "archive"
    directory.mkdir(exist_ok=True, parents=True)
    given: dict[str, Any] = {
        "prefix": "t",
        "run_id": RUN,
        "size_limit": 10**9,
        "clock": lambda: AT,
        "warcinfo": warcinfo,
    }
    return Shelf(directory, **{**given, **changes})


def drafts_of(one: Exchange, *, original: Capture | None = None, chain_id: RecordId | None = None) -> Sequence[Draft]:
    """The drafts of an exchange, measured."""
    return records.exchange_drafts(one, digests=records.digests_of(one), chain_id=chain_id, original=original)


def write(root: Path, *groups: Iterable[Draft]) -> tuple[Path, list[Kept]]:
    """A sealed file with records that belong together, group by group, and the values as they were written."""
    on = shelf(root)
    kept = [value for group in groups for value in values.kept(on.write(list(group)))]
    on.seal()
    return only_file(root), kept


def capture_of(root: Path, one: Exchange) -> Capture:
    """The capture that an exchange becomes."""
    _, kept = write(root, drafts_of(one))
    (capture,) = (value for value in kept if isinstance(value, Capture))
    return capture


def only_file(root: Path) -> Path:
    """The one file under archive/."""
    (path,) = (root / "archive").iterdir()
    return path


def read(path: Path) -> list[StoredRecord | RecordError]:
    """All that a file holds, under its name in a collection."""
    return list(read_records(path, name=f"archive/{path.name}"))


def faults(path: Path) -> list[RecordError]:
    """The places of a file that can't be read."""
    return [one for one in read(path) if isinstance(one, RecordError)]


def sound(path: Path) -> list[StoredRecord]:
    """The records of a file that has no fault."""
    assert faults(path) == []
    return [one for one in read(path) if isinstance(one, StoredRecord)]


class SmallDisk:
    """Opens real files that take `room` bytes together, and then fail with an error of the system; notes each write."""

    def __init__(self, room: int, *, error: int) -> None:
        self.room = room
        self.error = error
        self.writes: list[int] = []

    def __call__(self, path: Path) -> io.RawIOBase:
        return _Rationed(path, self)


class _Rationed(io.FileIO):
    def __init__(self, path: Path, disk: SmallDisk) -> None:
        super().__init__(path, "x")
        self._disk = disk

    def write(self, data: Any, /) -> int:
        if not self._disk.room:
            raise OSError(self._disk.error, os.strerror(self._disk.error))
        taken = super().write(data[: self._disk.room])
        self._disk.room -= taken
        self._disk.writes.append(taken)
        return taken


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
WORDS = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
URIS = st.text(string.ascii_letters + string.digits + "?&=%~|^[]\"'/é", max_size=20).map(lambda t: Uri("http://h.example/" + t))
RECORD_IDS = st.uuids().map(lambda value: RecordId(value.urn))
DATES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is drawn
