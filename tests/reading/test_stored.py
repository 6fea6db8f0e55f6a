"""From a kept record to a document."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from archive.model import Exchange, Location, Resource, Uri, utc_now
from archive.spool import Spool
from archive.warc.draft import Draft
from archive.warc.records import digests_of, exchange_drafts, resource_draft
from archive.warc.writer import WarcFile
from pipelines.reading.document import Reading, ReadingLimits
from pipelines.reading.stored import read_stored
from tests.reading.pages import ARTICLE, URI

PAGE = ARTICLE.encode()
LIMITS = ReadingLimits(decoded=200_000)


def kept(root: Path, draft: Draft) -> Location:
    """Write one record into a collection's file and say where it lies."""
    (root / "archive").mkdir()
    file = WarcFile(root / "archive" / "a.warc.gz.open")
    ((offset, length),) = file.write([draft])
    file.seal()
    return Location(file="archive/a.warc.gz", offset=offset, length=length)


def response(root: Path, head: bytes, body: bytes, *, hint: str | None = None) -> Reading:
    now = utc_now()
    message = Spool.of(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)
    exchange = Exchange(uri=URI, method="GET", request=b"GET / HTTP/1.1\r\n\r\n", response=message, began_at=now, ended_at=now)
    with message:
        place = kept(root, exchange_drafts(exchange, digests=digests_of(exchange), chain_id=None)[0])
    return read_stored(root, place, uri=URI, hint=hint, limits=LIMITS)


def resource(root: Path, content: bytes, content_type: str) -> Reading:
    draft = resource_draft(Resource(uri=URI, content_type=content_type, content=content, at=utc_now()))
    return read_stored(root, kept(root, draft), uri=URI, hint=None, limits=LIMITS)


def chunked(body: bytes) -> bytes:
    return b"%X;x=y\r\n%s\r\n" % (len(body[:900]), body[:900]) + b"%x\r\n%s\r\n0\r\nTrailer: z\r\n\r\n" % (
        len(body[900:]),
        body[900:],
    )


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Type: text/html\r\n", PAGE),
        (b"content-type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n", chunked(PAGE)),
        (b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n", gzip.compress(PAGE, mtime=0)),
        (b"Content-Type: text/html\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n", chunked(brotli.compress(PAGE))),
        (b"Content-Type: text/html\r\nContent-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(PAGE, mtime=0))),
        (b"Content-Type: text/html\r\nContent-Encoding: martian\r\n", PAGE),
        (b"", PAGE),
    ],
)
def test_a_response_is_read_whatever_its_coding(tmp_path: Path, head: bytes, body: bytes) -> None:
    """Chunking and content encodings are undone; what is only called encoded is read as it is."""
    reading = response(tmp_path, head, body)
    assert reading.title == "The Report on the Harbor"
    assert len(reading.links) == 20


@pytest.mark.parametrize("content", [PAGE, gzip.compress(PAGE, mtime=0)])
@pytest.mark.parametrize("content_type", ["text/html", "application/gzip", "application/octet-stream"])
def test_a_resource_is_the_document_itself(tmp_path: Path, content: bytes, content_type: str) -> None:
    """A saved page is read, gzipped or not, whatever its record calls it."""
    assert resource(tmp_path, content, content_type).title == "The Report on the Harbor"


def test_the_hint_counts_where_nothing_is_declared(tmp_path: Path) -> None:
    """A record without a type is what the index says it is."""
    assert response(tmp_path, b"", b"{}", hint="application/json").unreadable == "application/json is not a type that is read"


def test_a_bomb_is_unreadable(tmp_path: Path) -> None:
    """What unfolds beyond the limit is not read, and the reason says so."""
    reading = response(tmp_path, b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n", gzip.compress(bytes(50_000_000)))
    assert reading.unreadable == "the decoded content is larger than 200000 bytes"


def test_a_gzip_file_that_is_a_bomb(tmp_path: Path) -> None:
    """The limit holds for a saved page too."""
    assert "larger than" in (resource(tmp_path, gzip.compress(b" x" * 5_000_000), "text/html").unreadable or "")


def test_a_cut_stream_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """The text before the cut is a text; where nothing came out, the problem is the reason."""
    reading = response(tmp_path, b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n", gzip.compress(PAGE * 3)[:-400])
    assert reading.title == "The Report on the Harbor"


def test_nothing_comes_out(tmp_path: Path) -> None:
    """An encoding that isn't what it says it is makes the document unreadable, and the reason names it."""
    reading = response(tmp_path, b"Content-Type: text/html\r\nContent-Encoding: br\r\n", b"\x00\x01" * 50)
    assert reading.text is None
    assert "br" in (reading.unreadable or "")


def test_an_error_page_is_read(tmp_path: Path) -> None:
    """The status doesn't matter: what a 404 says is read as well."""
    draft = resource_draft(Resource(uri=Uri("urn:x"), content_type="text/plain", content=b"Gone.", at=utc_now()))
    assert read_stored(tmp_path, kept(tmp_path, draft), uri=Uri("urn:x"), hint=None, limits=LIMITS).text == "Gone."


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    """The reason names the file in the collection, not a path of this machine."""
    reading = read_stored(tmp_path, Location(file="archive/x.warc.gz", offset=7, length=9), uri=URI, hint=None, limits=LIMITS)
    assert (reading.unreadable or "").startswith("the record at byte 7 of archive/x.warc.gz can't be read")
    assert str(tmp_path) not in (reading.unreadable or "")
