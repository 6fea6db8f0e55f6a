"""The item pipelines, in order: read, keep.

`ReadStage` reads what was captured. `KeepStage` writes the attempt and hands on the row that a user sees. At the close of
the spider every citation that is still without an attempt gets one, `interrupted`: none leaves a run unrecorded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.errors import ArchiveError
from archive.model import Article, Attempt, Citation, Outcome
from archive.outputs.table import Row, row_of
from archive.warc.records import new_record_id
from pipelines.capture.errors import RunStoppedError
from pipelines.desk import Desk
from pipelines.extraction import Extractor
from pipelines.items import CitedSource


class ReadStage:
    """Fills in the extraction of whatever was captured, where it is not known yet."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: CitedSource) -> CitedSource:
        """The same item with its extraction. Raises DropItem when the collection takes nothing more."""
        if item.capture is None or item.extraction is not None:
            return item
        try:
            with _dropping():
                return replace(item, extraction=await Extractor.of(self._crawler).extract(item.capture))
        except RunStoppedError:
            return replace(item, outcome=Outcome.INTERRUPTED, reason="it came, and the run was stopped before it was read")


class KeepStage:
    """Writes each attempt; knows which citations still lack one."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._sequence = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: CitedSource) -> Row:
        """Keep the attempt, and give the row of `footnotary citations`. Raises DropItem when the collection takes nothing
        more."""
        desk = Desk.of(self._crawler)
        attempt = self._attempt(item, desk)
        with _dropping():
            await desk.keep_attempt(attempt)
        return row_of(item.article, item.citation, attempt=attempt, capture=item.capture, extraction=item.extraction)

    async def close_spider(self) -> None:
        """Record the citations that the end of the run overtook; their rows are items as well."""
        desk = Desk.of(self._crawler)
        with contextlib.suppress(ArchiveError):  # the desk has noted it, and the run ends as incomplete
            for article, citation in desk.unattempted():
                await self._interrupted(article, citation)
            await desk.look_back()

    async def _interrupted(self, article: Article, citation: Citation) -> None:
        reason = "the run ended before its turn came"
        item = CitedSource(article=article, citation=citation, outcome=Outcome.INTERRUPTED, reason=reason)
        attempt = self._attempt(item, Desk.of(self._crawler))
        await Desk.of(self._crawler).keep_attempt(attempt)
        row = row_of(article, citation, attempt=attempt)
        spider = self._crawler.spider
        await self._crawler.signals.send_catch_log_async(signals.item_scraped, item=row, response=None, spider=spider)

    def _attempt(self, item: CitedSource, desk: Desk) -> Attempt:
        self._sequence += 1
        return Attempt(
            record_id=new_record_id(),
            citation_id=item.citation.citation_id,
            run_id=desk.run_id,
            sequence=self._sequence,
            date=desk.clock(),
            outcome=item.outcome,
            reason=item.reason,
            target=item.citation.target,
            hops=item.trail,
            capture_id=item.capture.record_id if item.capture else None,
            failure_id=item.failure.record_id if item.failure else None,
            extraction_id=item.extraction.record_id if item.extraction else None,
        )


@contextlib.contextmanager
def _dropping() -> Iterator[None]:
    """An archive error in Scrapy's words, and quietly: the session has said it. The citation stays without an attempt."""
    try:
        yield
    except ArchiveError as error:
        raise DropItem(str(error), log_level="DEBUG") from error
