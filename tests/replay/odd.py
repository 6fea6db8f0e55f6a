"""A collection of answers as odd as servers give them, each at its own URL and second, written by the archive itself."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli

from archive.collection import Collection, RunFacts
from archive.model import Exchange, Resource, Truncated, Uri
from archive.spool import Spool

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PAGE = b"<!doctype html><title>Odd</title><p>" + b"All of it is here. " * 40
LONG = bytes(range(256)) * 6000
PACKED = gzip.compress(PAGE, mtime=0)


def _chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def _sized(body: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines, b"", body])


_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"

ANSWERS: dict[str, bytes] = {
    "plain": _sized(PAGE, b"Content-Type: text/html"),
    "parameters": _sized(PAGE, b"Content-Type: Text/HTML ; charset=UTF-8"),
    "parameters-without-semicolon": _sized(PAGE, b"Content-Type: text/html charset=utf-8"),
    "no-type": _sized(PAGE),
    "empty": _sized(b"", b"Content-Type: text/plain"),
    "repeated": _sized(PAGE, b"X-Twice: 1", b"x-twice: 2", b"Content-Type: text/plain", b"Content-Type: text/html"),
    "latin-1": _sized(PAGE, b"X-Name: caf\xe9", b"Content-Type: text/html"),
    "utf-8": _sized(PAGE, "X-Name: café".encode(), b"Content-Type: text/html"),
    "folded": _sized(PAGE, b"X-Long: one", b"  two", b"Content-Type: text/html"),
    "colonless": _sized(PAGE, b"what is this", b"Content-Type: text/html"),
    "bare-lf": b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + PAGE,
    "no-reason": b"HTTP/1.1 404\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\ngone",
    "http-1.0": b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,
    "no-content": b"HTTP/1.1 204 No Content\r\nX-Why: nothing\r\n\r\n",
    "gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone",
    "broken": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nlater",
    "found": b"HTTP/1.1 302 Found\r\nLocation: https://odd.example/plain\r\nContent-Length: 4\r\n\r\nmore",
    "chunked": _CHUNKED + b"\r\n" + _chunked(PAGE, PAGE),
    "chunk-extensions": _CHUNKED + b"\r\n5;name=value\r\nhello\r\n0\r\n\r\n",
    "trailers": _CHUNKED + b"Trailer: X-Sum\r\n\r\n" + _chunked(PAGE, end=b"0\r\nX-Sum: 7\r\n\r\n"),
    "chunked-gzip": _CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + _chunked(PACKED[:50], PACKED[50:]),
    "gzip": _sized(PACKED, b"Content-Type: text/html", b"Content-Encoding: gzip"),
    "deflate": _sized(zlib.compress(PAGE), b"Content-Type: text/html", b"Content-Encoding: deflate"),
    "brotli": _sized(brotli.compress(PAGE), b"Content-Type: text/html", b"Content-Encoding: br"),
    "long": _sized(LONG, b"Content-Type: application/octet-stream"),
    "search?b=2&a=%7e": _sized(b"one", b"Content-Type: text/plain"),
    "search?x=&&y": _sized(b"two", b"Content-Type: text/plain"),
    "%E4%B8%AD?q=%E4": _sized(b"three", b"Content-Type: text/plain"),
    "ü": _sized(b"four", b"Content-Type: text/plain"),
}

CUT: dict[str, tuple[bytes, Truncated]] = {
    "cut": (_sized(PAGE, b"Content-Type: text/html")[:-100], Truncated.DISCONNECT),
    "cut-chunk": (_CHUNKED + b"\r\n" + _chunked(PAGE)[:300], Truncated.TIME),
    "cut-between-chunks": (_CHUNKED + b"\r\n" + _chunked(PAGE, end=b""), Truncated.LENGTH),
    "cut-gzip": (_sized(PACKED, b"Content-Type: text/html", b"Content-Encoding: gzip")[:-20], Truncated.DISCONNECT),
}


def write(path: Path) -> None:
    """Make the collection. Every answer is there twice, a minute apart: the second is a revisit where there can be one."""
    facts = RunFacts(operator="Tests", user_agent="tests/1", robots="ignore", software={"footnotary": "0"}, title="Odd")
    collection = Collection.open(path, facts, clock=lambda: START)
    everything = [*((name, data, None) for name, data in ANSWERS.items()), *((name, *cut) for name, cut in CUT.items())]
    for again in range(2):
        for number, (name, data, truncated) in enumerate(everything):
            at = START + timedelta(minutes=again, seconds=number)
            collection.append(_exchange(name, data, truncated, at=at)).result()
    page = Resource(uri=Uri("urn:sha256:abcdef"), content_type="text/html; charset=utf-8", content=PAGE, at=START)
    collection.append_resource(page).result()
    collection.seal(reason="finished", counts={})


def _exchange(name: str, data: bytes, truncated: Truncated | None, *, at: datetime) -> Exchange:
    return Exchange(
        uri=Uri(f"https://odd.example/{name}"),
        method="GET",
        request=f"GET /{name} HTTP/1.1\r\nHost: odd.example\r\n\r\n".encode(),
        response=Spool.of(data),
        began_at=at,
        ended_at=at,
        truncated=truncated,
    )
