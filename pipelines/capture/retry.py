"""Sending again what may come the second time, and waiting as long as a server asks.

An answer of 429 or 5xx, a time-out, a lost connection and an answer that ended early are sent again; an error of the
archive, a refusal and a certificate that does not hold are not. Retry-After (RFC 9110, 10.2.3) makes every request to that
host wait, up to the policy's limit; other hosts go on, and the end of the run ends the waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware as ScrapyRetryMiddleware
from scrapy.http import Response

from archive.model import Capture, Truncated
from pipelines.capture.session import Session

RETRY_EXCEPTIONS = (
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    "scrapy.core.downloader.handlers.http11.TunnelError",
    "twisted.internet.error.ConnectError",
    "twisted.internet.error.ConnectionDone",
    "twisted.internet.error.ConnectionLost",
)
"""The value of the setting of that name. OSError is not in it: a full disk must not be asked twice."""


class RetryMiddleware(ScrapyRetryMiddleware):
    """Takes the place of Scrapy's. Works only on the asyncio reactor."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._session = Session.of(crawler)
        self._not_before: dict[str, float] = {}  # by download slot (the host), on the clock of `monotonic`

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy's; the session must be there already."""
        middleware = cls(crawler)
        # before the slot sends its next request; process_response would be too late for that one
        crawler.signals.connect(middleware._remember, signal=signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Wait as long as the host of this request asked for, or less when the run is stopped."""
        slot = self.crawler.engine.downloader.get_slot_key(request)
        while (seconds := self._not_before.get(slot, 0.0) - monotonic()) > 0 and not self._session.stopped.is_set():
            with self._session.pace.standing_aside(), contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._session.stopped.wait(), seconds)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # Scrapy no longer passes the spider
        """Send again what Scrapy would, and what ended early."""
        again = super().process_response(request, response)
        capture: Capture | None = request.meta.get("footnotary_capture")
        if again is response and capture is not None and capture.truncated == Truncated.DISCONNECT:
            again = self._retry(request, "the answer ended early") or response
        return again

    def _remember(self, request: Request, response: Response) -> None:
        """Note how long a host asks to wait, and let it rest."""
        asked = retry_after(response.headers.get("Retry-After"), now=self._session.clock())
        if asked is None or response.status not in self.retry_http_codes or self._session.stopped.is_set():
            return
        seconds = min(asked, self._session.capture.retry_after_limit)
        slot = self.crawler.engine.downloader.get_slot_key(request)
        self._not_before[slot] = max(self._not_before.get(slot, 0.0), monotonic() + seconds)
        self._session.pace.rest(slot, seconds)
        self.crawler.stats.inc_value("footnotary/retry_after")

    def _retry(self, request: Request, reason: str | Exception | type[Exception]) -> Request | None:
        if self._session.stopped.is_set() or request.meta.get("dont_retry", False):
            return None
        return super()._retry(request, reason)


def retry_after(value: bytes | None, *, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, never negative; None when it says nothing that can be read."""
    text = (value or b"").decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser of dates knows no error of its own
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
