"""Requests and responses are kept as their bytes passed, whatever a server sends."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import brotli
import pytest

from archive.model import Truncated
from tests.capture.crawl import Ask, Crawl, Outcomes, run
from tests.capture.memory import Kept
from tests.capture.servers import Answer, ByteServer, answer

HOST = "odd.example"
PAGE = "<p>Sätze, die niemand ändert.</p>".encode() * 40
BINARY = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(98_304))  # 3 MB

CRLF = b"\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def chunked(*sizes: bytes, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """A chunked body whose chunks have these sizes, spelled so."""
    at, parts = 0, []
    for size in sizes:
        parts.append(size + extension + CRLF + PAGE[at : at + int(size, 16)] + CRLF)
        at += int(size, 16)
    return b"".join(parts) + b"0" + extension + CRLF + trailers + CRLF


def sized(body: bytes, *lines: bytes) -> bytes:
    """A whole message with a length."""
    return b"HTTP/1.1 200 OK\r\n" + b"".join(lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"

WHOLE: dict[str, bytes] = {
    "header-case-and-order": sized(b"x", b'x-LOWER: 1\r\nETag: "q"\r\nX-UPPER: 2\r\ndate: never\r\nsErVeR:  padded \t\r\n'),
    "repeated-headers": sized(b"x", b"Set-Cookie: a=1\r\nVary: A\r\nSet-Cookie: b=2\r\nvary: B\r\nSet-Cookie: a=1\r\n"),
    "latin-1-header": sized(b"x", b"X-Name: Caf\xe9 \xa7\r\n"),
    "utf-8-header": sized(b"x", "X-Name: Café § 界\r\n".encode()),
    "folded-header": sized(b"x", b"X-Long: one\r\n two\r\n\tthree\r\n"),
    "colon-less-line": sized(b"x", b"X-A: 1\r\nthis is no header\r\nX-B: 2\r\n"),
    "bare-lf": b"HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 4\n\nbody",
    "no-reason": b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
    "blank-reason": b"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx",
    "odd-reason": b"HTTP/1.1 200 C\xe9  tr\xe8s bien \r\nContent-Length: 1\r\n\r\nx",
    "no-content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "not-modified": b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nContent-Length: 500\r\n\r\n',
    "not-found": b"HTTP/1.1 404 Nope\r\nContent-Length: 4\r\n\r\ngone",
    "gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone",
    "unavailable": b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy",
    "chunked": CHUNKED + chunked(b"10", b"20", b"1f"),
    "chunk-extensions": CHUNKED + chunked(b"10", b"5", extension=b';name="va lue";x'),
    "trailers": CHUNKED + chunked(b"10", trailers=b"X-Checksum: abc\r\nx-second: \xe9\r\n"),
    "odd-chunk-sizes": CHUNKED + chunked(b"1", b"00A", b"FF", b"1B", b"0000003"),
    "gzip": sized(gzip.compress(PAGE, mtime=0), b"Content-Encoding: gzip\r\n"),
    "gzip-chunked": CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    + b"%X\r\n" % len(gzip.compress(PAGE, mtime=0))
    + gzip.compress(PAGE, mtime=0)
    + b"\r\n0\r\n\r\n",
    "deflate": sized(zlib.compress(PAGE), b"content-encoding: DEFLATE\r\n"),
    "brotli": sized(brotli.compress(PAGE), b"Content-Encoding: br\r\n"),
    "not-gzip-at-all": sized(PAGE, b"Content-Encoding: gzip\r\n"),
    "binary": sized(BINARY),
    "query?b=2&a=%7e": EMPTY,
    "query?x=&&y": EMPTY,
    "query?b=2&a=1&b=2": EMPTY,
    "a/../b/./c//d": EMPTY,
}
"""Answers with a framing of their own, after which the connection stays open."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An answer, and what must be kept of it."""

    given: Answer
    message: bytes
    interim: bytes = b""
    surplus: bytes = b""
    truncated: Truncated | None = None


