"""The extension that writes down what a run concludes: extractions, articles, citations, attempts.

It stands between those who conclude (the spider, the stages) and the collection. In a replay nothing is written: what is
concluded goes to a copy of the index in memory. It also remembers what a person must be told at the end. A collection that
takes no conclusion ends the crawl, as one that takes no capture does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from archive.collection import Collection
from archive.errors import ArchiveError, CollectionError
from archive.index.database import Database
from archive.model import Article, Attempt, Capture, Citation, Clock, Extraction, Outcome, RecordId, Resource, utc_now
from archive.outputs.table import Row, rows_of, worsened
from archive.replay import Replay
from pipelines.capture.replay import ReplaySession
from pipelines.capture.session import Session

T = TypeVar("T")


class Desk:
    """One for each crawl. `complaints` are sentences about articles that gave nothing, `gaps` about such that gave less than
    they have; `rows`, and in `worse` a sentence for each that is worse than in the run before, are there after the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.clock: Clock = crawler.settings.get("FOOTNOTARY_CLOCK") or utc_now
        self.complaints: list[str] = []
        self.gaps: list[str] = []
        self.counts: Counter[Outcome] = Counter()
        self.rows: list[Row] = []
        self.worse: list[str] = []
        self._articles: list[Article] = []
        self._open: dict[RecordId, tuple[Article, Citation]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @classmethod
    def of(cls, crawler: Crawler) -> Desk:
        """The desk of a crawler. Raises UsageError when the extension is not in EXTENSIONS."""
        desk = crawler.get_extension(Desk)
        if desk is None:
            raise UsageError("the extension pipelines.desk.Desk is not enabled")
        return desk

    @property
    def collection(self) -> Collection | Replay:
        """Where conclusions go: the collection of the run, or a replay's copy."""
        replay = self._crawler.get_extension(ReplaySession)
        if replay is not None:
            return replay.collection
        collection = Session.of(self._crawler).collection
        if not isinstance(collection, Collection):
            raise UsageError("the session's collection takes no conclusions")
        return collection

    @property
    def run_id(self) -> str:
        return self.collection.run_id

    @property
    def root(self) -> Path:
        """The directory of the collection; locations are relative to it."""
        return self.collection.root

    @property
    def error(self) -> ArchiveError | None:
        """What kept the collection from taking everything."""
        session = self._crawler.get_extension(Session)
        return None if session is None else session.error

    def complain(self, sentence: str) -> None:
        """Note that an article can't be used, for the person who started the run."""
        self.complaints.append(sentence)

    def miss(self, sentence: str) -> None:
        """Note that something of an article is missing."""
        self.gaps.append(sentence)

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Ask the index, after everything that was kept before."""
        return await asyncio.wrap_future(self.collection.ask(question))

    async def keep_resource(self, resource: Resource) -> Capture:
        """Keep a local file. In a replay: find it, or raise NotArchivedError."""
        return await self._kept(self.collection.append_resource(resource))

    async def keep_extraction(self, extraction: Extraction, text: str | None) -> None:
        """Keep what was read."""
        await self._kept(self.collection.keep_extraction(extraction, text))

    async def keep_article(self, article: Article, citations: Sequence[Citation]) -> None:
        """Keep a reading of an article with its citations, each of which now waits for its attempt."""
        await self._kept(self.collection.keep(article))
        self._articles.append(article)
        for citation in citations:
            await self._kept(self.collection.keep(citation))
            self._open[citation.citation_id] = (article, citation)

    async def keep_attempt(self, attempt: Attempt) -> None:
        """Keep what became of a citation."""
        await self._kept(self.collection.keep(attempt))
        self.counts[attempt.outcome] += 1
        self._crawler.stats.inc_value(f"footnotary/attempts/{attempt.outcome}")
        self._open.pop(attempt.citation_id, None)

    def unattempted(self) -> list[tuple[Article, Citation]]:
        """The citations that still wait."""
        return list(self._open.values())

    def place_of(self, row: Row) -> tuple[int, int]:
        """Where a row stands in the table: the place of its article in the configuration, and its own in the article."""
        return next((a.ordinal for a in self._articles if a.uri == row.article), 0), row.ordinal

    async def look_back(self) -> None:
        """Take the rows of this run from the index, article by article in the order of the configuration, and what is
        worse in them than in the run before. A replay is no run: nothing got worse by it."""
        self.rows, self.worse = await self.ask(self._seen)

    def _seen(self, database: Database) -> tuple[list[Row], list[str]]:
        rows: list[Row] = []
        worse: list[str] = []
        for article in sorted(self._articles, key=lambda a: a.ordinal):
            now = list(rows_of(database, article))
            before = None if isinstance(self.collection, Replay) else database.reading_before(article)
            rows += now
            worse += worsened(rows_of(database, before) if before else (), now)
        return rows, worse

    async def _kept(self, written: Future[T]) -> T:
        """What was handed in, once it is written. A collection that takes nothing more ends the crawl."""
        try:
            return await asyncio.wrap_future(written)
        except CollectionError as error:
            session = self._crawler.get_extension(Session)
            if session is not None:
                session.fail(error)
            raise
