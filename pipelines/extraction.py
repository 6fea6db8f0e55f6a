"""The extension that goes from a capture to its kept text: read in a worker, written as a conversion record, once a capture.

The reader is given the place of the capture's bytes, never a response object: an error page, a cut answer and a bomb are
read the same way, in a crawl and in a replay. A revisit stands for its original, and so does its text: when the same
version of the same tool has read the original, that extraction is used again. When the run is stopped, readings under way
have a moment to end; what is not read then stays unread, and its bytes are kept all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.utils.asyncio import call_later

from archive.memento import original_of
from archive.model import Capture, Extraction, RecordId, Uri, digest_of
from archive.warc.records import new_record_id
from pipelines.capture.errors import RunStoppedError
from pipelines.capture.session import Session
from pipelines.desk import Desk
from pipelines.reading.document import Reading
from pipelines.reading.pool import Readers

MOMENT = 3.0
"""Seconds for readings under way when the run is stopped."""

T = TypeVar("T")


class Extractor:
    """One for each crawl. Its workers start with the first reading and end with the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._readers = Readers(limits=crawler.settings.get("FOOTNOTARY_READING"))
        self._running: dict[RecordId, asyncio.Task[tuple[Reading, Extraction]]] = {}
        self._known: dict[RecordId, Extraction] = {}
        self._over = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extractor = cls(crawler)
        crawler.signals.connect(extractor._listen, signal=signals.spider_opened)
        crawler.signals.connect(extractor.close, signal=signals.engine_stopped)
        return extractor

    @classmethod
    def of(cls, crawler: Crawler) -> Extractor:
        """The extractor of a crawl. Raises UsageError when the extension is not in EXTENSIONS."""
        extractor = crawler.get_extension(Extractor)
        if extractor is None:
            raise UsageError("the extension pipelines.extraction.Extractor is not enabled")
        return extractor

    def close(self) -> None:
        """End the workers."""
        self._readers.close()

    async def read(self, capture: Capture) -> tuple[Reading, Extraction]:
        """Read a capture now, keep its text, and give both. Who asks for a capture that is being read waits for it.

        Raises RunStoppedError when the run is stopped first.
        """
        source = await Desk.of(self._crawler).ask(lambda database: original_of(database, capture))
        key = source.record_id
        if key not in self._running:
            self._running[key] = asyncio.ensure_future(self._read(source))
            self._running[key].add_done_callback(lambda _: self._running.pop(key))  # texts are not held for the whole run
        reading, extraction = await asyncio.shield(self._running[key])
        self._known[key] = extraction
        return reading, extraction

    async def extract(self, capture: Capture) -> Extraction:
        """The kept text of a capture: that of an earlier run where it still holds, else a new one, as `read` gives it."""
        known = self._known.get(capture.refers_to or capture.record_id)
        if known is not None:
            return known
        original = capture.refers_to
        if original is not None:
            earlier = await Desk.of(self._crawler).ask(lambda database: database.extraction_of(original))
            if earlier is not None and (earlier.tool, earlier.version) in self._readers.tools:
                return earlier
        return (await self.read(capture))[1]

    async def _read(self, source: Capture) -> tuple[Reading, Extraction]:
        desk = Desk.of(self._crawler)
        work = self._readers.read(desk.root, source.location, uri=source.uri, media_type=source.mime)
        reading = await self._unless_over(work, uri=source.uri)
        text = None if reading.unreadable else reading.text
        extraction = Extraction(
            record_id=new_record_id(),
            capture_id=source.record_id,
            uri=source.uri,
            date=desk.clock(),
            run_id=desk.run_id,
            tool=reading.tool,
            version=reading.version,
            options=reading.options,
            text_id=None if text is None else new_record_id(),
            digest=None if text is None else digest_of(text.encode()),
            unreadable=reading.unreadable,
            title=reading.title,
            authors=reading.authors,
            published=reading.published,
            site=reading.site,
            language=reading.language,
            charset=reading.charset,
            pages=reading.pages,
        )
        await desk.keep_extraction(extraction, text)
        return reading, extraction

    def _listen(self) -> None:
        session = self._crawler.get_extension(Session)
        if session is not None:
            session.attach(self._hurry)

    def _hurry(self) -> None:
        call_later(MOMENT, self._over.set)

    async def _unless_over(self, work: Coroutine[Any, Any, T], *, uri: Uri) -> T:
        """The result of some work, or RunStoppedError once the moment has passed."""
        working, over = asyncio.ensure_future(work), asyncio.ensure_future(self._over.wait())
        await asyncio.wait({working, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if working.done():
            return working.result()
        working.cancel()
        raise RunStoppedError(uri)