def torn(data: bytes) -> tuple[bytes | float, ...]:
    """The bytes one by one, in packets of their own."""
    return tuple(part for byte in data for part in (bytes([byte]), 0.0005))


UNTIL_END = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
PROMISED = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"

CASES: dict[str, Case] = {
    **{name: Case(given=answer(message), message=message) for name, message in WHOLE.items()},
    "interim": Case(given=answer(INTERIM + sized(PAGE)), message=sized(PAGE), interim=INTERIM),
    "interim-torn": Case(given=answer(*torn(INTERIM), 0.02, *torn(sized(b"x"))), message=sized(b"x"), interim=INTERIM),
    "torn": Case(given=answer(*torn(CHUNKED + chunked(b"3", b"C"))), message=CHUNKED + chunked(b"3", b"C")),
    "interim-flood": Case(
        given=answer(b"HTTP/1.1 102 Wait\r\n\r\n" * 5000 + sized(b"x")),
        message=sized(b"x"),
        interim=b"HTTP/1.1 102 Wait\r\n\r\n" * 5000,
    ),
    "switching": Case(
        given=answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\n\r\nodd words\r\n", then="close"),
        message=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\n\r\nodd words\r\n",
        truncated=Truncated.UNSPECIFIED,
    ),
    "until-the-end": Case(given=answer(UNTIL_END, then="close"), message=UNTIL_END),
    "surplus": Case(given=answer(sized(b"body") + b"\r\nHTTP/1.1 200"), message=sized(b"body"), surplus=b"\r\nHTTP/1.1 200"),
    "surplus-of-chunked": Case(
        given=answer(CHUNKED + chunked(b"10") + b"more"), message=CHUNKED + chunked(b"10"), surplus=b"more"
    ),
    "surplus-of-204": Case(given=answer(WHOLE["no-content"] + b"a body"), message=WHOLE["no-content"], surplus=b"a body"),
    "cut-short": Case(given=answer(PROMISED + PAGE, then="close"), message=PROMISED + PAGE, truncated=Truncated.DISCONNECT),
    "cut-in-a-chunk": Case(
        given=answer(CHUNKED + b"ff\r\nonly this", then="close"),
        message=CHUNKED + b"ff\r\nonly this",
        truncated=Truncated.DISCONNECT,
    ),
    "cut-by-reset": Case(given=answer(UNTIL_END, 0.05, then="reset"), message=UNTIL_END, truncated=Truncated.DISCONNECT),
    "broken-chunks": Case(
        given=answer(CHUNKED + b"10\r\nthis is longer than the chunk that was announced", then="hold"),
        message=CHUNKED + b"10\r\nthis is longer than the chunk that was announced",
        truncated=Truncated.UNSPECIFIED,
    ),
    "chunked-in-name-only": Case(
        given=answer(CHUNKED + PAGE, then="close"), message=CHUNKED + PAGE, truncated=Truncated.UNSPECIFIED
    ),
    "two-lengths": Case(
        given=answer(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", then="hold"),
        message=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
        truncated=Truncated.UNSPECIFIED,
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    answers: dict[str, Answer | list[Answer]] = {f"/{name}": case.given for name, case in CASES.items()}
    answers["/head"] = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nX-A: 1\r\n\r\n")
    answers["/post"] = answer(EMPTY)
    with ByteServer(answers) as running:
        yield running


@pytest.fixture(scope="module")
def base(server: ByteServer) -> str:
    return f"http://{HOST}:{server.port}/"


@pytest.fixture(scope="module")
def crawl(base: str) -> Outcomes:
    asks = [Ask(url=base + name) for name in CASES]
    asks.append(Ask(url=base + "head", method="HEAD"))
    asks.append(Ask(url=base + "post", method="POST", body=b"a=\xff&b=2", headers={"Content-Type": "text/odd"}))
    return run(Crawl(asks=tuple(asks), names={HOST: (("127.0.0.1",),)}))


def only(crawl: Outcomes, url: str) -> Kept:
    """The one exchange of a URL."""
    (kept,) = crawl.at(url)
    return kept


@pytest.mark.parametrize("name", CASES)
def test_response_is_exact(crawl: Outcomes, base: str, name: str) -> None:
    """The kept response is the message that was sent: interim answers and surplus apart, cut answers marked."""
    kept, case = only(crawl, base + name), CASES[name]
    assert kept.response == case.message
    assert (kept.interim, kept.surplus, kept.truncated) == (case.interim, case.surplus, case.truncated)


def test_requests_are_exact(crawl: Outcomes, server: ByteServer) -> None:
    """Every request that the server read is kept with just these bytes, and no other."""
    assert sorted(kept.request for kept in crawl.kept) == sorted(server.requests)
    assert len(server.requests) == len(CASES) + 2


def test_head_has_no_body(crawl: Outcomes, base: str) -> None:
    """The answer to HEAD ends with its head, whatever length it announces."""
    kept = only(crawl, base + "head")
    assert kept.method == "HEAD"
    assert kept.request.startswith(b"HEAD /head HTTP/1.1\r\n")
    assert kept.response.endswith(b"Content-Length: 12345\r\nX-A: 1\r\n\r\n")
    assert kept.truncated is None


def test_body_of_a_request_is_kept(crawl: Outcomes, base: str) -> None:
    """A request with a body is kept with it."""
    kept = only(crawl, base + "post")
    assert kept.request.startswith(b"POST /post HTTP/1.1\r\n")
    assert kept.request.endswith(b"\r\n\r\na=\xff&b=2")


@pytest.mark.parametrize("target", ["query?b=2&a=%7e", "query?x=&&y", "query?b=2&a=1&b=2", "a/../b/./c//d"])
def test_target_is_not_normalised(crawl: Outcomes, base: str, target: str) -> None:
    """Order, blanks, repeats, escapes and dots of a target stay as they are, in the record and on the wire."""
    kept = only(crawl, base + target)
    assert kept.request.startswith(b"GET /" + target.encode() + b" HTTP/1.1\r\n")
    assert kept.uri == base + target


def test_scrapy_gets_the_same_response(crawl: Outcomes, base: str) -> None:
    """The response that a callback sees has the status and the body of the kept bytes, content coding not removed."""
    gzipped = crawl.ending(base + "gzip")
    assert (gzipped.status, gzipped.body) == (200, gzip.compress(PAGE, mtime=0))
    assert crawl.ending(base + "odd-chunk-sizes").body == PAGE[: 1 + 10 + 255 + 27 + 3]
    assert crawl.ending(base + "gone").status == 410
    assert crawl.ending(base + "cut-short").flags == ("dataloss",)


def test_peer_and_time_are_those_of_the_connection(crawl: Outcomes, base: str) -> None:
    """Each exchange names the address that served it and when it began and ended; nothing is said of TLS without TLS."""
    kept = only(crawl, base + "torn")
    assert kept.ip_address == "127.0.0.1"
    assert kept.facts.addresses == ("127.0.0.1",)
    assert kept.protocols == ("http/1.1",)
    assert (kept.cipher_suite, kept.chain, kept.facts.certificate) == (None, (), None)
    assert (kept.ended_at - kept.began_at).total_seconds() > 0.02
    assert only(crawl, base + "until-the-end").protocols == ("http/1.0",)


def test_connections_are_reused_but_not_after_surplus(crawl: Outcomes, server: ByteServer) -> None:
    """Keep-alive connections carry several exchanges; one on which too much came carries none after it."""
    assert len(server.connections) < len(server.requests)
    surplus = {kept.request for kept in crawl.kept if kept.surplus}
    assert len(surplus) == 3
    assert not surplus & {request for served in server.connections for request in served[:-1]}


def test_every_capture_is_on_its_requests_trail(crawl: Outcomes) -> None:
    """A callback or errback finds the captures of its request, in order, in the request's meta."""
    assert crawl.endings
    for ending in crawl.endings:
        (kept,) = crawl.at(ending.asked)
        assert ending.trail == (kept.capture.record_id,)
        assert ending.capture == kept.capture
        assert ending.failure is None
