"""However the bytes of an answer are torn on their way, the same is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import CrawlFacts, Exchange, Truncated, Uri
from archive.warc.http import split_interim
from pipelines.capture.intake import Intake
from pipelines.capture.passage import HEAD_LIMIT, Passage, Tie
from pipelines.capture.tls import TlsNotes

INTERIM = b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 100\n\n"
MESSAGE = b"HTTP/1.1 200 OK\r\nX: \xe9\r\n\r\nbody\n\nof two parts"
URI = Uri("http://a.example/")


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self._now = datetime(2026, 8, 27, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def passage(*, directory: Path | None = None) -> Passage:
    transport = SimpleNamespace(getPeer=lambda: SimpleNamespace(host="192.0.2.1"))
    return Passage(clock=Clock(), directory=directory, transport=transport)


def exchange(passed: Passage) -> Exchange:
    return passed.exchange(uri=URI, method="GET", facts=CrawlFacts())


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes, cut at these places."""
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(st.lists(st.integers(min_value=0), max_size=12), st.sampled_from([b"", INTERIM]), st.integers(0, 5))
def test_pieces_do_not_matter(cuts: list[int], interim: bytes, surplus: int) -> None:
    """In any pieces, with or without interim answers and surplus, the message is what is kept, and the rest is set apart."""
    passed = passage()
    *whole, last = pieces(interim + MESSAGE, cuts)
    for piece in whole:
        passed.take(piece)
    passed.take(last + b"12345"[:surplus])
    passed.finish(surplus)
    kept = exchange(passed)
    assert kept.response.read() == MESSAGE
    assert (kept.interim, kept.surplus, kept.truncated) == (interim, b"12345"[:surplus], None)
    assert (kept.began_at, kept.ended_at) == (
        datetime(2026, 8, 27, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 8, 27, 0, 0, 2, tzinfo=UTC),
    )
    passed.discard()


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=6))
def test_any_bytes_are_kept_or_shown(data: bytes, cuts: list[int]) -> None:
    """Whatever comes, no byte is lost: interim answers, and then either an answer or what was received instead of one."""
    passed = passage()
    for piece in pieces(data, cuts):
        passed.take(piece)
    passed.cut(Truncated.DISCONNECT)
    start = split_interim(data)
    assert passed.interim == data[:start]
    if passed.answered:
        assert exchange(passed).response.read() == data[start:]
        assert passed.received == b""
    else:
        assert passed.received == data[start:]
    passed.discard()


def test_nothing_is_taken_after_the_end() -> None:
    """Bytes that come after an exchange was cut are not part of it, and the first reason for the cut stays."""
    passed = passage()
    passed.take(MESSAGE)
    passed.cut(Truncated.TIME)
    passed.take(b"late")
    passed.cut(Truncated.DISCONNECT)
    kept = exchange(passed)
    assert (kept.response.read(), kept.truncated) == (MESSAGE, Truncated.TIME)
    passed.discard()


def test_no_answer_is_no_exchange() -> None:
    """What has no answer can't be made into an exchange."""
    passed = passage()
    passed.take(b"HTTP/1.1 200 OK\r\n")
    passed.cut(Truncated.TIME)
    with pytest.raises(ValueError, match="no answer has passed"):
        exchange(passed)


def test_a_head_without_end_is_seen() -> None:
    """More than a megabyte without a whole head is noticed, interim answers included."""
    passed = passage()
    passed.take(b"HTTP/1.1 102 Wait\r\n\r\n" * (HEAD_LIMIT // 21))
    assert not passed.endless
    passed.take(b"HTTP/1.1 102 Wait\r\n\r\n" * 2)
    assert passed.endless


def test_disk_trouble_is_remembered(tmp_path: Path) -> None:
    """When the spool can't take the bytes, the passage says so instead of failing in the middle of the reactor."""
    passed = passage(directory=tmp_path / "missing")
    passed.take(MESSAGE)
    passed.take(b"x" * (2 << 20))
    passed.take(b"y")
    assert isinstance(passed.problem, FileNotFoundError)
    passed.cut(Truncated.UNSPECIFIED)
    passed.discard()


def test_freezing_ends_what_has_not_ended() -> None:
    """A tie that is frozen cuts what is open and leaves alone what is whole."""
    tie = Tie(clock=Clock(), intake=Intake(limit=0, later=lambda *_: None), directory=None)
    transport = SimpleNamespace(getPeer=lambda: SimpleNamespace(host="192.0.2.1"))
    whole, cut = (tie.begin(transport, notes=TlsNotes(), addresses=("192.0.2.1",)) for _ in range(2))
    whole.take(MESSAGE)
    whole.finish(0)
    cut.take(MESSAGE)
    tie.freeze(Truncated.TIME)
    assert (whole.truncated, cut.truncated) == (None, Truncated.TIME)
    assert [each.addresses for each in tie.passages] == [("192.0.2.1",)] * 2
    tie.release()
