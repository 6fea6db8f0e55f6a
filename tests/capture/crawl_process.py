"""The process behind tests.capture.crawl: `python -m tests.capture.crawl_process FOLDER`."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from pipelines.capture.addresses import literals
from pipelines.capture.outcomes import outcome_of
from pipelines.capture.session import Recorder, Session
from pipelines.capture.settings import FIXED, limits
from tests.capture.crawl import NEVER, Crawl, Ending, Outcomes, is_loopback
from tests.capture.memory import MemoryCollection

STARTED = time.monotonic()
COLLECTION = MemoryCollection()
ENDINGS: list[Ending] = []
LOOKED_UP: list[str] = []


class Names:
    """A resolver out of a table. A host without an entry is on loopback when it is an address, and unknown otherwise."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._turns: dict[str, int] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """The next answer for a host."""
        LOOKED_UP.append(host)
        if host not in self._table:
            if found := literals(host):
                return [str(found[0])]
            raise OSError(-2, "Name or service not known")
        turn = self._turns.get(host, 0)
        self._turns[host] = turn + 1
        answers = self._table[host]
        if answers == NEVER:
            await asyncio.sleep(1000)
        return list(answers[min(turn, len(answers) - 1)])


class MemorySession(Session):
    """The session over a collection in memory."""

    @classmethod
    def open_collection(cls, crawler: Crawler) -> Recorder:
        """The collection of this process."""
        return COLLECTION


class Asker(Spider):
    """Sends the requests of a crawl and notes how each ends."""

    name = "asker"
    crawl: Crawl

    async def start(self) -> AsyncIterator[Request]:
        """The requests, in order."""
        for ask in self.crawl.asks:
            yield Request(
                ask.url,
                method=ask.method,
                body=ask.body,
                headers=dict(ask.headers),
                meta={"verbatim_url": True, "asked": ask.url, **ask.meta},
                callback=self.answered,
                errback=self.failed,
                dont_filter=True,
            )

    def answered(self, response: Response) -> None:
        """A response came."""
        assert response.request is not None
        self._note(
            response.request,
            url=response.url,
            status=response.status,
            body=response.body,
            headers={name: response.headers.getlist(name) for name in response.headers},
            flags=tuple(response.flags),
        )

    def failed(self, failure: Failure) -> None:
        """An error came."""
        error = failure.value
        assert isinstance(error, Exception)
        outcome, reason = outcome_of(error)
        self._note(failure.request, error=type(error).__name__, outcome=outcome, reason=reason, url=failure.request.url)  # type: ignore[attr-defined]

    def _note(self, request: Request, **more: Any) -> None:
        ENDINGS.append(
            Ending(
                asked=request.meta["asked"],
                trail=tuple(request.meta.get("footnotary_trail", ())),
                capture=request.meta.get("footnotary_capture"),
                failure=request.meta.get("footnotary_failure"),
                after=time.monotonic() - STARTED,
                **more,
            )
        )


def _fence(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not is_loopback(arguments[1][0]):
        raise AssertionError(f"connects to {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in {None, "localhost"} and not is_loopback(arguments[0]):
        raise AssertionError(f"looks up {arguments[0]}")


def main(folder: Path) -> None:
    """Run the crawl of a folder and leave its outcome there."""
    sys.addaudithook(_fence)
    crawl: Crawl = pickle.loads((folder / "in").read_bytes())
    COLLECTION.room, COLLECTION.refusal = crawl.room, crawl.refusal
    Asker.crawl = crawl
    settings = {
        **FIXED,
        **limits(crawl.capture),
        **({} if crawl.collection else {"EXTENSIONS": {"tests.capture.crawl_process.MemorySession": 0}}),
        "FOOTNOTARY_COLLECTION": crawl.collection,
        "FOOTNOTARY_NETWORK": crawl.network,
        "FOOTNOTARY_CAPTURE": crawl.capture,
        "FOOTNOTARY_RESOLVER": Names(crawl.names),
        "HTTPERROR_ALLOW_ALL": True,
        "USER_AGENT": "footnotary/1.0 (+https://archive.example)",
        "LOG_LEVEL": "DEBUG",
        "LOG_FILE": str(folder / "log"),
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "REMOTE_CONTROL_ENABLED": False,
        **crawl.settings,
    }
    logging.captureWarnings(False)
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Asker)
    began = time.monotonic()
    process.crawl(crawler)
    (folder / "started").touch()
    process.start()
    outcomes = Outcomes(
        kept=COLLECTION.kept,
        failures=COLLECTION.failures,
        sealed=COLLECTION.sealed,
        endings=ENDINGS,
        stats=dict(crawler.stats.get_stats()),
        looked_up=LOOKED_UP,
        seconds=time.monotonic() - began,
        log=(folder / "log").read_text(),
    )
    (folder / "out.part").write_bytes(pickle.dumps(outcomes))
    (folder / "out.part").rename(folder / "out")


if __name__ == "__main__":
    from tests.capture import crawl_process  # the extension is loaded from the module of that name, not from __main__

    crawl_process.main(Path(sys.argv[1]))
