"""What one crawl is going to do: the configuration, its articles opened, and the settings that follow from them.

A plan is made before anything is fetched or written, so that a bad configuration or an unreadable article ends the run
with one sentence and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from pipelines.capture import replay
from pipelines.capture.policy import NetworkPolicy, RunPolicy
from pipelines.capture.settings import limits as capture_settings
from spiders.article import ArticleSource, open_article
from spiders.config import Config, ConfigError, load, require_example_hosts

if TYPE_CHECKING:
    from spiders.example.web import ExampleWeb

DEFAULT_CONFIG = "sources.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`replay` is None, `latest` or an ISO 8601 datetime; `web` is the example's, its ports bound, or None."""

    config: Config
    articles: tuple[ArticleSource, ...]
    replay: str | None = None
    arguments: tuple[str, ...] = ()
    web: ExampleWeb | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        *,
        config: str | None = None,
        article: str | Sequence[str] | None = None,
        collection: str | None = None,
        replay: str | None = None,
        **unknown: str,
    ) -> Plan:
        """The plan that a user's arguments ask for; Scrapy's `-a article=` names one article, commas and all. Raises
        ConfigError or ArticleError."""
        if unknown:
            names = ", ".join(f"-a {name}=…" for name in sorted(unknown))
            raise ConfigError(None, None, "", f"{names} is not known: there are config, article, collection and replay")
        read = _read(config=config, article=article, collection=collection)
        web = _example(read) if read.example and replay is None else None
        return cls(
            config=read,
            articles=tuple(open_article(wanted) for wanted in read.articles),
            replay=_moment(replay),
            arguments=tuple(_arguments(config=config, article=article, collection=collection)),
            web=web,
        )

    @property
    def network(self) -> NetworkPolicy:
        """The configured policy; with the example web, its hosts are led to it and its authority is trusted."""
        if self.web is None:
            return self.config.network
        return replace(self.config.network, connect_to=self.web.connect_to, ca_bundle=self.web.ca_pem)

    def apply(self, settings: BaseSettings) -> None:
        """Hand each room its policy, and Scrapy what it must know of them."""
        run = RunPolicy(operator=self.config.operator, arguments=self.arguments, configuration=self.config.redacted or None)
        values: dict[str, object] = {
            "FOOTNOTARY_COLLECTION": str(self.config.collection),
            "FOOTNOTARY_CAPTURE": self.config.limits,
            "FOOTNOTARY_NETWORK": self.network,
            "FOOTNOTARY_RUN": run,
            "FOOTNOTARY_REPLAY": self.replay,
            **capture_settings(self.config.limits),
            "AUTOTHROTTLE_START_DELAY": self.config.limits.delay,
        }
        if self.config.operator:
            operator = " ".join(self.config.operator.split())
            values["USER_AGENT"] = f"{settings['USER_AGENT']} {operator}"
        if self.replay:
            off = dict.fromkeys(replay.MIDDLEWARES_OFF)
            values |= replay.SETTINGS | {"DOWNLOADER_MIDDLEWARES": settings.getdict("DOWNLOADER_MIDDLEWARES") | off}
        for name, value in values.items():
            settings.set(name, value, priority="spider")


def _arguments(*, config: str | None, article: str | Sequence[str] | None, collection: str | None) -> Iterator[str]:
    """What the run was asked for, for its record: of a local path the name alone, since records go around the world."""
    articles = [article] if isinstance(article, str) else article or []
    named = [("config", config), *(("article", one) for one in articles), ("collection", collection)]
    yield from (f"{key}={value if _is_url(value) else Path(value).name}" for key, value in named if value)


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _read(*, config: str | None, article: str | Sequence[str] | None, collection: str | None) -> Config:
    if article is None:
        read = load(Path(config or DEFAULT_CONFIG))
        return replace(read, collection=Path(collection)) if collection else read
    if config is not None:
        raise ConfigError(None, None, "", "-a article=… and -a config=… exclude each other: name the article in the file")
    if collection is None:
        raise ConfigError(None, None, "", "-a article=… needs -a collection=DIR: the directory that is to hold what it cites")
    named = [article] if isinstance(article, str) else article
    each = [Config.for_article(one, collection=collection) for one in named]
    return replace(each[0], articles=tuple(one.articles[0] for one in each))


def _example(config: Config) -> ExampleWeb:
    from spiders.example.web import ExampleWeb

    web = ExampleWeb()
    require_example_hosts(config, hosts=web.hosts)
    return web


def _moment(wanted: str | None) -> str | None:
    if wanted is None or wanted == replay.LATEST:
        return wanted
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        reason = f"is {wanted!r}: expected latest or a datetime such as 2026-03-01T12:00:00Z"
        raise ConfigError(None, None, "replay", reason) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
