"""`scrapy crawl`, with exit codes that say how it ended. Other spiders than ours run as Scrapy documents."""

from __future__ import annotations

from argparse import Namespace

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import AsyncCrawlerProcess

from spiders.run import crawl, say


class Command(ScrapyCrawl):
    """Run one spider by name."""

    def run(self, args: list[str], opts: Namespace) -> None:
        """Set `exitcode`; say in one sentence each what a person must know."""
        if args != ["sources"] or not isinstance(self.crawler_process, AsyncCrawlerProcess):
            super().run(args, opts)
            return
        crawler = self._create_crawler(args[0])
        self.exitcode = say(crawl(self.crawler_process, crawler, **opts.spargs))
