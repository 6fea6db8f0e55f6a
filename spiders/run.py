"""One crawl from start to exit code, whoever asked for it: Scrapy's command or ours.

Whatever ends a crawl, a person gets sentences; a traceback is for the log at DEBUG.

    0   fine
    1   a citation is worse than in the run before
    2   a configuration, an article or a collection can't be used: one sentence
    3   incomplete: interrupted, or something could not be kept
    75  another run holds the collection
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError
from scrapy.utils.log import log_scrapy_info

from archive.errors import ArchiveError, CollectionLockedError
from archive.index.database import Database
from archive.layout import Layout
from archive.model import Uri
from archive.outputs.changes import UNDONE, Change
from archive.outputs.table import Row
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.capture.session import Session
from pipelines.desk import Desk
from spiders.log import RunLog, Sentences, asks_for_the_log, logging_of, to_stderr

if TYPE_CHECKING:
    from spiders.progress import Shown

NAMED = 5
"""Sources that are named of those that are missing."""

FINE, WORSE, UNUSABLE, INCOMPLETE, LOCKED = 0, 1, 2, 3, 75

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a crawl ended: the exit code, sentences for the person who started it, and the rows of its citations. `kept_in` is
    the collection that it wrote to; None where it did not start, and in a replay. `articles` were read, `fresh` of them for
    the first time, `title` is that of the first. `changes` are against the run before; `said` was printed meanwhile."""

    exit_code: int
    sentences: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    articles: tuple[Uri, ...] = ()
    fresh: tuple[Uri, ...] = ()
    changes: tuple[Change, ...] = ()
    kept_in: Path | None = None
    title: str | None = None
    said: frozenset[str] = frozenset()


def crawl(process: AsyncCrawlerProcess, crawler: Crawler, **arguments: Any) -> Result:
    """Run one crawl in this process to its end. Raises nothing that a user's input or the network can cause."""
    shown = None if asks_for_the_log(crawler.settings) else _shown(crawler)
    sentences = Sentences(shown.say if shown else to_stderr)
    with logging_of(crawler.settings, sentences=sentences) as log:
        log_scrapy_info(crawler.settings)  # what Scrapy said when it was started went nowhere
        crawler.signals.connect(opened := _opener(crawler, log), signal=signals.spider_opened)
        try:
            result = _crawl(process, crawler, arguments)
        finally:
            del opened  # Scrapy holds its listeners weakly
            if shown:
                shown.end()
    return replace(result, said=frozenset(sentences.said))


def _shown(crawler: Crawler) -> Shown | None:
    """The line on the terminal; what draws it is not needed where there is no terminal."""
    if not sys.stderr.isatty():
        return None
    from spiders.progress import shown_for

    return shown_for(crawler)


def _opener(crawler: Crawler, log: RunLog) -> Callable[[], None]:
    """What names the file of the log, once there is a collection for it."""

    def opened() -> None:
        if _session(crawler) is not None:
            desk = Desk.of(crawler)
            log.open(Layout(desk.root).logs / f"{desk.run_id}.log")

    return opened


def _crawl(process: AsyncCrawlerProcess, crawler: Crawler, arguments: Mapping[str, Any]) -> Result:
    task = process.crawl(crawler, **arguments)
    process.start()
    if not task.done() or task.cancelled():
        return _cut_off(crawler)
    if task.exception():
        _leave(crawler, reason="start_error")
        return _failed(task.exception())
    return _ended(crawler)


def _cut_off(crawler: Crawler) -> Result:
    """Asked to stop twice; or once, before Scrapy could be asked: then nothing was fetched, and the run is ended here."""
    session = _session(crawler)
    if session is not None and session.stopped.is_set():
        return Result(exit_code=INCOMPLETE, sentences=("stopped at once: the next run mends what was cut off",))
    _leave(crawler, reason="shutdown")
    return Result(exit_code=INCOMPLETE, sentences=("stopped before it began: run it again",))


