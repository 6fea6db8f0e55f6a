"""robots.txt fails closed: what can't be read allows nothing, and every refusal is on record."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from archive.model import Capture, Digest, Location, Outcome, RecordId, Role, Truncated, Uri
from pipelines.capture.policy import NetworkPolicy, RobotsMode
from pipelines.capture.robots import READ_LIMIT, product_token, rules_of
from tests.capture.crawl import LOOPBACK, QUICK, Ask, Crawl, Ending, Outcomes, run
from tests.capture.servers import Answer, ByteServer, answer, ok

RULES = b"User-agent: *\nDisallow: /\n\nUser-agent: footnotary\nDisallow: /private\n"
PAGE = ok(b"page")


def status(line: bytes, *more: bytes) -> Answer:
    return answer(b"HTTP/1.1 " + line + b"\r\n" + b"".join(each + b"\r\n" for each in more) + b"Content-Length: 0\r\n\r\n")


def moved(target: str) -> Answer:
    return status(b"301 Moved", b"Location: " + target.encode())


ROBOTS: dict[str, Answer | list[Answer]] = {
    "rules.example": ok(RULES),
    "gzipped.example": ok(gzip.compress(RULES), b"Content-Encoding: gzip"),
    "bomb.example": ok(gzip.compress(RULES + b"#" * 50_000_000), b"Content-Encoding: gzip"),
    "missing.example": status(b"404 Not Found"),
    "forbidden.example": status(b"403 Forbidden"),
    "broken.example": answer(b"HTTP/1.1 500 Oops\r\nContent-Length: 24\r\n\r\nUser-agent: *\nAllow: /\n\n"),
    "recovers.example": [status(b"503 Busy"), ok(RULES)],
    "silent.example": answer(then="hold"),
    "closes.example": answer(then="close"),
    "cut.example": answer(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *\nAllow: /\n", then="close"),
    "unknown-coding.example": ok(RULES, b"Content-Encoding: x-secret"),
    "moved.example": moved("/five"),
    "moved.example/five": moved("/four"),
    "moved.example/four": moved("/three"),
    "moved.example/three": moved("/two"),
    "moved.example/two": moved("/one"),
    "moved.example/one": ok(RULES),
    "circles.example": moved("/robots.txt"),
    "inward.example": moved("http://10.0.0.1/robots.txt"),
    "nowhere.example": status(b"302 Found"),
}

BLOCKED = {
    "broken.example": "robots.txt could not be read: its host answered 500",
    "silent.example": "robots.txt could not be read: no whole answer within the time limit",
    "closes.example": "robots.txt could not be read: the connection was closed before an answer came",
    "cut.example": "robots.txt could not be read: it ended early",
    "circles.example": "robots.txt could not be read: too many redirects",
    "inward.example": "robots.txt could not be read: 10.0.0.1 is refused: private",
    "nowhere.example": "robots.txt could not be read: its host answered 302",
}

READABLE = ["rules.example", "gzipped.example", "bomb.example", "recovers.example", "moved.example"]
ABSENT = ["missing.example", "forbidden.example"]
HERE = (("127.0.0.1",),)


@pytest.fixture(scope="module")
def server() -> Iterator[ByteServer]:
    answers = {host if "/" in host else f"{host}/robots.txt": given for host, given in ROBOTS.items()}
    with ByteServer({**answers, "*": PAGE, "rules.example/hop": moved("/private/end")}) as running:
        yield running


@pytest.fixture(scope="module")
def hosts() -> list[str]:
    return [host for host in ROBOTS if "/" not in host]


@pytest.fixture(scope="module")
def crawl(server: ByteServer, hosts: list[str]) -> Outcomes:
    asks = [Ask(url=f"http://{host}:{server.port}/page") for host in hosts]
    asks += [Ask(url=f"http://{host}:{server.port}/private/x") for host in READABLE]
    asks += [Ask(url=f"http://{host}:{server.port}/private/x") for host in ABSENT]
    asks += [Ask(url=f"http://rules.example:{server.port}/hop")]
    asks += [Ask(url="http://blocked.example/page"), Ask(url="http://unknown.example/page")]
    return run(
        Crawl(
            asks=tuple(asks),
            network=NetworkPolicy(allow=LOOPBACK),
            capture=replace(QUICK, retries=1, time_limit=1.5),
            names={"blocked.example": (("10.0.0.1",),)} | dict.fromkeys(hosts, HERE),
        )
    )


def ending(crawl: Outcomes, server: ByteServer, host: str, path: str = "/page") -> Ending:
    return crawl.ending(f"http://{host}:{server.port}{path}")


@pytest.mark.parametrize("host", READABLE)
def test_rules_are_obeyed(crawl: Outcomes, server: ByteServer, host: str) -> None:
    """The rules for our product token are read through codings, redirects of five hops and retries, a bomb to its limit."""
    assert ending(crawl, server, host).status == 200
    refused = ending(crawl, server, host, "/private/x")
    assert (refused.outcome, refused.reason) == (Outcome.ROBOTS, "robots.txt does not allow it")


@pytest.mark.parametrize("host", ABSENT)
def test_4xx_allows_everything(crawl: Outcomes, server: ByteServer, host: str) -> None:
    """A robots.txt that is not there (or forbidden) allows everything."""
    assert ending(crawl, server, host, "/private/x").status == 200
    (kept,) = crawl.at(f"http://{host}:{server.port}/private/x")
    assert kept.facts.robots == "allowed"


@pytest.mark.parametrize("host", BLOCKED)
def test_what_cannot_be_read_refuses(crawl: Outcomes, server: ByteServer, host: str) -> None:
    """5xx, time-out, no answer, a cut answer, endless redirects and a refused address refuse the page, with that reason."""
    url = f"http://{host}:{server.port}/page"
    assert crawl.at(url) == []
    (failure,) = crawl.failed(url)
    assert (failure.outcome, failure.reason) == (Outcome.ROBOTS, BLOCKED[host])
    assert failure.facts.robots == "refused"
    found = crawl.ending(url)
    assert (found.error, found.outcome, found.reason) == ("RobotsRefusedError", Outcome.ROBOTS, BLOCKED[host])
    assert found.failure is not None
    assert found.trail == (found.failure.record_id,)


def test_unknown_coding_refuses(crawl: Outcomes, server: ByteServer) -> None:
    """A robots.txt in a coding that nobody knows can't be read."""
    found = ending(crawl, server, "unknown-coding.example")
    assert found.outcome == Outcome.ROBOTS
    assert found.reason.startswith("robots.txt could not be read: ")


