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
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from archive.collection import Collection
from archive.errors import ArchiveError, CollectionError
from archive.index.database import Database
from archive.model import Article, Attempt, Capture, Citation, Clock, Extraction, Outcome, RecordId, Resource, Uri, utc_now
from archive.outputs.changes import UNDONE, Change, changes
from archive.outputs.table import Row, rows_of
from archive.replay import Replay
from pipelines.capture.replay import ReplaySession
from pipelines.capture.session import Session

T = TypeVar("T")


class Desk:
    """One for each crawl. `complaints` are sentences about articles that gave nothing, `gaps` about such that gave less than
    they have; `rows`, in `changes` those that are not what they were in the run before, and in `fresh` the articles that were
    no run has had an answer for before are there after the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.clock: Clock = crawler.settings.get("FOOTNOTARY_CLOCK") or utc_now
        self.complaints: list[str] = []
        self.gaps: list[str] = []
        self.counts: Counter[Outcome] = Counter()
        self.rows: list[Row] = []
        self.changes: list[Change] = []
        self.fresh: list[Uri] = []
        self._articles: list[Article] = []
        self._open: dict[RecordId, tuple[Article, Citation]] = {}
        self._sources: set[Uri] = set()

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
    def articles(self) -> list[Uri]:
        """What was read, in the order of the configuration."""
        return [article.uri for article in sorted(self._articles, key=lambda a: a.ordinal)]

    @property
    def title(self) -> str | None:
        """The title of the first article that was read."""
        return next((article.title for article in self._articles if article.title), None)

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
        self._sources.update(citation.target for citation in citations if citation.target)

    async def take_up(self, article: Article) -> list[Citation]:
        """Go on with a reading that an earlier run has kept: its citations that have no attempt, or one that was not done,
        wait for theirs now."""
        citations = await self.ask(partial(_left_of, article))
        self._articles.append(article)
        self._open |= {citation.citation_id: (article, citation) for citation in citations}
        self._sources.update(citation.target for citation in citations if citation.target)
        return citations

    async def keep_attempt(self, attempt: Attempt) -> None:
        """Keep what became of a citation."""
        await self._kept(self.collection.keep(attempt))
        self.counts[attempt.outcome] += 1
        self._crawler.stats.inc_value(f"footnotary/attempts/{attempt.outcome}")
        self._open.pop(attempt.citation_id, None)

    def unattempted(self) -> list[tuple[Article, Citation]]:
        """The citations that still wait."""
        return list(self._open.values())

    def standing(self) -> tuple[int, int]:
        """How many sources are done, and of how many that are known so far."""
        open_ones = {citation.target for _, citation in self._open.values() if citation.target}
        return len(self._sources - open_ones), len(self._sources)

    def place_of(self, row: Row) -> tuple[int, int]:
        """Where a row stands in the table: the place of its article in the configuration, and its own in the article."""
        return next((a.ordinal for a in self._articles if a.uri == row.article), 0), row.ordinal

    async def look_back(self) -> None:
        """Take the rows of this run from the index, article by article in the order of the configuration, and what has
        changed in them since the run before. A replay is no run: nothing changes by it."""
        for article in sorted(self._articles, key=lambda a: a.ordinal):
            rows, since, changed = await self.ask(partial(_seen, article))
            self.rows += rows
            if not isinstance(self.collection, Replay):
                self.changes += changed
                new = sum(change.before is None and not change.gone for change in changed)
                self.fresh += [article.uri] * (since is None or 0 < new == len(rows))

    async def _kept(self, written: Future[T]) -> T:
        """What was handed in, once it is written. A collection that takes nothing more ends the crawl."""
        try:
            return await asyncio.wrap_future(written)
        except CollectionError as error:
            session = self._crawler.get_extension(Session)
            if session is not None:
                session.fail(error)
            raise


def _seen(article: Article, database: Database) -> tuple[list[Row], Article | None, list[Change]]:
    """The rows of a reading, the reading before it, and what has changed since."""
    rows, since = list(rows_of(database, article)), database.reading_before(article)
    return rows, since, changes(database, rows, since=since)


def _left_of(article: Article, database: Database) -> list[Citation]:
    """The citations of a reading that say nothing yet of their sources."""
    attempts = ((citation, database.attempt(citation.citation_id)) for citation in database.citations(article.record_id))
    return [citation for citation, attempt in attempts if attempt is None or attempt.outcome in UNDONE]
