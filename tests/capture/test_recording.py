"""Limits, and what becomes of a request whose answer goes beyond them or can't be kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from archive.errors import CollectionFullError
from archive.model import Outcome, Role, Truncated
from pipelines.capture.policy import CapturePolicy
from tests.capture.crawl import QUICK, Ask, Crawl, Outcomes, run
from tests.capture.servers import Answer, ByteServer, answer, ok

HERE = (("127.0.0.1",),)
LIMIT = 200_000
BIG = bytes(range(256)) * 2_000  # 512 000 bytes
BOMB = gzip.compress(b"\0" * 30_000_000)
ENDLESS_HEAD = b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"a" * 8_000 + b"\r\n"
DROPS: list[bytes | float] = [b"drop", 0.1] * 60

ANSWERS: dict[str, Answer | list[Answer]] = {
    "/announced": ok(BIG),
    "/unannounced": answer(b"HTTP/1.1 200 OK\r\n\r\n" + BIG, then="close"),
    "/exactly": ok(BIG[:LIMIT]),
    "/bomb": ok(BOMB, b"Content-Encoding: gzip"),
    "/silent": answer(then="hold"),
    "/silent-in-the-head": answer(b"HTTP/1.1 200 OK\r\nX-Half: ", then="hold"),
    "/silent-in-the-body": answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", then="hold"),
    "/drips": answer(b"HTTP/1.1 200 OK\r\n\r\n", *DROPS),
    "/endless-head": answer(*([ENDLESS_HEAD[:17]] + [ENDLESS_HEAD[17:]] * 140), then="hold"),
    "/no-http": answer(b"220 mail.example ESMTP\r\n\r\n", then="close"),
    "/closed-in-the-head": answer(b"HTTP/1.1 200 OK\r\nX-Half: ", then="close"),
    "/circle": answer(b"HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n"),
    "/one": answer(b"HTTP/1.1 301 Moved\r\nLocation: /two?b=2&a=%7e#part\r\nContent-Length: 0\r\n\r\n"),
    "/two?b=2&a=%7e": answer(b"HTTP/1.1 307 Again\r\nLocation: http://b.example:{port}/end\r\nContent-Length: 0\r\n\r\n"),
    "/end": ok(b"end"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(dict(ANSWERS)) as running:
        (step,) = ANSWERS["/two?b=2&a=%7e"].steps  # type: ignore[union-attr]
        assert isinstance(step, bytes)
        there = answer(step.replace(b"{port}", b"%d" % running.port))
        running.answers = {**running.answers, "/two?b=2&a=%7e": there}
        yield running


@pytest.fixture(scope="module")
def crawl(server: ByteServer) -> Outcomes:
    skipped = {"/two?b=2&a=%7e", "/end"}
    meta = {"footnotary_role": Role.ARTICLE, "footnotary_via": "http://seed.example/", "footnotary_hops": "L"}
    return run(
        Crawl(
            asks=tuple(
                Ask(url=f"http://a.example:{server.port}{path}", meta=meta if path == "/one" else {})
                for path in ANSWERS
                if path not in skipped
            ),
            capture=replace(QUICK, size_limit=LIMIT, time_limit=2.0, redirects=3, concurrent_per_host=16, retries=1),
            names={"a.example": HERE, "b.example": HERE},
            settings={"RETRY_EXCEPTIONS": [], "RETRY_HTTP_CODES": []},
        )
    )


@pytest.fixture
def url(server: ByteServer) -> str:
    return f"http://a.example:{server.port}"


@pytest.mark.parametrize("path", ["/announced", "/unannounced"])
def test_size_limit_cuts_and_marks(crawl: Outcomes, url: str, path: str) -> None:
    """An answer beyond the size limit is kept as far as it was read, marked `length`, and not asked for again."""
    (kept,) = crawl.at(url + path)
    (step,) = ANSWERS[path].steps  # type: ignore[union-attr]
    assert isinstance(step, bytes)
    assert kept.truncated == Truncated.LENGTH
    assert step.startswith(kept.response)
    assert len(kept.response) < len(step)
    ending = crawl.ending(url + path)
    assert (ending.outcome, ending.reason) == (Outcome.UNREACHABLE, "the answer is larger than the size limit")
    assert ending.capture == kept.capture


def test_limit_itself_is_within(crawl: Outcomes, url: str) -> None:
    """An answer of just the limit is whole."""
    (kept,) = crawl.at(url + "/exactly")
    assert (kept.truncated, crawl.ending(url + "/exactly").status) == (None, 200)


def test_bomb_is_kept_as_it_came(crawl: Outcomes, url: str) -> None:
    """A compressed bomb is a small answer: its bytes are kept, and nothing inflates it on the way to the callback."""
    (kept,) = crawl.at(url + "/bomb")
    assert kept.response.endswith(BOMB)
    assert crawl.ending(url + "/bomb").body == BOMB


def test_time_limit_without_an_answer(crawl: Outcomes, url: str) -> None:
    """A server that says nothing, or not even a whole head, ends as a failure with what was sent and received."""
    (silent,) = crawl.failed(url + "/silent")
    assert (silent.outcome, silent.reason) == (Outcome.UNREACHABLE, "no whole answer within the time limit")
    assert silent.request.startswith(b"GET /silent HTTP/1.1\r\n")
    assert silent.received == b""
    (half,) = crawl.failed(url + "/silent-in-the-head")
    assert half.received == b"HTTP/1.1 200 OK\r\nX-Half: "
    assert crawl.ending(url + "/silent-in-the-head").error == "DownloadTimeoutError"


@pytest.mark.parametrize("path", ["/silent-in-the-body", "/drips"])
def test_time_limit_in_the_body(crawl: Outcomes, url: str, path: str) -> None:
    """An answer that is not over in time is kept as far as it came, marked `time`; the errback finds the capture."""
    (kept,) = crawl.at(url + path)
    assert kept.truncated == Truncated.TIME
    assert kept.response.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(kept.response) > len(b"HTTP/1.1 200 OK\r\n\r\n")
    ending = crawl.ending(url + path)
    assert (ending.error, ending.capture) == ("DownloadTimeoutError", kept.capture)
    assert crawl.failed(url + path) == []


def test_head_without_end(crawl: Outcomes, url: str) -> None:
    """A head that goes on and on is given up after a megabyte."""
    (failure,) = crawl.failed(url + "/endless-head")
    assert failure.reason == "the answer is not HTTP that can be read"
    assert 1 << 20 < len(failure.received) < 2 << 20


def test_other_protocols_are_failures(crawl: Outcomes, url: str) -> None:
    """An answer that is no HTTP, or ends in its head, is a failure that holds the bytes."""
    (mail,) = crawl.failed(url + "/no-http")
    assert mail.received == b"220 mail.example ESMTP\r\n\r\n"
    assert mail.reason == "the answer is not HTTP that can be read"
    (half,) = crawl.failed(url + "/closed-in-the-head")
    assert half.received == b"HTTP/1.1 200 OK\r\nX-Half: "
    assert half.reason == "the connection was closed before an answer came"


def test_redirects_end_at_their_limit(crawl: Outcomes, url: str) -> None:
    """Of an endless redirect each hop up to the limit is kept, and the request ends with a reason."""
    hops = crawl.at(url + "/circle")
    assert [kept.facts.hops for kept in hops] == ["", "R", "RR", "RRR"]
    ending = crawl.ending(url + "/circle")
    assert (ending.outcome, ending.reason) == (Outcome.UNREACHABLE, "too many redirects")
    assert ending.trail == tuple(kept.capture.record_id for kept in hops)


def test_hops_know_their_way(crawl: Outcomes, server: ByteServer, url: str) -> None:
    """Each hop of a redirect is an exchange of its own that says what led to it; fragments are neither sent nor kept."""
    first, second = crawl.at(url + "/one") + crawl.at(url + "/two?b=2&a=%7e")
    (end,) = crawl.at(f"http://b.example:{server.port}/end")
    assert [kept.facts.role for kept in (first, second, end)] == [Role.ARTICLE] * 3
    assert [kept.facts.hops for kept in (first, second, end)] == ["L", "LR", "LRR"]
    assert [kept.facts.via for kept in (first, second, end)] == ["http://seed.example/", first.uri, second.uri]
    assert second.request.startswith(b"GET /two?b=2&a=%7e HTTP/1.1\r\n")
    ending = crawl.ending(url + "/one")
    assert ending.capture == end.capture
    assert ending.trail == tuple(kept.capture.record_id for kept in (first, second, end))


def test_large_answers_are_spooled(tmp_path: Path) -> None:
    """What does not fit into memory goes to the spool directory, and nothing is left there."""
    with ByteServer({"*": ok(BIG * 5)}) as server:
        there = f"http://a.example:{server.port}/"
        crawl = Crawl(asks=(Ask(url=there),), names={"a.example": HERE}, capture=replace(QUICK, spool_directory=tmp_path))
        (kept,) = run(crawl).kept
        assert kept.response.endswith(BIG * 5)
        assert list(tmp_path.iterdir()) == []
        lost = run(replace(crawl, capture=replace(QUICK, retries=2, spool_directory=tmp_path / "missing")))
    assert (lost.kept, lost.failures) == ([], [])
    ending = lost.ending(there)
    assert ending.outcome == Outcome.ARCHIVE_FAILED
    assert ending.reason == "an answer could not be put down: No such file or directory"


def test_bytes_in_flight_are_bounded() -> None:
    """Many large answers at once are kept whole although reading pauses beyond twice the size limit."""
    body = BIG[:LIMIT]
    with ByteServer({"*": ok(body)}) as server:
        urls = [f"http://a.example:{server.port}/{number}" for number in range(12)]
        done = run(
            Crawl(
                asks=tuple(Ask(url=each) for each in urls),
                names={"a.example": HERE},
                capture=replace(QUICK, size_limit=LIMIT, concurrent_per_host=12),
                settings={"CONCURRENT_REQUESTS": 12},
            )
        )
    assert [kept.truncated for kept in done.kept] == [None] * 12
    assert all(kept.response.endswith(body) for kept in done.kept)
    assert done.failures == []


def test_delay_and_concurrency_by_host() -> None:
    """Requests to one host keep the delay between them, other hosts have their own; AutoThrottle may run along."""
    with ByteServer({"*": ok(b"page")}) as server:
        urls = [f"http://{host}.example:{server.port}/{number}" for host in "ab" for number in range(3)]
        done = run(
            Crawl(
                asks=tuple(Ask(url=url) for url in urls),
                capture=CapturePolicy(delay=0.3, concurrent_per_host=1),
                names={"a.example": HERE, "b.example": HERE},
                settings={"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.3},
            )
        )
    for host in "ab":
        begun = [kept.began_at for kept in done.kept if kept.uri.startswith(f"http://{host}.")]
        assert len(begun) == 3
        assert all((after - before).total_seconds() > 0.25 for before, after in pairwise(begun))
    assert done.seconds < 1.5


def test_full_disk_ends_the_crawl_at_once() -> None:
    """When the collection takes no more, the crawl closes with that reason; what waits is not asked for."""
    with ByteServer({"*": ok(b"page"), "/slow": answer(3.0, then="close")}) as server:
        base = f"http://a.example:{server.port}/"
        done = run(
            Crawl(
                asks=(Ask(url=base + "slow"), *(Ask(url=f"{base}{number}") for number in range(30))),
                names={"a.example": HERE},
                capture=CapturePolicy(delay=0.1, concurrent_per_host=2),
                room=2,
                refusal=CollectionFullError("the disk is full"),
            )
        )
        asked = len(server.requests)
    assert done.stats["finish_reason"] == "collection_full"
    assert asked < 8
    assert done.seconds < 2
    assert done.sealed is not None
    assert done.sealed[0] == "collection_full"
    assert {ending.outcome for ending in done.endings if ending.error} == {Outcome.ARCHIVE_FAILED}
    assert done.log.count("the disk is full") >= 1
