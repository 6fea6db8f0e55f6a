"""The other download handler: the same spider, answered from the archive, without a socket.

An answer is the capture that was kept of the exact URI, hop by hop as the crawl went; a failure that was kept fails again,
with the outcome and the reason of then; what was never met is NotArchivedError, never a status of our own making.
"""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urldefrag

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    NotConfigured,
    ResponseDataLossError,
    UsageError,
)
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import make_response
from twisted.web._newclient import HTTPClientParser, HTTPParser

from archive.errors import MalformedRecordError
from archive.memento import original_of
from archive.model import Capture, Truncated, Uri
from archive.replay import Asked, Replay
from archive.warc.http import Head, entity
from archive.warc.reader import read_at
from pipelines.capture.errors import ReplayedFailureError
from pipelines.capture.trail import begin, facts_of, note

LATEST = "latest"
NO_MESSAGE = "the record holds no HTTP response"
HANDLER = "pipelines.capture.replay.ReplayHandler"
SETTINGS: dict[str, object] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), HANDLER) | dict.fromkeys(("file", "data", "ftp", "s3")),
}
"""What a replay changes: nothing is waited for, and no other handler is there."""

FOREIGN: dict[str, object] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,  # a Domain attribute makes Scrapy fetch the public suffix list; no answer depends on a cookie
    "DOWNLOAD_SLOTS": {},  # their delays
    "HTTPCACHE_ENABLED": False,  # opens no socket, but the collection is to answer
    "RETRY_ENABLED": False,  # a kept failure does not get better
}
"""What else is changed where the settings are not ours: no socket is opened, nothing is waited for."""

MIDDLEWARES_OFF = ("pipelines.capture.robots.RobotsTxtMiddleware", "pipelines.capture.retry.RetryMiddleware")
"""Their answers of then are kept: a refusal is a failure record, the last try is the one that is replayed."""


def instant_of(wanted: str) -> datetime | None:
    """The instant that FOOTNOTARY_REPLAY names, in UTC where it names no zone; None for `latest`. Raises ValueError."""
    if wanted == LATEST:
        return None
    try:
        instant = datetime.fromisoformat(wanted)
    except ValueError:
        reason = f"is {wanted!r}: expected latest or a datetime such as 2026-03-01T12:00:00Z"
        raise ValueError(f"FOOTNOTARY_REPLAY {reason}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


class ReplaySession:
    """The extension that opens a collection to be read again; it is enabled by the setting FOOTNOTARY_REPLAY."""

    def __init__(self, collection: Replay) -> None:
        self.collection = collection

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises CollectionError."""
        wanted = crawler.settings.get("FOOTNOTARY_REPLAY")
        if not wanted:
            raise NotConfigured  # a crawl that writes
        session = cls(Replay.open(Path(crawler.settings["FOOTNOTARY_COLLECTION"]), at=instant_of(wanted)))
        crawler.signals.connect(session.collection.close, signal=signals.engine_stopped)
        return session

    @classmethod
    def of(cls, crawler: Crawler) -> ReplaySession:
        """The session of a crawler. Raises UsageError when nothing is replayed."""
        session = crawler.get_extension(ReplaySession)
        if session is None:
            raise UsageError("the extension pipelines.capture.replay.ReplaySession is not enabled")
        return session


class ReplayHandler:
    """For `http` and `https` in DOWNLOAD_HANDLERS."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self._collection = ReplaySession.of(crawler).collection
        self._fail_on_dataloss = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """The kept answer. Raises ReplayedFailureError or NotArchivedError."""
        begin(request)
        way = facts_of(request, addresses=(), certificate=None, proxied=False)
        asked = Asked(method=request.method, body=request.body)
        found = self._collection.answer(Uri(urldefrag(request.url).url), way=way, asked=asked)
        note(request, found)
        if not isinstance(found, Capture):
            raise ReplayedFailureError(found)
        self._check_whole(request, found)
        return self._response(request, found)

    def _check_whole(self, request: Request, capture: Capture) -> None:
        """Raise what Scrapy's handler raised when an answer was cut."""
        if capture.truncated == Truncated.LENGTH:
            raise DownloadCancelledError(f"{capture.uri} was larger than the size limit")
        if capture.truncated == Truncated.TIME:
            raise DownloadTimeoutError(f"{capture.uri} took longer than the time limit")
        strict = request.meta.get("download_fail_on_dataloss", self._fail_on_dataloss)
        if capture.truncated == Truncated.DISCONNECT and strict:
            raise ResponseDataLossError(f"{capture.uri} ended early")

    def _response(self, request: Request, capture: Capture) -> Response:
        original = _done(self._collection.ask(lambda database: original_of(database, capture)))
        head = read_at(self._collection.root, capture.location).head()
        source = read_at(self._collection.root, original.location)
        wire = source.head()
        if not isinstance(head, Head) or not isinstance(wire, Head) or head.status is None:
            raise MalformedRecordError(self._collection.root / capture.location.file, capture.location.offset, NO_MESSAGE)
        return make_response(
            url=request.url,
            status=head.status,
            headers=headers_of(head, method=request.method),
            body=b"".join(entity(wire, source.block.chunks(wire.size))),
            flags=["dataloss"] if capture.truncated == Truncated.DISCONNECT else None,
            ip_address=ip_address(capture.ip_address) if capture.ip_address else None,
            protocol=head.version,
        )

    async def close(self) -> None:
        """Nothing is open."""


def headers_of(head: Head, *, method: str) -> Headers:
    """The headers as Scrapy's own handler would have given them: those about the connection taken away, the length first."""
    headers = Headers()
    if (length := _length_of(head, method=method)) is not None:
        headers["Content-Length"] = str(length)
    for name, value in head.headers:
        if name.lower() not in HTTPParser.CONNECTION_CONTROL_HEADERS:
            headers.appendlist(name, value)
    return headers


def _length_of(head: Head, *, method: str) -> int | None:
    """The length that Twisted tells of a message; none where the body says itself where it ends."""
    if method == "HEAD" or head.status in HTTPClientParser.NO_BODY_CODES:
        return 0
    said = (head.get(b"content-length") or b"").split(b",")[0].strip()
    return int(said) if said.isdigit() and not head.all(b"transfer-encoding") else None


def _done(future: Future[Capture]) -> Capture:
    return future.result()
