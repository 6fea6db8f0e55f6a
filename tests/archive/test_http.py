"""HTTP messages: whatever a server sends has a reading, and nothing of it is changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.http import Chunked, Head, entity, parse_request_head, parse_response_head, split_interim
from tests.archive.samples import CHUNKED, ODD


def head_of(data: bytes) -> Head:
    head = parse_response_head(data)
    assert head is not None
    return head


def body_of(data: bytes, *, piece: int = 7) -> bytes:
    """The entity of a message whose body comes in small pieces."""
    head = head_of(data)
    rest = data[head.size :]
    return b"".join(entity(head, (rest[at : at + piece] for at in range(0, len(rest), piece))))


def test_head_keeps_case_order_and_repeats() -> None:
    """Names and values come out as they were sent, in their order, each as often as it was sent."""
    head = head_of(ODD["order, case and repeats"])
    assert head.headers == ((b"x-B", b"1"), (b"X-A", b"2"), (b"x-b", b"3"), (b"X-A", b"2"), (b"Content-Length", b"1"))
    assert head.all(b"X-B") == [b"1", b"3"]
    assert head.get(b"x-a") == b"2"
    assert head.get(b"absent") is None


def test_head_keeps_odd_bytes() -> None:
    """Latin-1, UTF-8 and control bytes in values stay bytes."""
    head = head_of(ODD["latin-1 and utf-8"])
    assert head.headers == ((b"X-L", b"caf\xe9"), (b"X-U", b"caf\xc3\xa9"))


def test_folded_lines_are_joined() -> None:
    """A folded value is one value, its lines joined by a space."""
    assert head_of(ODD["folded"]).headers == ((b"X-F", b"one two three"),)


def test_lines_without_a_colon_are_left_out() -> None:
    """A line that is no field is no header, and what is folded under it is none either."""
    head = head_of(b"HTTP/1.1 200 OK\r\nnonsense\r\n folded\r\nX: y\r\n\r\n")
    assert head.headers == ((b"X", b"y"),)


def test_bare_line_feeds_end_lines() -> None:
    """A head whose lines end in LF alone is read, and its size counts exactly its bytes."""
    head = head_of(ODD["bare LF"])
    assert head.headers == ((b"X", b"y"), (b"Content-Type", b"text/plain"))
    assert ODD["bare LF"][head.size :] == b"body"


@pytest.mark.parametrize(
    ("line", "version", "status", "reason"),
    [
        (b"HTTP/1.1 200 OK", "HTTP/1.1", 200, b"OK"),
        (b"HTTP/1.1 200", "HTTP/1.1", 200, b""),
        (b"HTTP/1.1 200 ", "HTTP/1.1", 200, b""),
        (b"HTTP/1.0 404 Not Found here", "HTTP/1.0", 404, b"Not Found here"),
        (b"HTTP/1.1 200 caf\xe9", "HTTP/1.1", 200, b"caf\xe9"),
        (b"HTTP/1.1 twohundred OK", "HTTP/1.1", None, b"OK"),
        (b"HTTP/1.1 2000 OK", "HTTP/1.1", None, b"OK"),
        (b"HTTP/1.1", "HTTP/1.1", None, b""),
        (b"", "", None, b""),
    ],
)
def test_status_line(line: bytes, version: str, status: int | None, reason: bytes) -> None:
    """A status line needs no reason phrase; what is no three-digit number is no status."""
    head = head_of(line + b"\r\nX: y\r\n\r\n")
    assert (head.version, head.status, head.reason) == (version, status, reason)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: y\r\n", b"a\n\r"])
def test_no_head_before_its_empty_line(data: bytes) -> None:
    """A head that has not ended is no head yet."""
    assert parse_response_head(data) is None
    assert parse_request_head(data) is None


def test_request_head_keeps_the_target() -> None:
    """A request's target is verbatim, whatever its query looks like."""
    head = parse_request_head(b"GET /p?x=&&y&a=%7e HTTP/1.1\r\nHost: h\r\n\r\nrest")
    assert head is not None
    assert (head.method, head.target, head.version, head.get(b"host")) == ("GET", b"/p?x=&&y&a=%7e", "HTTP/1.1", b"h")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"text/html; charset=x", "text/html"), (b" Text/Plain ", "Text/Plain"), (b"", "unk"), (b";x", "unk"), (b"a/\xe9", "a/é")],
)
def test_media_type(value: bytes, expected: str) -> None:
    """The media type is what stands before the parameters, `unk` where nothing does."""
    assert head_of(b"HTTP/1.1 200 OK\r\nContent-Type: " + value + b"\r\n\r\n").media_type == expected


