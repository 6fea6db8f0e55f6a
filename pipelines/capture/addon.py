"""The recorder as a Scrapy add-on: any project keeps its crawl byte for byte, and answers it again, with one line.

    ADDONS = {"pipelines.capture.addon.Recorder": 0}

Every http and https exchange of the crawl goes into `collections/NAME OF THE SPIDER`, robots.txt, redirects and retries too.
Other schemes are fetched as before, and are not recorded. What the project sets about cookies, compression, retries,
robots.txt, duplicates, delays and time limits stays as it is; of the settings about TLS only DOWNLOAD_VERIFY_CERTIFICATES
counts. `-s FOOTNOTARY_REPLAY=latest`, or an ISO 8601 datetime, runs the same spider on the collection, without a socket.

A crawl that could not be recorded, or a replay that could not be answered, does not begin: one line says why.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from archive.errors import ArchiveError, CollectionLockedError
from pipelines.capture import replay
from pipelines.capture.errors import UnsuitableScrapyError
from pipelines.capture.policy import CertificateMode, NetworkPolicy, ProxyFrom, RobotsMode, RunPolicy
from pipelines.capture.replay import ReplaySession
from pipelines.capture.session import Session
from pipelines.capture.settings import FIXED, RECORDED

logger = logging.getLogger(__name__)

UNUSABLE, LOCKED = 2, 75
"""Exit codes, those of `scrapy crawl sources`."""

EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


class Recorder:
    """For ADDONS. FOOTNOTARY_COLLECTION, FOOTNOTARY_OPERATOR, FOOTNOTARY_RUN and FOOTNOTARY_NETWORK may say otherwise."""

    def __init__(self, name: str) -> None:
        self._name = name

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(getattr(crawler.spider or crawler.spidercls, "name", "spider"))

    def update_settings(self, settings: BaseSettings) -> None:
        """Have the crawl recorded, or answered. Raises what says why not, as `ending_in_one_line` does."""
        with ending_in_one_line():
            default(settings, "FOOTNOTARY_COLLECTION", f"collections/{folder_of(self._name)}")
            if settings.get("FOOTNOTARY_REPLAY"):
                answer(settings)
            else:
                default(settings, "FOOTNOTARY_RUN", run_of(settings, name=self._name))
                default(settings, "FOOTNOTARY_NETWORK", network_of(settings))
                record(settings)


class AddonSession(Session):
    """The session of a crawl that nobody waits for who would say why it did not begin."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As of every session, but raises as `ending_in_one_line` does."""
        with ending_in_one_line():
            return super().from_crawler(crawler)


class AddonReplay(ReplaySession):
    """The same of a replay."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As of every replay, but raises as `ending_in_one_line` does."""
        with ending_in_one_line():
            return super().from_crawler(crawler)


@contextmanager
def ending_in_one_line() -> Iterator[None]:
    """`scrapy crawl` prints a traceback for every exception but SystemExit, for its own UsageError too. Where a crawl is begun
    outside of a running loop, SystemExit would pass for success: there the error goes on as it is."""
    try:
        yield
    except (ArchiveError, UnsuitableScrapyError, UsageError, ValueError) as error:
        if not _in_a_loop():
            raise
        logger.error("%s", error)  # noqa: TRY400 - one sentence, no traceback
        raise SystemExit(LOCKED if isinstance(error, CollectionLockedError) else UNUSABLE) from None


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def record(settings: BaseSettings) -> None:
    """Put the tap and its session into a project's settings. Raises UsageError where the project leaves no place for them."""
    if settings["TWISTED_REACTOR"] != FIXED["TWISTED_REACTOR"] or not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise UsageError(f"the recorder runs on one reactor alone: set TWISTED_REACTOR to {FIXED['TWISTED_REACTOR']!r}")
    handlers = settings.getdict("DOWNLOAD_HANDLERS")
    for scheme in RECORDED:
        if scheme in handlers and handlers[scheme] != RECORDED[scheme]:
            raise UsageError(
                f"DOWNLOAD_HANDLERS: the project has a handler of its own for {scheme}, past which nothing can be recorded: "
                f"take it out, or {__name__}.Recorder out of ADDONS"
            )
    if settings.getbool("HTTPCACHE_ENABLED"):
        logger.warning("HTTPCACHE_ENABLED is on: what the cache answers is not fetched, and so it is not recorded")
    put(settings, "DOWNLOAD_HANDLERS", handlers | RECORDED)
    settings.setdefault_in_component_priority_dict("EXTENSIONS", AddonSession, 0)


def answer(settings: BaseSettings) -> None:
    """Have the collection answer, and nothing else: what could open a socket is off. Raises ValueError for no datetime."""
    replay.instant_of(settings["FOOTNOTARY_REPLAY"])
    others = set(settings.getwithbase("DOWNLOAD_HANDLERS")) - set(RECORDED) - {"file", "data"}
    values = replay.SETTINGS | replay.FOREIGN
    handlers = dict.fromkeys(others) | dict.fromkeys(RECORDED, replay.HANDLER)
    for name, value in (values | {"DOWNLOAD_HANDLERS": settings.getdict("DOWNLOAD_HANDLERS") | handlers}).items():
        settings.set(name, value, priority="cmdline")
    settings.setdefault_in_component_priority_dict("EXTENSIONS", AddonReplay, 0)


def run_of(settings: BaseSettings, *, name: str) -> RunPolicy:
    """Who runs the crawl: FOOTNOTARY_OPERATOR, where it is set."""
    return RunPolicy(operator=settings.get("FOOTNOTARY_OPERATOR") or "", title=name)


def network_of(settings: BaseSettings) -> NetworkPolicy:
    """A policy that lets a project reach what it reached before, in the way it did."""
    verified = settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    return NetworkPolicy(
        robots=RobotsMode.OBEY if settings.getbool("ROBOTSTXT_OBEY") else RobotsMode.IGNORE,
        certificates=CertificateMode.VERIFY if verified else CertificateMode.RECORD,
        allow=EVERYWHERE,
        proxy_from=ProxyFrom.REQUEST,
        dns_timeout=settings.getfloat("DNS_TIMEOUT"),
    )


def default(settings: BaseSettings, name: str, value: object) -> None:
    """Set what the project has not set."""
    settings.set(name, value, priority="addon")


def put(settings: BaseSettings, name: str, value: object) -> None:
    """Set what must stand, over what the project has set."""
    settings.set(name, value, priority=max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"]))


def folder_of(name: str) -> str:
    """A spider's name as the name of one folder."""
    return re.sub(r"[^\w.-]|^\.+", "-", name)
