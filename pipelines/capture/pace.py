"""How the crawl's requests wait for one another: Scrapy's download slots, seen from the outside.

A slot is one host. A host that rests holds nobody else up: its requests keep their places only as long as nobody needs them.
All that touches the inside of Scrapy's downloader and engine stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later


class Pace:
    """The pace of one crawl; usable as soon as its engine is there."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @contextmanager
    def standing_aside(self) -> Iterator[None]:
        """While a request waits for something else than its own answer, another host may have its place."""
        given = self._give_places(1)
        try:
            yield
        finally:
            self._downloader.total_concurrency -= given

    def rest(self, slot_key: str, seconds: float) -> None:
        """Send nothing more to a host for a while; what already queues for it waits too."""
        downloader = self._downloader
        slot = downloader.slots.get(slot_key)
        if slot is None:
            return
        if slot.latercall is not None:
            slot.latercall.cancel()
        given = self._give_places(len(slot.queue))

        def go_on() -> None:
            downloader.total_concurrency -= given
            downloader._latercall(slot)

        slot.latercall = call_later(seconds, go_on)
        slot.lastseen = monotonic() + seconds  # Scrapy forgets slots that were not used for a while

    def drain(self) -> None:
        """Let everything that waits for a delay reach the handler at once, now and from now on."""
        downloader = self._downloader
        downloader._delay = downloader._jitter = 0.0
        downloader.per_slot_settings = {}
        for slot in downloader.slots.values():
            slot.delay = 0.0
            if slot.latercall is not None:
                slot.latercall.cancel()
                slot.latercall = None
            downloader._process_queue(slot)

    @property
    def _downloader(self) -> Downloader:
        return self._crawler.engine.downloader

    def _give_places(self, number: int) -> int:
        downloader = self._downloader
        if downloader.total_concurrency == 0:  # there is no limit
            return 0
        downloader.total_concurrency += number
        inside = self._crawler.engine._slot
        if inside is not None and number:
            inside.nextcall.schedule()  # the engine would notice with its next heartbeat only
        return number
