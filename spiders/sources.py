"""The spider: article in, its sources asked for.

It decides what is one target (the exact URL without its fragment), asks for each target once, and says of every citation
what became of it. How bytes are kept and read is decided to its right; it never looks into a body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.python.failure import Failure as TwistedFailure

from archive.errors import ArchiveError
from archive.memento import original_of
from archive.model import Article, Capture, Citation, KeptFailure, Outcome, RecordId, Resource, Role, Uri
from archive.warc.records import new_record_id
from pipelines.capture.errors import RunStoppedError
from pipelines.capture.outcomes import outcome_of
from pipelines.desk import Desk
from pipelines.extraction import Extractor
from pipelines.items import Answered, CitedSource
from spiders.article import ArticleError, ArticleSource
from spiders.citations import cite, reason_to_skip
from spiders.config import Config, ConfigError
from spiders.job import Job, basis_of
from spiders.plan import Plan

if TYPE_CHECKING:
    from spiders.example.site import Reactor

ARTICLE_PRIORITY = 100
"""Articles before sources: what they cite is not known before they are read."""


class SourcesSpider(Spider):
    """`scrapy crawl sources [-a config=FILE] [-a article=URL_OR_FILE] [-a collection=DIR] [-a replay=latest or DATETIME]`."""

    name = "sources"

    def __init__(self, plan: Plan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.job = Job(path=None)
        self._cited: dict[Uri, list[tuple[Article, Citation]]] = {}
        self._answers: dict[Uri, Answered] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, **kwargs: Any) -> Self:
        """Read the configuration and hand each room its policy. Raises ConfigError, ArticleError or CollectionError."""
        spider = super().from_crawler(crawler, Plan.of(**kwargs))
        spider.plan.apply(crawler.settings)
        if spider.plan.replay is None:
            spider.job = Job.of(crawler.settings)
            crawler.signals.connect(spider._close_job, signal=signals.spider_closed)
        if spider.plan.web is not None:
            crawler.signals.connect(spider._stop_web, signal=signals.engine_stopped)
        return spider

    async def _stop_web(self) -> None:
        if self.plan.web is not None:
            await maybe_deferred_to_future(self.plan.web.stop())

    def _close_job(self, reason: str) -> None:
        self.job.close(reason, self.desk)

    @property
    def config(self) -> Config:
        return self.plan.config

    @property
    def desk(self) -> Desk:
        return Desk.of(self.crawler)

    async def start(self) -> AsyncIterator[Any]:
        """One way for each article: a page is asked for, a file is kept as it is."""
        if self.plan.web is not None:
            from twisted.internet import reactor

            self.plan.web.start(cast("Reactor", reactor))
        begun = await self.job.begun(self.plan.articles, policy=self.config.sources, desk=self.desk)
        self._answers |= await self.job.answers(self.desk)
        for ordinal, (source, reading) in enumerate(zip(self.plan.articles, begun, strict=True), 1):
            if reading is not None:
                async for request in self._requests(self._go_on(source, reading)):
                    yield request
            elif source.content is None:
                yield self._article_request(ordinal, source)
            else:
                async for request in self._requests(self._from_file(ordinal, source, source.content)):
                    yield request

    async def _requests(self, things: AsyncIterator[Any]) -> AsyncIterator[Request]:
        """The requests; yielded with them, an item lets the engine find out with its next heartbeat only that all is done."""
        async for thing in things:
            if isinstance(thing, Request):
                yield thing
            else:
                await self.crawler.engine.scraper.start_itemproc_async(thing, response=None)

    async def _go_on(self, source: ArticleSource, article: Article) -> AsyncIterator[Request | CitedSource]:
        """What an earlier run of the job has left of a reading."""
        self._say_cut(source, await self.desk.ask(lambda database: database.capture(article.capture_id)))
        for citation in await self.desk.take_up(article):
            for thing in self._follow(article, citation):
                yield thing

    def _article_request(self, ordinal: int, source: ArticleSource) -> Request:
        return Request(
            source.uri,
            callback=self.article_answered,
            errback=self.article_failed,
            cb_kwargs={"ordinal": ordinal, "source": source},
            meta={"verbatim_url": True, "footnotary_role": Role.ARTICLE, "footnotary_via": None, "footnotary_hops": ""},
            priority=ARTICLE_PRIORITY,
        )

    async def _from_file(self, ordinal: int, source: ArticleSource, content: bytes) -> AsyncIterator[Any]:
        resource = Resource(uri=source.uri, content_type=source.media_type, content=content, at=self.desk.clock())
        try:
            capture = await self.desk.keep_resource(resource)
        except ArchiveError as error:
            self.desk.complain(f"{source.name}: {error}")
            return
        async for thing in self._cite(ordinal, source, capture):
            yield thing

    async def article_answered(self, response: Response, *, ordinal: int, source: ArticleSource) -> AsyncIterator[Any]:
        """Read an article that came over the network."""
        if not 200 <= response.status < 300:
            self.desk.complain(f"{source.name} answered {response.status}: there is no article to read")
            return
        async for thing in self._cite(ordinal, source, response.meta["footnotary_capture"]):
            yield thing

    def article_failed(self, failure: TwistedFailure) -> None:
        """An article that did not come. Where the run was stopped first, it is only missing."""
        outcome, reason = outcome_of(cast(Exception, failure.value))
        source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]  # Scrapy adds it
        say = self.desk.miss if outcome == Outcome.INTERRUPTED else self.desk.complain
        say(f"{source.name} did not come: {reason}")

    async def _cite(self, ordinal: int, source: ArticleSource, capture: Capture) -> AsyncIterator[Any]:
        try:
            article, citations = await self._read(ordinal, source, capture)
        except (ArchiveError, ArticleError, ConfigError) as error:
            self.desk.complain(str(error))
            return
        except RunStoppedError:
            self.desk.miss(f"{source.name} was kept, but not read: the run was stopped first")
            return
        self._say_cut(source, capture)
        for citation in citations:
            for thing in self._follow(article, citation):
                yield thing

    def _say_cut(self, source: ArticleSource, capture: Capture | None) -> None:
        if capture is not None and capture.truncated is not None:
            cut = f"was cut short ({capture.truncated})"
            self.desk.miss(f"{source.name} {cut}, and what it cites after that is missing: run it again")

    async def _read(self, ordinal: int, source: ArticleSource, capture: Capture) -> tuple[Article, Sequence[Citation]]:
        """Read an article, and keep what it cites. Raises ArchiveError, ArticleError or ConfigError."""
        reading, extraction = await Extractor.of(self.crawler).read(capture)
        if reading.unreadable is not None:
            raise ArticleError(f"{source.name} can't be read: {reading.unreadable}")
        article = Article(
            record_id=new_record_id(),
            uri=source.uri,
            capture_id=capture.record_id,
            extraction_id=extraction.record_id,
            date=self.desk.clock(),
            run_id=self.desk.run_id,
            ordinal=ordinal,
            title=reading.title,
            published=source.published or reading.published,
            links=reading.links,
        )
        citations = cite(article, source, policy=self.config.sources, file=self.config.path)
        await self.desk.keep_article(article, citations)
        self.job.add(article.record_id, basis=basis_of(source, policy=self.config.sources))
        return article, citations

    def _follow(self, article: Article, citation: Citation) -> Iterator[Request | CitedSource]:
        target = citation.target
        if target is None:
            lost = Answered(outcome=Outcome.NO_TARGET, reason="the link has lost its target")
            yield lost.item(article, citation)
        elif reason := reason_to_skip(citation, policy=self.config.sources):
            yield Answered(outcome=Outcome.SKIPPED, reason=reason).item(article, citation)
        elif target in self._answers:
            yield self._answers[target].item(article, citation)
        else:
            waiting = self._cited.setdefault(target, [])
            waiting.append((article, citation))
            if len(waiting) == 1:
                yield self._source_request(article, target)

    def _source_request(self, article: Article, target: Uri) -> Request:
        return Request(
            target,
            callback=self.source_answered,
            errback=self.source_failed,
            cb_kwargs={"target": target},
            meta={
                "verbatim_url": True,
                "footnotary_role": Role.SOURCE,
                "footnotary_via": article.uri,
                "footnotary_hops": "L",
                "download_slot": urlsplit(target).hostname,
            },
        )

    async def source_answered(self, response: Response, *, target: Uri) -> AsyncIterator[CitedSource]:
        """A source came, whatever its status."""
        capture = response.meta["footnotary_capture"]
        for item in self._answered(target, await self._captured(capture, response.meta)):
            yield item

    async def source_failed(self, failure: TwistedFailure) -> AsyncIterator[CitedSource]:
        """A source did not come, or only the start of it."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        capture: Capture | None = request.meta.get("footnotary_capture")
        kept: KeptFailure | None = request.meta.get("footnotary_failure")
        if capture is not None and capture.truncated is not None and kept is None:
            answered = await self._captured(capture, request.meta)
        else:
            outcome, reason = outcome_of(cast(Exception, failure.value))
            answered = Answered(outcome=outcome, reason=reason, trail=_trail(request.meta), failure=kept)
        for item in self._answered(request.cb_kwargs["target"], answered):
            yield item

    async def _captured(self, capture: Capture, meta: dict[str, Any]) -> Answered:
        """`unchanged` is said of what an earlier run has kept with the same bytes; twice in one run is captured twice."""
        try:
            original = await self.desk.ask(lambda database: original_of(database, capture))
        except ArchiveError as error:
            reason = f"what was kept can't be looked up: {error}"
            return Answered(outcome=Outcome.ARCHIVE_FAILED, reason=reason, trail=_trail(meta))
        outcome = Outcome.CAPTURED if original.run_id == capture.run_id else Outcome.UNCHANGED
        cut = f", cut short ({capture.truncated})" if capture.truncated else ""
        reason = f"HTTP {capture.status}{cut}"
        return Answered(outcome=outcome, reason=reason, trail=_trail(meta), capture=capture)

    def _answered(self, target: Uri, answered: Answered) -> Iterator[CitedSource]:
        """What became of a target, for each citation that waits for it."""
        self._answers[target] = answered
        for article, citation in self._cited.pop(target, ()):
            yield answered.item(article, citation)


def _trail(meta: dict[str, Any]) -> tuple[RecordId, ...]:
    return tuple(meta.get("footnotary_trail", ()))