def test_interim_messages_are_counted() -> None:
    """Leading 1xx messages are interim, 101 and everything after is not; half of one is not counted."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert split_interim(interim + b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n") == len(interim)
    assert split_interim(b"HTTP/1.1 101 Switching\r\n\r\n") == 0
    assert split_interim(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Ear") == len(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chunk extensions and trailers", b"hello"),
        ("upper-case hex", b"0123456789"),
        ("not chunked though it says so", b"<html>no chunks</html>"),
        ("cut inside a chunk", b"only this"),
        ("until the end", b"until it closes"),
        ("no body", b""),
        ("not modified", b""),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_entity(name: str, expected: bytes, piece: int) -> None:
    """The entity is the body without its chunking, in whatever pieces it comes."""
    assert body_of(ODD[name], piece=piece) == expected


@pytest.mark.parametrize(
    ("body", "entity_body", "problem"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello", None),
        (b"5\nhello\n0\n\n", b"hello", None),
        (b"", b"", None),
        (b"0\r\n\r\n", b"", None),
        (b"plain", b"plain", "not"),
        (b"5\r\nhello\r\n", b"hello", "ends before"),
        (b"5\r\nhel", b"hel", "ends before"),
        (b"5\r\nhelloXX3\r\nabc\r\n0\r\n\r\n", b"hello", "line end"),
        (b"5\r\nhello\r\nzz\r\nabc\r\n0\r\n\r\n", b"hello", "chunk size"),
        (b"ffffffffffffffffff\r\nhello\r\n", b"ffffffffffffffffff\r\nhello\r\n", "not"),
    ],
)
def test_chunking_says_what_is_wrong(body: bytes, entity_body: bytes, problem: str | None) -> None:
    """Wrong chunking gives what stands before the fault, and names the fault."""
    chunked = Chunked([body])
    assert b"".join(chunked) == entity_body
    assert (problem is None and chunked.problem is None) or (problem is not None and problem in (chunked.problem or ""))


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b"gzip, chunked", b" chunked "])
def test_chunked_is_the_last_coding(value: bytes) -> None:
    """A body is chunked when the last of its transfer codings is, in any case."""
    assert head_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + value + b"\r\n\r\n").chunked


def test_identity_is_not_chunked() -> None:
    """Another transfer coding leaves the body as it is."""
    assert not head_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n").chunked
    assert not head_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n").chunked


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=50), st.sampled_from([b"", b";ext=1", b' ; a="b"']))),
    st.integers(1, 20),
    st.sampled_from([b"%x", b"%X", b"00%x"]),
)
def test_chunking_is_undone(chunks: list[tuple[bytes, bytes]], piece: int, spelling: bytes) -> None:
    """What was chunked comes out whole, with any chunk sizes, extensions, spellings and pieces."""
    body = b"".join(spelling % len(data) + extension + b"\r\n" + data + b"\r\n" for data, extension in chunks)
    message = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\nX-Trailer: 1\r\n\r\n"
    assert body_of(message, piece=piece) == b"".join(data for data, _ in chunks)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail + b"\r\n\r\n" + tail))
def test_any_bytes_have_a_reading(data: bytes) -> None:
    """No bytes make the parsers fail, and a head never counts bytes that are not there."""
    head, request = parse_response_head(data), parse_request_head(data)
    assert (head is None) == (request is None)
    assert head is None or 0 < head.size <= len(data)
    assert 0 <= split_interim(data) <= len(data)
    assert b"".join(Chunked([data])) in (data, b"") or data[:1] in b"0123456789abcdefABCDEF"


def test_cut_anywhere_gives_a_start_of_the_entity() -> None:
    """A chunked message that is cut at any byte gives a beginning of its entity."""
    start = head_of(CHUNKED).size
    for end in range(start, len(CHUNKED)):
        got = b"".join(Chunked([CHUNKED[start:end]]))
        assert b"hello".startswith(got) or got == CHUNKED[start:end]
