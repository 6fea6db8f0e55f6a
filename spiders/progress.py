"""What a person sees while a crawl runs: one line on a terminal, gone when the crawl ends.

How many sources are done of those that are known, what has come, what failed, and whom the crawl waits for. Nothing is shown
where standard error is no terminal, or one that can't move its cursor.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text
from scrapy import Request, signals
from scrapy.crawler import Crawler

from archive.model import Outcome
from archive.outputs.plain import plain
from pipelines.desk import Desk

TICK = 0.2
"""Seconds between two looks."""

NAMED = 2
"""Hosts that are named; the others are counted."""

LONG = 3.0
"""Seconds after which it is said how long a host has been waited for."""


FAILED = (Outcome.ROBOTS, Outcome.UNREACHABLE, Outcome.ADDRESS_BLOCKED, Outcome.ARCHIVE_FAILED)
"""Outcomes that are counted as failures while the crawl runs."""


class Watch:
    """Knows which requests are under way, and since when."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._since: dict[Request, float] = {}
        crawler.signals.connect(self._reached, signal=signals.request_reached_downloader)
        crawler.signals.connect(self._left, signal=signals.request_left_downloader)

    def line(self) -> str:
        """The line without its bar."""
        parts = [*self._counts(self._crawler.stats.get_stats()), self._waiting()]
        return " · ".join(filter(None, parts))

    def standing(self) -> tuple[int, int]:
        """Sources done, and known."""
        return Desk.of(self._crawler).standing()

    def _counts(self, stats: Mapping[str, Any]) -> Iterator[str]:
        done, known = self.standing()
        yield f"{done} of {known} sources" if known else "reading the article"
        yield decimal(stats.get("downloader/response_bytes", 0))
        counts = Desk.of(self._crawler).counts
        if failed := sum(counts[outcome] for outcome in FAILED):
            yield f"{failed} {'failure' if failed == 1 else 'failures'}"

    def _waiting(self) -> str:
        """Whom the crawl waits for, the longest first."""
        began: dict[str, float] = {}
        for request, since in self._since.items():
            host = urlsplit(request.url).hostname or request.url
            began[host] = min(since, began.get(host, since))
        hosts = sorted(began, key=lambda host: began[host])
        named = [self._named(host, time.monotonic() - began[host]) for host in hosts[:NAMED]]
        more = f" and {len(hosts) - NAMED} more" if len(hosts) > NAMED else ""
        return f"waiting for {', '.join(named)}{more}" if hosts else ""

    def _named(self, host: str, seconds: float) -> str:
        return plain(host) + (f" ({seconds:.0f} s)" if seconds >= LONG else "")

    def _reached(self, request: Request) -> None:
        self._since[request] = time.monotonic()

    def _left(self, request: Request) -> None:
        self._since.pop(request, None)


class Shown:
    """The line on a terminal, from `begin` to `end`; `say` puts a sentence above it."""

    def __init__(self, crawler: Crawler, console: Console) -> None:
        self._watch = Watch(crawler)
        self._console = console
        columns = (SpinnerColumn(), BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
        self._progress = Progress(*columns, console=console, auto_refresh=False, transient=True)
        self._bar = self._progress.add_task("", total=None)
        self._running: asyncio.Task[None] | None = None
        crawler.signals.connect(self.begin, signal=signals.spider_opened)
        crawler.signals.connect(self.end, signal=signals.spider_closed)

    def say(self, sentence: str) -> None:
        """Print a line that stays."""
        self._console.print(Text(sentence), soft_wrap=True)

    def begin(self) -> None:
        """Show the line, and keep it up to date."""
        self._progress.start()
        self._running = asyncio.ensure_future(self._run())

    def end(self) -> None:
        """Take the line away; doing it again changes nothing."""
        if self._running is not None:
            self._running.cancel()
        self._progress.stop()

    async def _run(self) -> None:
        while True:
            done, known = self._watch.standing()
            self._progress.update(self._bar, completed=done, total=known or None, description=self._watch.line())
            self._progress.refresh()
            await asyncio.sleep(TICK)


def shown_for(crawler: Crawler) -> Shown | None:
    """The line of a crawl; None where there is no terminal for it. Scrapy holds it weakly: keep it until the crawl ends."""
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    return Shown(crawler, console) if console.is_terminal and not console.is_dumb_terminal else None
