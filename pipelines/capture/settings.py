"""The Scrapy settings that exact capture needs, and those that a policy becomes.

`FIXED` are switches without which something would not be kept, or would be kept wrongly; each has its reason here. The
numbers of a CapturePolicy are Scrapy's own settings, so that `-s` and AutoThrottle behave as Scrapy documents.
"""

from __future__ import annotations

from pipelines.capture.policy import CapturePolicy
from pipelines.capture.retry import RETRY_EXCEPTIONS

_HANDLER = "pipelines.capture.recording.RecordingHandler"

RECORDED = {"http": _HANDLER, "https": _HANDLER}
"""Where the tap is: the part of DOWNLOAD_HANDLERS without which nothing is kept."""

FIXED: dict[str, object] = {
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",  # the middlewares await asyncio futures
    "DOWNLOAD_HANDLERS": {**RECORDED, "file": None, "data": None, "ftp": None, "s3": None},
    "EXTENSIONS": {"pipelines.capture.session.Session": 0},
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # fails open
        "pipelines.capture.robots.RobotsTxtMiddleware": 100,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # sends again after a full disk
        "pipelines.capture.retry.RetryMiddleware": 550,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # reads the environment
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # inflates on the reactor
    },
    "ROBOTSTXT_OBEY": True,  # the middleware is there; the network policy says what robots.txt means
    "HTTPPROXY_ENABLED": False,
    "COMPRESSION_ENABLED": False,
    "COOKIES_ENABLED": False,  # a Domain attribute makes Scrapy fetch the public suffix list outside the gate
    "TELNETCONSOLE_ENABLED": False,  # opens a port
    "REMOTE_CONTROL_ENABLED": False,  # opens a socket
    "HTTPCACHE_ENABLED": False,  # a hit never reaches the handler
    "METAREFRESH_ENABLED": False,  # a page that says so is an answer, not a redirect of HTTP
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # Scrapy's drops requests without a word
    "DOWNLOAD_FAIL_ON_DATALOSS": False,  # an answer that ended early comes through, marked
    "DOWNLOAD_WARNSIZE": 0,
    "RETRY_EXCEPTIONS": list(RETRY_EXCEPTIONS),
    "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the record says it
}


def limits(capture: CapturePolicy) -> dict[str, object]:
    """The settings that the numbers of a policy become."""
    return {
        "DOWNLOAD_MAXSIZE": capture.size_limit,
        "DOWNLOAD_TIMEOUT": capture.time_limit,
        "DOWNLOAD_DELAY": capture.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": capture.concurrent_per_host,
        "REDIRECT_MAX_TIMES": capture.redirects,
        "RETRY_TIMES": capture.retries,
    }
