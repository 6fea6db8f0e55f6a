"""`footnotary crawl`: the spider for a person or for cron, ending with the table and where to look."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from spiders.cli.citations import print_table
from spiders.cli.place import CONFIG
from spiders.run import FINE, crawl, say
from spiders.sources import SourcesSpider


def run(options: Namespace) -> int:
    """Crawl, then say what was kept."""
    arguments = _arguments(options)
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.set("LOG_LEVEL", options.log_level, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(SourcesSpider)
    result = crawl(process, crawler, **arguments)
    if result.rows or result.exit_code == FINE:
        print_table(result.rows)
        if result.kept_in is not None:
            root = _shown(result.kept_in)
            print(f"\nKept in {root}. Next: footnotary show NUMBER, footnotary verify (both with --collection {root})")
    return say(result)


def _arguments(options: Namespace) -> dict[str, object]:
    found: dict[str, object] = {"collection": options.collection, "replay": options.replay}
    if options.articles:
        found["article"] = options.articles
        found["collection"] = options.collection or str(_named_after(options.articles[0]))
    else:
        found["config"] = options.config or str(CONFIG)
    return {name: value for name, value in found.items() if value is not None}


def _named_after(article: str) -> Path:
    """A folder for a crawl without a configuration: the last words of the article's address, and the day."""
    last = article.rstrip("/").rpartition("/")[2].partition("?")[0]
    words = re.sub(r"[^\w]+", "-", last.rpartition(".")[0] or last).strip("-").lower()
    return Path("collections") / f"{words[:60] or 'article'}-{datetime.now(UTC):%Y-%m-%d}"


def _shown(path: Path) -> str:
    inside = os.path.relpath(path)
    return str(path) if inside.startswith("..") else inside
