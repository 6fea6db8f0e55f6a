"""How a crawl begins and ends: with a collection that is open before the first request and sealed after the last record."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy import Spider
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.utils.test import get_crawler

from archive.errors import CollectionLockedError
from archive.model import Outcome, Truncated
from archive.warc.reader import read_at
from pipelines.capture.policy import CapturePolicy, NetworkPolicy
from pipelines.capture.session import Session, software
from pipelines.capture.settings import FIXED
from tests.capture.crawl import LOOPBACK, NEVER, QUICK, Ask, Crawl, Outcomes, finish, run, start
from tests.capture.servers import Answer, ByteServer, answer, ok

HERE = (("127.0.0.1",),)
BARE = {**FIXED, "EXTENSIONS": {}}
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"

SLOW: dict[str, Answer | list[Answer]] = {
    "/half": answer(HALF, then="hold"),
    "/silent": answer(then="hold"),
    "/patience": answer(b"HTTP/1.1 503 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n"),
    "robots.example/robots.txt": answer(then="hold"),
    "/robots.txt": answer(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n"),
    "*": ok(b"page"),
}


def interrupted(number: signal.Signals, server: ByteServer) -> Outcomes:
    """A crawl with answers, half answers, silence, delays, Retry-After and a silent robots.txt, stopped in the middle."""
    port = server.port
    asks = [
        Ask(url=f"http://a.example:{port}/page"),
        Ask(url=f"http://b.example:{port}/half"),
        Ask(url=f"http://c.example:{port}/silent"),
        Ask(url=f"http://d.example:{port}/patience"),
        Ask(url=f"http://robots.example:{port}/page"),
        Ask(url=f"http://nameless.example:{port}/page"),
        *(Ask(url=f"http://queue.example:{port}/{number}") for number in range(25)),
    ]
    hosts = ("a.example", "b.example", "c.example", "d.example", "robots.example", "queue.example")
    process, folder = start(
        Crawl(
            asks=tuple(asks),
            network=NetworkPolicy(allow=LOOPBACK, dns_timeout=100.0),
            capture=CapturePolicy(delay=30.0, time_limit=120.0, retries=2),
            names={"nameless.example": NEVER} | dict.fromkeys(hosts, HERE),
            settings={
                "CONCURRENT_REQUESTS": 40,
                "DOWNLOAD_SLOTS": {host: {"delay": 0.0, "concurrency": 4} for host in hosts if host != "queue.example"},
            },
        )
    )
    deadline = time.monotonic() + 20
    while len(server.requests) < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    return finish(process, folder)


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def stopped(request: pytest.FixtureRequest) -> Iterator[tuple[Outcomes, int, float]]:
    with ByteServer(SLOW) as server:
        outcomes = interrupted(request.param, server)
        yield outcomes, server.port, outcomes.seconds


def test_interrupt_ends_soon(stopped: tuple[Outcomes, int, float]) -> None:
    """Asked once, the crawl ends within seconds, whatever it waits for, and is sealed with reason and counts."""
    outcomes, _, seconds = stopped
    assert seconds < 10
    assert outcomes.sealed is not None
    reason, counts = outcomes.sealed
    assert reason == "shutdown"
    assert counts["captures"] == len(outcomes.kept)
    assert counts["failures"] == len(outcomes.failures)


def test_interrupt_keeps_what_came(stopped: tuple[Outcomes, int, float]) -> None:
    """An answer in flight is cut and kept as truncated; one without a byte is a failure that says so."""
    outcomes, port, _ = stopped
    (half,) = outcomes.at(f"http://b.example:{port}/half")
    assert (half.response, half.truncated) == (HALF, Truncated.UNSPECIFIED)
    assert outcomes.ending(half.uri).capture == half.capture
    (silent,) = outcomes.failed(f"http://c.example:{port}/silent")
    assert (silent.outcome, silent.reason) == (Outcome.INTERRUPTED, "the run was stopped before an answer came")
    (page,) = outcomes.at(f"http://a.example:{port}/page")
    assert page.truncated is None


def test_interrupt_ends_all_waiting(stopped: tuple[Outcomes, int, float]) -> None:
    """What waits for a delay, Retry-After, robots.txt or a name server ends as interrupted, and none of it is sent."""
    outcomes, port, _ = stopped
    waiting = [
        f"http://d.example:{port}/patience",
        f"http://robots.example:{port}/page",
        f"http://nameless.example:{port}/page",
    ]
    waiting += [ending.asked for ending in outcomes.endings if "queue.example" in ending.asked and ending.error]
    assert len(waiting) > 5
    for url in waiting:
        ending = outcomes.ending(url)
        assert (ending.error, ending.outcome) == ("RunStoppedError", Outcome.INTERRUPTED)
    queue = [kept for kept in outcomes.kept if "queue.example" in kept.uri and not kept.uri.endswith("robots.txt")]
    assert len(queue) <= 1


def test_twice_is_a_forced_stop() -> None:
    """A second signal is Scrapy's forced stop: the process ends at once."""
    with ByteServer({"*": answer(then="hold")}) as server:
        process, folder = start(
            Crawl(asks=(Ask(url=f"http://a.example:{server.port}/"),), names={"a.example": HERE}, capture=QUICK)
        )
        deadline = time.monotonic() + 20
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert process.returncode is not None
    shutil.rmtree(folder)


