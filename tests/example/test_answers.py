"""An answer is a value that knows its bytes: the same ones in every run."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.example.answers import (
    CHUNK,
    Answer,
    Asked,
    Bomb,
    ByTarget,
    Framing,
    InTurn,
    Pause,
    Raw,
    Slow,
    Static,
    Step,
    Torn,
    answer_of,
    chunked,
)


def asked(target: str = "/", method: str = "GET") -> Asked:
    return Asked(scheme="http", host="a.example", method=method, target=target, headers=(), raw=b"")


def sent(steps: Iterable[Step]) -> bytes:
    """The bytes of some steps, without the pauses."""
    return b"".join(step for step in steps if isinstance(step, bytes))


def dechunked(data: bytes) -> bytes:
    """What a chunked body holds (RFC 9112, section 7.1)."""
    size, _, rest = data.partition(b"\r\n")
    count = int(size, 16)
    return rest[:count] + dechunked(rest[count + 2 :]) if count else b""


def test_a_static_answer_keeps_its_headers_as_spelled() -> None:
    """Case, order and repeats of headers leave as given; the framing header comes last."""
    answer = Static(status=404, reason="Nowhere", headers=(("x-B", "2"), ("X-a", "1"), ("x-B", "3")), body=b"no")
    assert sent(answer.steps(asked())) == b"HTTP/1.1 404 Nowhere\r\nx-B: 2\r\nX-a: 1\r\nx-B: 3\r\nContent-Length: 2\r\n\r\nno"
    assert not answer.closes


def test_a_head_request_gets_the_head_alone() -> None:
    """HEAD has the headers of GET and no body, in every framing."""
    for framing in Framing:
        answer = Static(body=b"page", framing=framing)
        head, body = sent(answer.steps(asked())).split(b"\r\n\r\n", 1)
        assert sent(answer.steps(asked(method="HEAD"))) == head + b"\r\n\r\n"
        assert b"page" in body


def test_a_body_without_length_ends_with_the_connection() -> None:
    """`close` framing has neither length nor chunks, and closes."""
    answer = Static(body=b"page", framing=Framing.CLOSE)
    assert answer.closes
    assert sent(answer.steps(asked())).endswith(b"Connection: close\r\n\r\npage")


@given(st.binary(max_size=4 * CHUNK))
def test_chunks_hold_the_body(body: bytes) -> None:
    """Whatever the body, its chunks give it back and end with the last one."""
    data = sent(chunked(body))
    assert dechunked(data) == body
    assert data.endswith(b"0\r\n\r\n")


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=500))
def test_a_torn_answer_is_a_beginning(body: bytes, size: int) -> None:
    """Torn sends exactly the first bytes of the whole message, then closes."""
    whole = Static(body=body)
    torn = Torn(answer=whole, size=size)
    assert sent(torn.steps(asked())) == sent(whole.steps(asked()))[:size]
    assert torn.closes


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=50))
def test_a_slow_answer_is_the_same_answer(body: bytes, piece: int) -> None:
    """Slow adds pauses and changes no byte; its pieces are no larger than asked."""
    steps = list(Slow(answer=Static(body=body), before=0.5, gap=0.1, piece=piece).steps(asked()))
    assert steps[0] == Pause(0.5)
    assert sent(steps) == sent(Static(body=body).steps(asked()))
    assert max(len(step) for step in steps if isinstance(step, bytes)) <= piece


def test_a_slow_answer_without_a_gap_only_begins_late() -> None:
    """One pause, then the answer as it is; whether it closes is its own affair."""
    steps = list(Slow(answer=Raw(data=b"x"), before=2.0).steps(asked()))
    assert steps == [Pause(2.0), b"x"]
    assert Slow(answer=Raw()).closes
    assert not Slow(answer=Static()).closes


def test_a_bomb_inflates_to_its_size() -> None:
    """The chunks hold one gzip member that inflates to exactly `size` zero bytes and is a thousandth of that."""
    head, body = sent(Bomb(size=3_000_001, status=500).steps(asked())).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"Content-Encoding: gzip" in head
    packed = dechunked(body)
    assert len(packed) < 6_000
    assert zlib.decompress(packed, 31) == bytes(3_000_001)


def test_a_handler_chooses_by_query_then_path() -> None:
    """The exact target wins over the path, the path over everything else."""
    answers = {"/a?x=1": Raw(data=b"query"), "/a": Raw(data=b"path")}
    chosen = ByTarget(answers=answers, otherwise=Raw(data=b"else"))
    found = [sent(answer_of(chosen, asked(target)).steps(asked())) for target in ("/a?x=1", "/a?x=2", "/a", "/b")]
    assert found == [b"query", b"path", b"path", b"else"]


def test_answers_in_turn_end_with_the_last() -> None:
    """The first request gets the first answer, every late one the last."""
    handler = InTurn(answers=[Raw(data=b"1"), Raw(data=b"2")])
    assert [sent(answer_of(handler, asked()).steps(asked())) for _ in range(4)] == [b"1", b"2", b"2", b"2"]


def test_the_base_promises_nothing() -> None:
    """An answer that says nothing of its bytes is a mistake of who wrote it."""
    with pytest.raises(NotImplementedError):
        Answer().steps(asked())
