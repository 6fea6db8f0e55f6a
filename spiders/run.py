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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError

from archive.errors import ArchiveError, CollectionLockedError
from archive.model import Outcome
from archive.outputs.table import Row
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.capture.session import Session
from pipelines.desk import Desk

FINE, WORSE, UNUSABLE, INCOMPLETE, LOCKED = 0, 1, 2, 3, 75

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a crawl ended: the exit code, sentences for the person who started it, and the rows of its citations. `kept_in` is
    the collection that it wrote to; None where it did not start, and in a replay."""

    exit_code: int
    sentences: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    kept_in: Path | None = None


def crawl(process: AsyncCrawlerProcess, crawler: Crawler, **arguments: Any) -> Result:
    """Run one crawl in this process to its end. Raises nothing that a user's input or the network can cause."""
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
    kept_in = None if crawler.settings.get("FOOTNOTARY_REPLAY") else desk.root
    return Result(exit_code=exit_code, sentences=tuple(sentences), rows=tuple(desk.rows), kept_in=kept_in)


def _judged(desk: Desk, stats: Mapping[str, Any]) -> tuple[int, Sequence[str]]:
    """The gravest first."""
    if desk.error is not None:
        return INCOMPLETE, [str(desk.error)]
    if desk.complaints:
        return UNUSABLE, desk.complaints
    if missing := [*desk.gaps, *_undone(desk, stats)]:
        return INCOMPLETE, missing
    return (WORSE, desk.worse) if desk.worse else (FINE, [])


def _undone(desk: Desk, stats: Mapping[str, Any]) -> Iterator[str]:
    reason = stats.get("finish_reason")
    lost = desk.counts[Outcome.INTERRUPTED] + desk.counts[Outcome.ARCHIVE_FAILED]
    many = f"{lost} {'citation was' if lost == 1 else 'citations were'} not done"
    if reason != "finished":
        yield f"the run was stopped ({reason}), {many}: run it again to go on"
    elif lost:
        yield f"{many}: run it again to go on"
    if errors := stats.get("spider_exceptions/count"):
        yield f"{errors} {'step' if errors == 1 else 'steps'} of the crawl ended in an error that the log has: please report it"
    if any(key.startswith("feedexport/failed_count") for key in stats):
        yield "the rows could not be written where -o or FEEDS wants them: the log has the reason"


def say(result: Result) -> int:
    """Print the sentences to standard error and give the exit code."""
    for sentence in result.sentences:
        print(sentence, file=sys.stderr)  # noqa: T201 - this is the front door
    return result.exit_code
