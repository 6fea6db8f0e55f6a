"""What is sent again, what is not, and how long a server may make us wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ArchiveError
from archive.model import Outcome, Truncated
from pipelines.capture.policy import CapturePolicy, NetworkPolicy, RobotsMode
from pipelines.capture.retry import RETRY_EXCEPTIONS, retry_after
from tests.capture.crawl import LOOPBACK, Ask, Crawl, Outcomes, run
from tests.capture.servers import Answer, ByteServer, answer, ok

PAGE = ok(b"page")
HERE = (("127.0.0.1",),)
NOW = datetime(2026, 8, 27, 12, 0, 0, tzinfo=UTC)


def busy(*lines: bytes, line: bytes = b"503 Busy") -> Answer:
    return answer(b"HTTP/1.1 " + line + b"\r\n" + b"".join(each + b"\r\n" for each in lines) + b"Content-Length: 4\r\n\r\nbusy")


CUT = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", then="close")
HALF_THEN_SILENT = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", then="hold")
MOVED = answer(b"HTTP/1.1 302 Found\r\nLocation: /busy-once\r\nContent-Length: 0\r\n\r\n")

ANSWERS: dict[str, Answer | list[Answer]] = {
    "/busy-once": [busy(), PAGE],
    "/always-busy": busy(),
    "/too-many-once": [busy(line=b"429 Too Many"), PAGE],
    "/cut-once": [CUT, PAGE],
    "/always-cut": CUT,
    "/nothing-once": [answer(then="close"), PAGE],
    "/always-half": HALF_THEN_SILENT,
    "/half-then-reset": [HALF_THEN_SILENT, answer(then="reset")],
    "/gone": busy(line=b"404 Not Found"),
    "/moved": [busy(), MOVED],
    "/warm": PAGE,
    "/stale": [answer(then="close"), PAGE],
}


PATHS = [path for path in ANSWERS if path not in {"/warm", "/stale"}]
ALONE = {"/nothing-once": "lost.example", "/half-then-reset": "half.example"}  # hosts without a connection that is kept open


def host_of(path: str) -> str:
    return ALONE.get(path, "a.example")


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    with ByteServer(ANSWERS) as running:
        yield running


@pytest.fixture(scope="module")
def crawl(server: ByteServer) -> Outcomes:
    return run(
        Crawl(
            asks=tuple(Ask(url=f"http://{host_of(path)}:{server.port}{path}") for path in PATHS),
            capture=CapturePolicy(delay=0.0, retries=2, time_limit=1.0, concurrent_per_host=16),
            names=dict.fromkeys(("a.example", *ALONE.values()), HERE),
        )
    )


@pytest.fixture
def url(server: ByteServer) -> str:
    return f"http://a.example:{server.port}"


@pytest.mark.parametrize("path", ["/busy-once", "/too-many-once", "/cut-once"])
def test_each_try_is_an_exchange(crawl: Outcomes, url: str, path: str) -> None:
    """5xx, 429 and a cut answer are asked for again; every try is kept, the last one reaches the callback."""
    first, second = [kept for kept in crawl.at(url + path) if kept.facts.via is None][:2]
    assert (first.facts.tries, second.facts.tries) == (1, 2)
    ending = crawl.ending(url + path)
    assert (ending.status, ending.body) == (200, b"page")
    assert ending.trail == (first.capture.record_id, second.capture.record_id)
    assert ending.capture == second.capture


def test_the_last_answer_counts(crawl: Outcomes, url: str) -> None:
    """After the last retry the answer is what it is, and reaches the callback."""
    assert [kept.capture.status for kept in crawl.at(url + "/always-busy")] == [503, 503, 503]
    assert crawl.ending(url + "/always-busy").status == 503
    cuts = crawl.at(url + "/always-cut")
    assert [kept.truncated for kept in cuts] == [Truncated.DISCONNECT] * 3
    assert crawl.ending(url + "/always-cut").capture == cuts[-1].capture


def test_not_found_is_asked_once(crawl: Outcomes, url: str) -> None:
    """A 404 is an answer."""
    assert len(crawl.at(url + "/gone")) == 1


def test_lost_connection_is_tried_again(crawl: Outcomes, server: ByteServer) -> None:
    """A connection that is closed without an answer is a failure on record, and tried again."""
    there = f"http://lost.example:{server.port}/nothing-once"
    (failure,) = crawl.failed(there)
    assert failure.reason == "the connection was closed before an answer came"
    assert failure.request.startswith(b"GET /nothing-once ")
    (kept,) = crawl.at(there)
    assert kept.facts.tries == 2
    assert len(crawl.ending(there).trail) == 2


def test_time_out_keeps_what_came(crawl: Outcomes, url: str) -> None:
    """A time-out is tried again; each half answer is kept and marked, and the last one is what the errback finds."""
    halves = crawl.at(url + "/always-half")
    assert [(kept.truncated, kept.facts.tries) for kept in halves] == [(Truncated.TIME, tries) for tries in (1, 2, 3)]
    assert all(kept.response.endswith(b"\r\n\r\nhalf") for kept in halves)
    ending = crawl.ending(url + "/always-half")
    assert (ending.outcome, ending.reason) == (Outcome.UNREACHABLE, "no whole answer within the time limit")
    assert (ending.capture, ending.failure) == (halves[-1].capture, None)


def test_half_answer_outlives_later_failures(crawl: Outcomes, server: ByteServer) -> None:
    """When the tries after a half answer give nothing, the half answer is still what there is of the page."""
    there = f"http://half.example:{server.port}/half-then-reset"
    (half,) = crawl.at(there)
    ending = crawl.ending(there)
    assert ending.capture == half.capture
    assert ending.failure is not None
    assert len(ending.trail) == 3


def test_tries_are_counted_by_hop(crawl: Outcomes, url: str) -> None:
    """A redirect that came at the second try begins to count anew."""
    asked = url + "/moved"
    assert [kept.facts.tries for kept in crawl.at(asked)] == [1, 2]
    (end,) = [kept for kept in crawl.at(url + "/busy-once") if kept.facts.via == asked]
    assert (end.facts.tries, end.facts.hops) == (1, "R")


def test_request_that_twisted_sends_again_is_on_record(server: ByteServer) -> None:
    """A kept-open connection that is gone when it is used: the request is sent again, and both are kept."""
    base = f"http://a.example:{server.port}"
    done = run(
        Crawl(
            asks=(Ask(url=base + "/warm"), Ask(url=base + "/stale")),
            names={"a.example": HERE},
            settings={"CONCURRENT_REQUESTS": 1},
        )
    )
    (failure,) = done.failed(base + "/stale")
    (kept,) = done.at(base + "/stale")
    assert failure.error == "StaleConnectionError"
    assert failure.request == kept.request
    assert len(server.sent_to("/stale")) == 2
    assert (failure.facts.tries, kept.facts.tries) == (1, 2)
    assert done.ending(base + "/stale").trail[-1] == kept.capture.record_id
    assert len(done.ending(base + "/stale").trail) == 2


def test_retry_after_is_honoured_by_host(server: ByteServer) -> None:
    """A host that asks for a second gets it for every request to it, a longer wish only up to the limit; others go on."""
    with ByteServer(
        {
            "slow.example/": [busy(b"Retry-After: 1"), PAGE],
            "slow.example/later": PAGE,
            "never.example/": [busy(b"Retry-After: 3600", line=b"429 Too Many"), PAGE],
            "*": PAGE,
        }
    ) as patient:
        at = f"example:{patient.port}"
        slow = [Ask(url=f"http://slow.{at}/")] + [Ask(url=f"http://slow.{at}/later?{number}") for number in range(6)]
        done = run(
            Crawl(
                asks=(*slow, Ask(url=f"http://never.{at}/"), *(Ask(url=f"http://quick.{at}/{n}") for n in range(6))),
                capture=CapturePolicy(delay=0.0, retries=1, retry_after_limit=1.5, concurrent_per_host=1),
                names=dict.fromkeys(("slow.example", "never.example", "quick.example"), HERE),
                settings={"CONCURRENT_REQUESTS": 2},
            )
        )
    first, second = done.at(f"http://slow.{at}/")
    assert (second.began_at - first.ended_at).total_seconds() >= 1.0
    later = [kept for kept in done.kept if "/later" in kept.uri]
    assert len(later) == 6
    assert all(kept.began_at - first.ended_at >= timedelta(seconds=1) for kept in later)
    capped_first, capped = done.at(f"http://never.{at}/")
    assert 1.4 <= (capped.began_at - capped_first.ended_at).total_seconds() < 4
    quick = [kept for kept in done.kept if kept.uri.startswith("http://quick.")]
    assert max(kept.ended_at for kept in quick) < second.began_at
    assert done.stats["footnotary/retry_after"] == 2


def test_archive_errors_are_not_sent_again(server: ByteServer) -> None:
    """A capture that could not be kept fails its request at once; the page is not fetched a second time."""
    url = f"http://a.example:{server.port}/warm"
    before = len(server.sent_to("/warm"))
    done = run(
        Crawl(
            asks=(Ask(url=url),),
            capture=CapturePolicy(delay=0.0, retries=2),
            network=NetworkPolicy(allow=LOOPBACK, robots=RobotsMode.IGNORE),
            names={"a.example": HERE},
            room=0,
            refusal=ArchiveError("the record could not be written"),
        )
    )
    assert len(server.sent_to("/warm")) == before + 1
    ending = done.ending(url)
    assert (ending.outcome, ending.reason) == (Outcome.ARCHIVE_FAILED, "the record could not be written")


def test_no_oserror_is_retried() -> None:
    """The list of exceptions names no OSError and none of our own errors."""
    assert not [name for name in RETRY_EXCEPTIONS if name.endswith("OSError") or name.startswith(("archive", "pipelines"))]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True).encode(), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True).encode(), 0.0),
        (b"Thursday, 27-Aug-26 12:00:30 GMT", 30.0),
        (b"Thu Aug 27 12:00:30 2026", 30.0),
        (b"-5", None),
        (b"soon", None),
        (b"1.5", None),
        (b"\xb2", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: bytes | None, seconds: float | None) -> None:
    """Seconds and all three forms of an HTTP date are read (RFC 9110, 5.6.7), the past is now, nonsense is nothing."""
    assert retry_after(value, now=NOW) == seconds


@given(st.binary(max_size=40))
def test_retry_after_never_fails(value: bytes) -> None:
    """No header value makes the reading of Retry-After fail."""
    found = retry_after(value, now=NOW)
    assert found is None or found >= 0