def test_ordinary_end_is_sealed_with_counts() -> None:
    """A crawl that ends by itself is sealed with `finished` and what it counted."""
    with ByteServer({"*": ok(b"page"), "/cut": answer(HALF, then="close")}) as server:
        base = f"http://a.example:{server.port}/"
        urls = (base, base + "cut", "http://none.example/")
        done = run(
            Crawl(asks=tuple(Ask(url=url) for url in urls), names={"a.example": HERE}, capture=replace(QUICK, retries=0))
        )
    assert done.sealed is not None
    reason, counts = done.sealed
    assert reason == "finished"
    assert {key: counts[key] for key in ("captures", "failures", "failures/unreachable", "truncated/disconnect")} == {
        "captures": 2,
        "failures": 1,
        "failures/unreachable": 1,
        "truncated/disconnect": 1,
    }
    assert counts["bytes"] == sum(len(kept.response) for kept in done.kept)


def test_real_collection_takes_it_all(tmp_path: Path) -> None:
    """The archive's own collection is opened, filled and sealed by the session: the bytes of the wire stand in its files."""
    page = b"HTTP/1.1 200 OK\r\nX-ODD: 1\r\nContent-Length: 4\r\n\r\npage"
    with ByteServer({"*": answer(page)}) as server:
        there = f"http://a.example:{server.port}/"
        crawl = Crawl(
            asks=(Ask(url=there), Ask(url="http://none.example/")), names={"a.example": HERE}, collection=tmp_path / "c"
        )
        done = run(crawl)
    ending = done.ending(there)
    assert ending.capture is not None
    record = read_at(tmp_path / "c", ending.capture.location)
    assert record.block.read() == page
    assert done.ending("http://none.example/").failure is not None
    assert not list((tmp_path / "c").rglob("*.open"))


class LockedSession(Session):
    """A session whose collection is in use."""

    @classmethod
    def open_collection(cls, crawler: object) -> object:  # type: ignore[override]
        """Always locked."""
        raise CollectionLockedError(Path("collections/a"))


def test_locked_collection_stops_the_crawl() -> None:
    """A collection that can't be opened is an error before anything is fetched, and is not swallowed."""
    with pytest.raises(CollectionLockedError, match=r"^collections/a is in use by another run"):
        LockedSession.from_crawler(get_crawler(Spider, BARE))


def test_wrong_bundle_stops_the_crawl() -> None:
    """A certificate bundle that can't be used stops the crawl before anything is fetched."""
    crawler = get_crawler(Spider, {**BARE, "FOOTNOTARY_NETWORK": NetworkPolicy(ca_bundle=b"no")})
    with pytest.raises(ValueError, match=r"^network\.ca_bundle"):
        Session.from_crawler(crawler)


def test_replay_needs_no_session() -> None:
    """A replay opens nothing for writing."""
    with pytest.raises(NotConfigured):
        Session.from_crawler(get_crawler(Spider, {"FOOTNOTARY_REPLAY": "latest"}))


def test_no_collection_named() -> None:
    """Without a collection the crawl says which setting is missing."""
    with pytest.raises(UsageError, match="FOOTNOTARY_COLLECTION"):
        Session.from_crawler(get_crawler(Spider, BARE))


@pytest.mark.parametrize("handler", ["scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler", None])
def test_a_handler_that_keeps_nothing_stops_the_crawl(handler: str | None) -> None:
    """A crawl whose http or https would pass by the tap does not begin."""
    settings = {**BARE, "DOWNLOAD_HANDLERS": {**FIXED["DOWNLOAD_HANDLERS"], "https": handler}}  # type: ignore[dict-item]
    with pytest.raises(UsageError, match=r"^DOWNLOAD_HANDLERS: https is not "):
        Session.from_crawler(get_crawler(Spider, settings))


def test_session_is_found_or_said_to_be_missing() -> None:
    """Without the extension the handler says what is not enabled."""
    with pytest.raises(UsageError, match=r"pipelines\.capture\.session\.Session is not enabled"):
        Session.of(get_crawler(Spider))


def test_software_names_what_made_the_capture() -> None:
    """The versions of Python and of the packages on the way of the bytes are said."""
    assert {"Python", "Scrapy", "Twisted", "warcio"} <= set(software())