def test_host_without_an_address_refuses(crawl: Outcomes) -> None:
    """A host whose name does not resolve refuses by its robots.txt; both failures are kept."""
    ending = crawl.ending("http://unknown.example/page")
    assert (ending.outcome, ending.reason) == (Outcome.ROBOTS, "robots.txt could not be read: the name does not resolve")
    assert crawl.failed("http://unknown.example/robots.txt")
    assert crawl.failed("http://unknown.example/page")


def test_host_that_the_gate_refuses_is_blocked(crawl: Outcomes) -> None:
    """A host at a refused address is said to be that, and not to have refused its pages; nothing of it is fetched."""
    for path in ("page", "robots.txt"):
        (failure,) = crawl.failed(f"http://blocked.example/{path}")
        assert (failure.outcome, failure.reason) == (Outcome.ADDRESS_BLOCKED, "10.0.0.1 is refused: private")
    ending = crawl.ending("http://blocked.example/page")
    assert (ending.error, ending.outcome) == ("RobotsRefusedError", Outcome.ADDRESS_BLOCKED)


def test_robots_txt_is_an_exchange(crawl: Outcomes, server: ByteServer) -> None:
    """Each robots.txt is fetched once, kept exactly, and says what it was for and which page led to it."""
    (kept,) = crawl.at(f"http://rules.example:{server.port}/robots.txt")
    assert kept.response == ROBOTS["rules.example"].steps[0]  # type: ignore[union-attr]
    assert kept.facts.role == Role.ROBOTS
    assert kept.facts.via == f"http://rules.example:{server.port}/page"
    assert (kept.facts.hops, kept.facts.robots) == ("P", "unchecked")


