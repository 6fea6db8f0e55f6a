"""The other download handler: the same spider, answered from the archive, without a socket.

An answer is the capture that was kept of the exact URI, hop by hop as the crawl went; a failure that was kept fails again,
with the outcome and the reason of then; what was never met is NotArchivedError, never a status of our own making.
"""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urldefrag

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.errors import MalformedRecordError
from archive.memento import original_of
from archive.model import Capture, Uri
from archive.replay import Replay
from archive.warc.http import Head, entity
from archive.warc.reader import read_at
from pipelines.capture.errors import ReplayedFailureError
from pipelines.capture.trail import begin, facts_of, note

LATEST = "latest"
NO_MESSAGE = "the record holds no HTTP response"
SETTINGS: dict[str, object] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "pipelines.capture.replay.ReplayHandler")
    | dict.fromkeys(("file", "data", "ftp", "s3")),
}
"""What a replay changes: nothing is waited for, and no other handler is there."""

MIDDLEWARES_OFF = ("pipelines.capture.robots.RobotsTxtMiddleware", "pipelines.capture.retry.RetryMiddleware")
"""Their answers of then are kept: a refusal is a failure record, the last try is the one that is replayed."""


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
        at = None if wanted == LATEST else datetime.fromisoformat(wanted)
        session = cls(Replay.open(Path(crawler.settings["FOOTNOTARY_COLLECTION"]), at=at))
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

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """The kept answer. Raises ReplayedFailureError or NotArchivedError."""
        begin(request)
        way = facts_of(request, addresses=(), certificate=None, proxied=False)
        found = self._collection.answer(Uri(urldefrag(request.url).url), way=way)
        note(request, found)
        if not isinstance(found, Capture):
            raise ReplayedFailureError(found)
        return self._response(request, found)

    def _response(self, request: Request, capture: Capture) -> Response:
        original = _done(self._collection.ask(lambda database: original_of(database, capture)))
        head = read_at(self._collection.root, capture.location).head()
        source = read_at(self._collection.root, original.location)
        wire = source.head()
        if not isinstance(head, Head) or not isinstance(wire, Head) or head.status is None:
            raise MalformedRecordError(self._collection.root / capture.location.file, capture.location.offset, NO_MESSAGE)
        body = b"".join(entity(wire, source.block.chunks(wire.size)))
        headers = Headers()
        for name, value in head.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(url=request.url, status=head.status, headers=headers, body=body)

    async def close(self) -> None:
        """Nothing is open."""


def _done(future: Future[Capture]) -> Capture:
    return future.result()
