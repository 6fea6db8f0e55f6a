"""Digests of a block, its payload and its body: each over exactly its bytes, in whatever pieces they come."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import digest_of
from archive.warc.http import Head, RequestHead
from archive.warc.measure import HEAD_LIMIT, measure
from archive.warc.records import REQUEST_TYPE, RESPONSE_TYPE
from tests.archive.samples import CHUNKED, ODD, PLAIN, REQUEST


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_a_plain_message() -> None:
    """Payload and body of a message that is not chunked are the bytes after its head."""
    found = measure([PLAIN], content_type=RESPONSE_TYPE)
    assert isinstance(found.head, Head)
    assert (found.status, found.size, found.body_size, found.entity_size) == (200, len(PLAIN), 5, 5)
    assert (found.block, found.payload, found.body) == (digest_of(PLAIN), digest_of(b"hello"), digest_of(b"hello"))


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_chunked_message(size: int) -> None:
    """The payload is without chunking, the body with it."""
    found = measure(pieces(CHUNKED, size), content_type=RESPONSE_TYPE)
    body = CHUNKED.partition(b"\r\n\r\n")[2]
    assert (found.block, found.payload, found.body) == (digest_of(CHUNKED), digest_of(b"hello"), digest_of(body))
    assert (found.body_size, found.entity_size, found.problem) == (len(body), 5, None)


def test_wrong_chunking_is_named_and_measured() -> None:
    """Every byte is measured although the chunking breaks off."""
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n" + b"x" * 200_000
    found = measure(pieces(data, 65536), content_type=RESPONSE_TYPE)
    assert (found.size, found.block, found.payload) == (len(data), digest_of(data), digest_of(b"ab"))
    assert found.problem


def test_a_request_has_a_body_too() -> None:
    """The payload of a POST is what follows its head."""
    found = measure([b"POST / HTTP/1.1\r\nHost: h\r\n\r\na=b"], content_type=REQUEST_TYPE)
    assert isinstance(found.head, RequestHead)
    assert (found.payload, found.status) == (digest_of(b"a=b"), None)


@pytest.mark.parametrize("content_type", [None, "text/html", "application/warc-fields"])
def test_other_blocks_are_their_own_payload(content_type: str | None) -> None:
    """A block that is no HTTP message is payload and body at once, even when it looks like one."""
    found = measure([PLAIN], content_type=content_type)
    assert found.head is None
    assert found.block == found.payload == found.body == digest_of(PLAIN)
    assert found.size == found.body_size == found.entity_size == len(PLAIN)


def test_a_head_without_end() -> None:
    """A block whose head never ends is measured whole, without reading on for a head beyond a megabyte."""
    data = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * (HEAD_LIMIT // 4)
    found = measure(pieces(data, 65536), content_type=RESPONSE_TYPE)
    assert (found.head, found.block, found.size) == (None, digest_of(data), len(data))


def test_other_algorithms() -> None:
    """Digests of other writers' algorithms are taken in the same pass."""
    found = measure([CHUNKED], content_type=RESPONSE_TYPE, others=("md5", "sha1"))
    body = CHUNKED.partition(b"\r\n\r\n")[2]
    assert dict(found.others)["sha1"] == tuple(hashlib.sha1(data).digest() for data in (CHUNKED, b"hello", body))
    assert dict(found.others)["md5"][0] == hashlib.md5(CHUNKED).digest()


@settings(deadline=None, max_examples=100)
@given(st.sampled_from([*ODD.values(), PLAIN, REQUEST, b""]), st.integers(1, 40))
def test_pieces_do_not_matter(data: bytes, size: int) -> None:
    """The same bytes measure the same in any pieces."""
    assert measure(pieces(data, size), content_type=RESPONSE_TYPE) == measure([data], content_type=RESPONSE_TYPE)
