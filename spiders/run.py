"""One crawl from start to exit code, whoever asked for it: Scrapy's command or ours.

    0   fine
    1   a citation is worse than in the run before
    2   a configuration, an article or a collection can't be used: one sentence
    3   incomplete: interrupted, or something could not be kept
    75  another run holds the collection
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError

from archive.errors import ArchiveError, CollectionLockedError
from archive.model import Outcome
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.desk import Desk

FINE, WORSE, UNUSABLE, INCOMPLETE, LOCKED = 0, 1, 2, 3, 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a crawl ended: the exit code, and sentences for the person who started it."""

    exit_code: int
    sentences: tuple[str, ...] = ()


def crawl(process: AsyncCrawlerProcess, crawler: Crawler, **arguments: Any) -> Result:
    """Run one crawl in this process to its end. Raises nothing that a user's input or the network can cause."""
    task = process.crawl(crawler, **arguments)
    process.start()
    if not task.done() or task.cancelled():
        return Result(exit_code=INCOMPLETE, sentences=("stopped at once: the next run mends what was cut off",))
    return _failed(task.exception()) if task.exception() else _ended(crawler)


def _failed(error: BaseException | None) -> Result:
    match error:
        case CollectionLockedError():
            return Result(exit_code=LOCKED, sentences=(str(error),))
        case ArchiveError() | ValueError() | UsageError() | UnsuitableScrapyError():
            return Result(exit_code=UNUSABLE, sentences=(str(error),))
        case asyncio.CancelledError() | None:
            return Result(exit_code=INCOMPLETE)
        case _:
            raise error


def _ended(crawler: Crawler) -> Result:
    desk = Desk.of(crawler)
    sentences = tuple(desk.complaints)
    if desk.complaints:
        return Result(exit_code=UNUSABLE, sentences=sentences)
    if desk.error is not None:
        return Result(exit_code=INCOMPLETE, sentences=(str(desk.error),))
    if broken := crawler.stats.get_value("spider_exceptions/count", 0):
        return Result(exit_code=INCOMPLETE, sentences=(f"{broken} errors of our own kept it from being whole: see the log",))
    lost = desk.counts.get(Outcome.INTERRUPTED, 0) + desk.counts.get(Outcome.ARCHIVE_FAILED, 0)
    if lost or crawler.stats.get_value("finish_reason") != "finished":
        return Result(exit_code=INCOMPLETE, sentences=(f"{lost} citations were not done: run it again to go on",))
    if desk.worse:
        return Result(exit_code=WORSE, sentences=tuple(desk.worse))
    return Result(exit_code=FINE)


def say(result: Result) -> int:
    """Print the sentences to standard error and give the exit code."""
    for sentence in result.sentences:
        print(sentence, file=sys.stderr)  # noqa: T201 - this is the front door
    return result.exit_code
