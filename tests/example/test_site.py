"""Requests are read as they come, whole ones only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiders.example.site import read_request, wants_close

GET = b"GET /a?b=%7e HTTP/1.1\r\nHost: A.example:8080\r\nX-Odd:  two  \r\n\r\n"


def test_a_request_is_read_verbatim() -> None:
    """The target keeps its spelling, the host loses its port and its capitals, headers their surrounding blanks."""
    found = read_request(GET + b"GET /next", scheme="https")
    assert found
    asked, size = found
    assert size == len(GET)
    assert (asked.scheme, asked.method, asked.target, asked.path, asked.host) == ("https", "GET", "/a?b=%7e", "/a", "a.example")
    assert asked.headers == (("Host", "A.example:8080"), ("X-Odd", "two"))
    assert asked.raw == GET


@given(st.integers(min_value=0, max_value=len(GET) - 1))
def test_a_part_of_a_head_is_not_a_request(size: int) -> None:
    """Nothing is read before the empty line is there."""
    assert read_request(GET[:size], scheme="http") is None


@given(st.binary(max_size=100), st.data())
def test_a_body_is_waited_for(body: bytes, data: st.DataObject) -> None:
    """A request with a length is whole when all of its body is there, and holds it."""
    message = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    found = read_request(message + b"more", scheme="http")
    assert found
    assert (found[0].raw, found[1]) == (message, len(message))
    cut = data.draw(st.integers(min_value=0, max_value=len(message) - 1))
    assert read_request(message[:cut], scheme="http") is None


def test_who_wants_the_connection_closed() -> None:
    """`Connection: close` and HTTP/1.0 end it, a plain HTTP/1.1 request keeps it."""
    ends = {
        b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n": False,
        b"GET / HTTP/1.1\r\nHost: a.example\r\nconnection: Close\r\n\r\n": True,
        b"GET / HTTP/1.0\r\n\r\n": True,
    }
    for message, closes in ends.items():
        found = read_request(message, scheme="http")
        assert found
        assert wants_close(found[0]) is closes
