"""`scrapy crawl`, with exit codes that say how it ended. Other spiders than ours run as Scrapy documents."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import AsyncCrawlerProcess
from w3lib.url import file_uri_to_path

from archive.outputs.table import summary
from spiders.log import to_stderr
from spiders.run import UNUSABLE, Result, crawl, report, say


class Command(ScrapyCrawl):
    """Run one spider by name."""

    def run(self, args: list[str], opts: Namespace) -> None:
        """Set `exitcode`; say in one sentence each what a person must know."""
        process = self.crawler_process
        if len(args) == 1 and process is not None and args[0] not in process.spider_loader.list():
            known = ", ".join(process.spider_loader.list())
            self._refuse(f"there is no spider {args[0]!r}, there is: {known}")
        elif args != ["sources"] or not isinstance(process, AsyncCrawlerProcess):
            super().run(args, opts)
        elif problem := unwritable(process.settings.getdict("FEEDS")):
            self._refuse(problem)
        else:
            result, page = report(crawl(process, self._create_crawler(args[0]), **opts.spargs))
            if page is not None and sys.stderr.isatty():
                to_stderr(f"{summary(result.rows)}\nReport  {page}")
            self.exitcode = say(result)

    def _refuse(self, sentence: str) -> None:
        self.exitcode = say(Result(exit_code=UNUSABLE, sentences=(sentence,)))


def unwritable(feeds: Iterable[object]) -> str | None:
    """Why a file that rows are to be written to can't be; Scrapy would find out when all is done, with a traceback."""
    for feed in feeds:
        path = _path_of(str(feed))
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            was_there = path.exists()
            path.open("ab").close()
            if not was_there:
                path.unlink()
        except OSError as error:
            return f"{path} can't be written: {error.strerror}"
    return None


def _path_of(feed: str) -> Path | None:
    """The local file of a feed's URI; None for other storages, and for names that are made while it is written."""
    scheme = urlsplit(feed).scheme
    if "%(" in feed or scheme not in ("", "file"):
        return None
    return Path(file_uri_to_path(feed) if scheme else feed)