def _leave(crawler: Crawler, *, reason: str) -> None:
    """Seal what was opened for a crawl that did not start, so that there is nothing to mend."""
    session = _session(crawler)
    if session is not None:
        with contextlib.suppress(ArchiveError):  # what ended the crawl is said
            session.close(reason)


def _session(crawler: Crawler) -> Session | None:
    try:
        return crawler.get_extension(Session)
    except RuntimeError:  # Scrapy had not made its extensions yet
        return None


def _failed(error: BaseException | None) -> Result:
    match error:
        case CollectionLockedError():
            return Result(exit_code=LOCKED, sentences=(str(error),))
        case ArchiveError() | ValueError() | UsageError() | UnsuitableScrapyError():
            return Result(exit_code=UNUSABLE, sentences=(str(error),))
        case asyncio.CancelledError() | None:
            return Result(exit_code=INCOMPLETE)
        case _:
            logger.debug("The crawl did not start", exc_info=error)
            return Result(exit_code=UNUSABLE, sentences=(f"the crawl could not start ({type(error).__name__}: {error})",))


def _ended(crawler: Crawler) -> Result:
    desk = Desk.of(crawler)
    exit_code, sentences = _judged(desk, crawler.stats.get_stats())
    return Result(
        exit_code=exit_code,
        sentences=tuple(sentences),
        rows=tuple(desk.rows),
        articles=tuple(desk.articles),
        fresh=tuple(desk.fresh),
        changes=tuple(desk.changes),
        kept_in=None if crawler.settings.get("FOOTNOTARY_REPLAY") else desk.root,
        title=desk.title,
    )


def _judged(desk: Desk, stats: Mapping[str, Any]) -> tuple[int, Sequence[str]]:
    """The gravest decides; what got worse is said with everything but an error."""
    worse = [str(change) for change in desk.changes if change.worse]
    if desk.error is not None:
        return INCOMPLETE, [str(desk.error)]
    if desk.complaints:
        return UNUSABLE, [*desk.complaints, *worse]
    if missing := [*desk.gaps, *_undone(desk, stats)]:
        return INCOMPLETE, [*missing, *worse]
    return (WORSE, worse) if worse else (FINE, [])


def _undone(desk: Desk, stats: Mapping[str, Any]) -> Iterator[str]:
    reason = stats.get("finish_reason")
    lost = [row for row in desk.rows if row.outcome in UNDONE]
    many = f"{len(lost)} {'citation was' if len(lost) == 1 else 'citations were'} not done{_named(lost)}"
    if reason != "finished":
        yield f"the run was stopped ({reason}), {many}: run it again to go on"
    elif lost:
        yield f"{many}: run it again to go on"
    if errors := stats.get("spider_exceptions/count"):
        yield f"{errors} {'step' if errors == 1 else 'steps'} of the crawl ended in an error that the log has: please report it"
    if any(key.startswith("feedexport/failed_count") for key in stats):
        yield "the rows could not be written where -o or FEEDS wants them: the log has the reason"


def _named(rows: Sequence[Row]) -> str:
    """Which ones are missing, the first of them by number and address."""
    named = [f"{row.ordinal} {row.target or row.href}" for row in rows[:NAMED]]
    more = [f"and {len(rows) - NAMED} more"] if len(rows) > NAMED else []
    return f" ({', '.join([*named, *more])})" if rows else ""


def report(result: Result) -> tuple[Result, Path | None]:
    """Write the pages of the articles that were read, and give the front page; a page that can't be written is a sentence."""
    if result.kept_in is None or not result.articles:
        return result, None
    from archive.outputs.report import write  # needed at the end only

    layout = Layout(result.kept_in)
    try:
        with Database.open_read_only(layout.database) as database:
            written = write(layout, database, into=layout.report, only=result.articles)
    except ArchiveError as error:
        return replace(result, sentences=(*result.sentences, f"the report could not be written: {error}")), None
    return result, written.front


def say(result: Result) -> int:
    """Print the sentences to standard error, each once, and give the exit code."""
    for sentence in result.sentences:
        if sentence not in result.said:
            to_stderr(sentence)
    return result.exit_code