def test_redirect_is_asked_for_again(crawl: Outcomes, server: ByteServer) -> None:
    """A redirect into a part that robots.txt closes is refused there, after its first hop was kept."""
    asked = f"http://rules.example:{server.port}/hop"
    assert [kept.capture.status for kept in crawl.at(asked)] == [301]
    found = crawl.ending(asked)
    assert (found.outcome, len(found.trail), found.capture) == (Outcome.ROBOTS, 2, None)
    assert found.failure is not None
    assert (found.failure.facts.via, found.failure.facts.hops) == (asked, "R")


@pytest.mark.parametrize(("mode", "marked"), [(RobotsMode.RECORD, "refused"), (RobotsMode.IGNORE, "unchecked")])
def test_other_modes_fetch_and_say_so(server: ByteServer, mode: RobotsMode, marked: str) -> None:
    """`record` fetches and marks the capture, `ignore` does not even ask; both can be set for one host alone."""
    before = len(server.sent_to("/robots.txt"))
    url, other = f"http://broken.example:{server.port}/page", f"http://closes.example:{server.port}/page"
    done = run(
        Crawl(
            asks=(Ask(url=url), Ask(url=other)),
            network=NetworkPolicy(allow=LOOPBACK, robots_by_host={"broken.example": mode}),
            capture=QUICK,
            names={"broken.example": HERE, "closes.example": HERE},
        )
    )
    (kept,) = done.at(url)
    assert kept.facts.robots == marked
    assert done.ending(other).outcome == Outcome.ROBOTS
    asked = [request for request in server.sent_to("/robots.txt")[before:] if b"Host: broken" in request]
    assert len(asked) == (1 if mode == RobotsMode.RECORD else 0)


def capture(**changes: object) -> Capture:
    digest = Digest("sha256:" + "0" * 64)
    whole = Capture(
        record_id=RecordId("urn:uuid:1"),
        type="response",
        uri=Uri("http://a.example/robots.txt"),
        date=datetime(2026, 1, 1, tzinfo=UTC),
        run_id="r",
        location=Location(file="f", offset=0, length=1),
        method="GET",
        status=200,
        mime="text/plain",
        block_digest=digest,
        payload_digest=digest,
        body_digest=digest,
        entity_size=0,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_only_what_is_kept_counts() -> None:
    """An answer that is not in the collection, or is there cut, allows nothing."""
    response = Response("http://a.example/robots.txt", body=b"User-agent: *\nAllow: /\n")
    assert rules_of(response, capture()).refusal("http://a.example/x", "footnotary") is None
    assert rules_of(response, None).closed
    assert rules_of(response, capture(truncated=Truncated.TIME)).closed


def test_half_a_line_at_the_limit_does_not_count() -> None:
    """The line that the reading limit cuts in two is dropped, because its half may allow more than it says."""
    start = b"User-agent: *\nDisallow: /\n"
    filler = b"#" * (READ_LIMIT - len(start) - len(b"\nAllow: /")) + b"\n"
    response = Response("http://a.example/robots.txt", body=start + filler + b"Allow: /only-this\n")
    assert rules_of(response, capture()).refusal("http://a.example/x", "footnotary") == "robots.txt does not allow it"


@pytest.mark.parametrize(
    ("agent", "token"),
    [("footnotary/1.0 (+https://a.example; b)", "footnotary"), ("footnotary (x)", "footnotary"), ("", "*")],
)
def test_product_token(agent: str, token: str) -> None:
    """robots.txt knows a crawler by the first word of its user agent, not by who runs it."""
    assert product_token(agent) == token
