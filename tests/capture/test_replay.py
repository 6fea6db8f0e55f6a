"""The handler that answers from a collection: what a spider gets is what Scrapy's own handler had given it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Headers, Response
from scrapy.utils.test import get_crawler

from archive.errors import NotArchivedError
from archive.model import Truncated, Uri
from archive.warc.http import parse_response_head
from pipelines.capture.replay import ReplayHandler, headers_of, instant_of
from tests.archive.living import answer, page, running

CUT = answer(b"half a page")[:-5]
GET, POST = b"GET /%b HTTP/1.1\r\n\r\n", b"POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\n%b"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page got and posted to, and one that was cut in each way."""
    root = tmp_path_factory.mktemp("replay") / "c"
    with running(root) as collection:
        collection.append(page(1, answer(b"got"), request=GET % b"1", ip_address="192.0.2.7")).result()
        for body in (b"a=1", b"a=2"):
            posted = answer(b"the answer to " + body)
            collection.append(page(1, posted, method="POST", request=POST % body)).result()
        for why in Truncated:
            uri = Uri(f"http://a.example/{why}")
            collection.append(page(1, CUT, uri=uri, request=GET % why.encode(), truncated=why)).result()
    return root


def ask(root: Path, request: Request, **settings: object) -> Response:
    """The handler's answer, in a crawler of its own."""
    extensions = {"pipelines.capture.replay.ReplaySession": 0}
    crawler = get_crawler(
        Spider, {"EXTENSIONS": extensions, "FOOTNOTARY_REPLAY": "latest", "FOOTNOTARY_COLLECTION": str(root), **settings}
    )
    return asyncio.run(ReplayHandler(crawler).download_request(request))


def test_what_is_asked_chooses_the_answer(root: Path) -> None:
    """Two bodies posted to one URI have their own answers, and so has the GET of it."""
    url = "http://a.example/1"
    assert ask(root, Request(url)).body == b"got"
    for body in (b"a=1", b"a=2"):
        assert ask(root, Request(url, method="POST", body=body)).body == b"the answer to " + body


@pytest.mark.parametrize(("method", "body"), [("HEAD", b""), ("POST", b"a=3"), ("POST", b""), ("PUT", b"a=1"), ("GET", b"a=1")])
def test_another_question_has_no_answer(root: Path, method: str, body: bytes) -> None:
    """A method or a body that was never sent is not archived: a HEAD is not answered by a GET."""
    with pytest.raises(NotArchivedError):
        ask(root, Request("http://a.example/1", method=method, body=body))


def test_a_response_says_what_scrapys_says(root: Path) -> None:
    """Status, headers, protocol and the peer's address are those of the crawl."""
    response = ask(root, Request("http://a.example/1"))
    assert (response.status, response.protocol, str(response.ip_address)) == (200, "HTTP/1.1", "192.0.2.7")
    assert response.headers == Headers({"Content-Type": "text/html", "Content-Length": "3"})
    assert response.flags == []


@pytest.mark.parametrize(
    ("why", "error"),
    [
        (Truncated.LENGTH, DownloadCancelledError),
        (Truncated.TIME, DownloadTimeoutError),
        (Truncated.DISCONNECT, ResponseDataLossError),
    ],
)
def test_a_cut_answer_fails_as_it_did(root: Path, why: Truncated, error: type[Exception]) -> None:
    """An answer that was too long, too slow or ended early is the error that Scrapy's handler made of it."""
    with pytest.raises(error, match=rf"^http://a\.example/{why} "):
        ask(root, Request(f"http://a.example/{why}"))


def test_an_early_end_may_be_taken(root: Path) -> None:
    """Where the project, or the request, takes answers that ended early they come with Scrapy's flag."""
    request = Request("http://a.example/disconnect")
    lenient = request.replace(meta={"download_fail_on_dataloss": False})
    for response in (ask(root, request, DOWNLOAD_FAIL_ON_DATALOSS=False), ask(root, lenient)):
        assert (response.body, response.flags) == (b"half a", ["dataloss"])
    assert ask(root, Request("http://a.example/unspecified")).flags == []


@pytest.mark.parametrize(
    ("wanted", "instant"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00+02:00", "2026-03-01T12:00:00+02:00"),
    ],
)
def test_an_instant_without_a_zone_is_utc(wanted: str, instant: str) -> None:
    """Instants of the archive have a zone, whatever is typed."""
    found = instant_of(wanted)
    assert found is not None
    assert found.isoformat() == instant
    assert instant_of("latest") is None


@pytest.mark.parametrize(
    ("method", "head", "headers"),
    [
        (
            "GET",
            b"200 OK\r\nX-a: 1\r\ncontent-length: 007\r\nConnection: close\r\nx-A: 2",
            {"Content-Length": ["7"], "X-A": ["1", "2"]},
        ),
        ("GET", b"200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\nB: 1", {"B": ["1"]}),
        ("HEAD", b"200 OK\r\nContent-Length: 7", {"Content-Length": ["0"]}),
        ("GET", b"304 Not Modified\r\nETag: e", {"Content-Length": ["0"], "Etag": ["e"]}),
    ],
)
def test_headers_are_those_of_scrapys_handler(method: str, head: bytes, headers: dict[str, list[str]]) -> None:
    """A spider that looks at lengths and repeats finds in a replay what it found in the crawl."""
    parsed = parse_response_head(b"HTTP/1.1 " + head + b"\r\n\r\n")
    assert parsed is not None
    assert headers_of(parsed, method=method) == Headers(headers)
