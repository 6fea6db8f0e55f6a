"""Every Scrapy setting that this project changes, with its reason. What a configuration decides is set by `spiders.plan`."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from scrapy.settings import default_settings

from pipelines.capture.settings import FIXED

try:
    VERSION = version("footnotary")
except PackageNotFoundError:  # run from an unpacked source tree
    VERSION = "0"

BOT_NAME = "footnotary"
SPIDER_MODULES = ["spiders.sources"]
COMMANDS_MODULE = "spiders.commands"  # `scrapy crawl` with exit codes

globals().update(FIXED)  # what exact capture needs; each of these has its reason there

EXTENSIONS = {
    "pipelines.capture.session.Session": 0,  # opens the collection before any request, seals it after the last record
    "pipelines.capture.replay.ReplaySession": 0,  # the same in a replay
    "pipelines.desk.Desk": 1,
    "pipelines.extraction.Extractor": 2,
}
EXTENSIONS_BASE = {  # without two that are off: to import what they serve with takes a tenth of a second of each start
    name: order
    for name, order in default_settings.EXTENSIONS_BASE.items()
    if name not in ("scrapy.extensions.telnet.TelnetConsole", "scrapy.extensions.remote_control.RemoteControl")
}
ITEM_PIPELINES = {
    "pipelines.stages.ReadStage": 100,
    "pipelines.stages.KeepStage": 900,
}

SCHEDULER = "spiders.job.IndexedScheduler"  # the index knows what is left of a job

USER_AGENT = f"footnotary/{VERSION} (an archive of cited pages; robots.txt: footnotary)"
ROBOTSTXT_USER_AGENT = "footnotary"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",  # Scrapy's own decompression is off; the reader undoes these
    "Accept-Language": "en;q=0.9,*;q=0.5",
}
HTTPERROR_ALLOW_ALL = True  # an error page is an answer
AUTOTHROTTLE_ENABLED = True  # a slow host is asked less often; the configured delay is the floor
CONCURRENT_REQUESTS = 16
CONCURRENT_ITEMS = 8  # Scrapy starts so many tasks for each response, and a source gives one item a citation
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 64_000_000  # bytes of unread responses at which the crawl waits for the readers
REFERRER_POLICY = "no-referrer"  # a server need not know which article cites it
URLLENGTH_LIMIT = 0  # a long link is still a citation
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {  # rows in the order of the table, not of the answers
    "json": "pipelines.feeds.JsonRows",
    "jsonlines": "pipelines.feeds.JsonLinesRows",
    "jsonl": "pipelines.feeds.JsonLinesRows",
    "jl": "pipelines.feeds.JsonLinesRows",
    "csv": "pipelines.feeds.CsvRows",
    "xml": "pipelines.feeds.XmlRows",
    "marshal": "pipelines.feeds.MarshalRows",
    "pickle": "pipelines.feeds.PickleRows",
}
LOG_LEVEL = "WARNING"  # on a terminal; logs/RUN.log of the collection has INFO (spiders.log)
