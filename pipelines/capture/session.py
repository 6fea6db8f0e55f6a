"""The extension that opens a collection for a crawl, takes what was fetched, and seals it when the crawl ends.

It is there before any request and gone after the last record: a collection that can't be opened stops the crawl with one
sentence. Ctrl-C once lets no request begin, gives those in flight some seconds to end and then cuts them, and everything is
sealed; a full disk cuts them at once. Twice is left to Scrapy, and ends like a kill.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.utils.asyncio import call_later
from scrapy.utils.misc import load_object

from archive.errors import ArchiveError, CollectionError, CollectionFullError
from archive.model import Capture, Clock, Exchange, Failure, KeptFailure, utc_now
from pipelines.capture import footing
from pipelines.capture.errors import RunStoppedError
from pipelines.capture.intake import Intake
from pipelines.capture.network import Resolver, system_resolver
from pipelines.capture.pace import Pace
from pipelines.capture.policy import CapturePolicy, NetworkPolicy, RunPolicy
from pipelines.capture.tls import certificate_options

logger = logging.getLogger(__name__)

GRACE = 3.0
"""Seconds for requests in flight when the run is stopped; with those of the readers and the seal they stay below ten."""

SOFTWARE = ("footnotary", "Scrapy", "Twisted", "warcio", "trafilatura", "cryptography")
"""The packages whose versions are said of a run."""


class Recorder(Protocol):
    """What a session needs of a collection; archive.collection.Collection is one."""

    @property
    def run_id(self) -> str:
        """Names this run in every record."""

    def append(self, exchange: Exchange) -> Future[Capture]:
        """Keep an exchange; ends when it is written, with an ArchiveError when it could not be."""

    def append_failure(self, failure: Failure) -> Future[KeptFailure]:
        """Keep a failure, in the same way."""

    def seal(self, *, reason: str, counts: Mapping[str, int]) -> None:
        """End the run. Raises ArchiveError."""


class Session:
    """One crawl's hold on its collection. `collection` may be used by whoever concludes something from the captures."""

    def __init__(self, crawler: Crawler, collection: Recorder) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self.collection = collection
        self.network: NetworkPolicy = settings.get("FOOTNOTARY_NETWORK") or NetworkPolicy()
        self.capture: CapturePolicy = settings.get("FOOTNOTARY_CAPTURE") or CapturePolicy()
        self.clock: Clock = settings.get("FOOTNOTARY_CLOCK") or utc_now
        self.resolver: Resolver = settings.get("FOOTNOTARY_RESOLVER") or system_resolver
        self.intake = Intake(limit=2 * settings.getint("DOWNLOAD_MAXSIZE"), later=call_later)
        self.pace = Pace(crawler)
        self.stopped = asyncio.Event()
        self.error: ArchiveError | None = None
        self._cuts: list[Callable[[], None]] = []
        self._before: dict[int, Any] = {}
        self._sealed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Check the ground, open the collection, and listen. Raises ArchiveError, UnsuitableScrapyError or ValueError."""
        if crawler.settings.get("FOOTNOTARY_REPLAY"):
            raise NotConfigured  # a replay writes nothing
        footing.check()
        _check_handlers(crawler)
        certificate_options(crawler.settings.get("FOOTNOTARY_NETWORK") or NetworkPolicy())
        session = cls(crawler, cls.open_collection(crawler))
        crawler.signals.connect(session._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(session._spider_closed, signal=signals.spider_closed)
        return session

    @classmethod
    def open_collection(cls, crawler: Crawler) -> Recorder:
        """The collection that the settings name, opened for writing. Raises ArchiveError."""
        settings = crawler.settings
        path = settings.get("FOOTNOTARY_COLLECTION")
        if not path:
            raise UsageError("the setting FOOTNOTARY_COLLECTION names no collection")
        from archive.collection import Collection, RunFacts  # the archive's writer is needed by crawls that write only

        run: RunPolicy = settings.get("FOOTNOTARY_RUN") or RunPolicy()
        network: NetworkPolicy = settings.get("FOOTNOTARY_NETWORK") or NetworkPolicy()
        facts = RunFacts(
            operator=run.operator,
            user_agent=settings["USER_AGENT"],
            robots=str(network.robots),
            arguments=run.arguments,
            software=software(),
            configuration=run.configuration,
            title=run.title,
        )
        return Collection.open(Path(path), facts, clock=settings.get("FOOTNOTARY_CLOCK") or utc_now)

    @classmethod
    def of(cls, crawler: Crawler) -> Session:
        """The session of a crawler. Raises UsageError when the extension is not in EXTENSIONS."""
        session = crawler.get_extension(Session)
        if session is None:
            raise UsageError("the extension pipelines.capture.session.Session is not enabled")
        return session

    # What the other parts of the room ask

    def attach(self, cut: Callable[[], None]) -> None:
        """`cut` will be called once when the requests in flight must end."""
        self._cuts.append(cut)

    def check(self, uri: str) -> None:
        """Raise what keeps a request from being sent now: RunStoppedError, or the error that closed the collection."""
        if self.error is not None:
            raise self.error
        if self.stopped.is_set():
            raise RunStoppedError(uri)

    async def keep(self, value: Exchange | Failure) -> Capture | KeptFailure:
        """Keep what was met, and wait until it is written. Raises ArchiveError; one of the whole collection ends the crawl."""
        try:
            return await self._written(value)
        except CollectionError as error:
            self.fail(error)
            raise

    async def _written(self, value: Exchange | Failure) -> Capture | KeptFailure:
        if isinstance(value, Exchange):
            capture = await asyncio.wrap_future(self.collection.append(value))
            self._count("captures")
            self._count("bytes", capture.location.length)
            if capture.truncated is not None:
                self._count(f"truncated/{capture.truncated}")
            return capture
        failure = await asyncio.wrap_future(self.collection.append_failure(value))
        self._count("failures")
        self._count(f"failures/{failure.outcome}")
        return failure

    def _count(self, key: str, by: int = 1) -> None:
        self._crawler.stats.inc_value(f"footnotary/{key}", by)

    def counts(self) -> dict[str, int]:
        """What this run has counted so far, without the prefix `footnotary/`."""
        prefix = "footnotary/"
        stats = self._crawler.stats.get_stats()
        return {key.removeprefix(prefix): value for key, value in sorted(stats.items()) if key.startswith(prefix)}

    # How a crawl ends

    def fail(self, error: ArchiveError) -> None:
        """The collection takes nothing more: end the crawl now instead of failing request by request."""
        if self.error is not None:
            return
        self.error = error
        logger.error("%s", error)
        self.interrupt(grace=0)
        engine = self._crawler.engine
        if engine.spider is not None:
            reason = "collection_full" if isinstance(error, CollectionFullError) else "collection_failed"
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=reason))

    def interrupt(self, *, grace: float = GRACE) -> None:
        """Begin nothing more and let nothing wait any longer; what is in flight is cut after so many seconds. Who calls this
        closes the engine too."""
        if not self.stopped.is_set():
            self.stopped.set()
            self.pace.drain()
        if grace:
            call_later(grace, self._cut)
        else:
            self._cut()

    def _cut(self) -> None:
        for cut in self._cuts:
            cut()

    def close(self, reason: str) -> None:
        """Seal the collection, once. Raises ArchiveError."""
        if self._sealed:
            return
        self._sealed = True
        self.collection.seal(reason=reason, counts=self.counts())

    def _spider_opened(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler) and handler is not signal.default_int_handler:  # Scrapy's: there is a graceful stop to add to
                self._before[number] = handler
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        from twisted.internet import reactor

        reactor.callFromThread(self.interrupt)
        self._before[number](number, frame)

    def _spider_closed(self, reason: str) -> None:
        for number, handler in self._before.items():
            if signal.getsignal(number) == self._on_signal:
                signal.signal(number, handler)
        try:
            self.close(reason)
        except ArchiveError as error:  # raised here it would only be logged, with a traceback
            logger.log(logging.INFO if self.error else logging.ERROR, "%s", error)  # the first one says what to do
            self.error = self.error or error


def _check_handlers(crawler: Crawler) -> None:
    """A handler that can't be built would only show up as an unsupported URL scheme, and another one would keep nothing."""
    from pipelines.capture.recording import RecordingHandler  # it asks for its session, so it knows this module

    handlers = crawler.settings.getwithbase("DOWNLOAD_HANDLERS")
    for scheme in ("http", "https"):
        handler = load_object(handlers[scheme]) if handlers.get(scheme) else None
        if not (isinstance(handler, type) and issubclass(handler, RecordingHandler)):
            raise UsageError(
                f"DOWNLOAD_HANDLERS: {scheme} is not pipelines.capture.recording.RecordingHandler: nothing would be kept"
            )


def software() -> dict[str, str]:
    """Names and versions of what makes a capture, for the record."""
    found = {"Python": platform.python_version()}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a checkout that is run in place
            continue
    return found
