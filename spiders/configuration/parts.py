"""The parts of a configuration, each from the section of the file where it is written; raises Fault.

Every value comes through the table of keys: a key that is not in the table can't be read, and its default is the table's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archive.model import Uri
from pipelines.capture.policy import CapturePolicy, NetworkPolicy, RobotsMode
from spiders.configuration import keys
from spiders.configuration.readers import OTHERS
from spiders.configuration.section import Section, section
from spiders.configuration.values import ArticleConfig, CuratorEntry, KindRule, RecheckPolicy, SourcePolicy
from spiders.configuration.written import Written, fields_of, items_of


def articles(top: Section, *, folder: Path) -> tuple[ArticleConfig, ...]:
    """`articles`: at least one."""
    found = items_of(top.get("articles"), "articles")
    if not found:
        raise top.fault("must name at least one article, as in `- url: https://example.org/page`", name="articles")
    return tuple(_article(at(item, "articles[]"), folder=folder) for item in found)


def sources(written: Written) -> SourcePolicy:
    """`sources`: which links are followed, and the kinds."""
    found = at(written, "sources")
    return SourcePolicy(
        contexts=found.value(keys.CONTEXTS),
        kinds=dict(_kinds(found.get("kinds"))),
        depth=found.value(keys.DEPTH),
        skip=found.value(keys.SKIP),
    )


def limits(written: Written) -> CapturePolicy:
    """`limits`: how much, how long, how gently."""
    found = at(written, "limits")
    return CapturePolicy(
        size_limit=found.value(keys.SIZE_LIMIT),
        time_limit=found.value(keys.TIME_LIMIT).total_seconds(),
        redirects=found.value(keys.REDIRECTS),
        retries=found.value(keys.RETRIES),
        retry_after_limit=found.value(keys.RETRY_AFTER).total_seconds(),
        delay=found.value(keys.DELAY).total_seconds(),
        concurrent_per_host=found.value(keys.PER_HOST),
    )


def network(written: Written, *, folder: Path) -> NetworkPolicy:
    """`network`: which hosts are reached, and how. The certificates of `ca_bundle` are read here."""
    found = at(written, "network")
    modes = found.value(keys.ROBOTS)
    bundle = found.value(keys.CA_BUNDLE)
    return NetworkPolicy(
        robots=modes.get(OTHERS, RobotsMode.OBEY),
        robots_by_host={host: mode for host, mode in modes.items() if host != OTHERS},
        certificates=found.value(keys.CERTIFICATE_MODE),
        allow=found.value(keys.ALLOW),
        proxy=found.value(keys.PROXY),
        ca_bundle=_certificates(found, below(folder, bundle)) if bundle else None,
        connect_to=found.value(keys.CONNECT_TO),
        dns_timeout=found.value(keys.DNS_TIMEOUT).total_seconds(),
    )


def _certificates(found: Section, path: Path) -> bytes:
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise found.fault(f"is {str(path)!r}: it can't be read ({error.strerror})", name="ca_bundle") from error
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise found.fault(f"is {str(path)!r}: it holds no certificate in PEM", name="ca_bundle")
    return pem


def recheck(written: Written) -> RecheckPolicy:
    """`recheck`: how often."""
    return RecheckPolicy(every=at(written, "recheck").value(keys.EVERY))


def at(written: Written, path: str) -> Section:
    """A mapping of the file as the section of the table at `path`; a key that the table lacks there is a fault."""
    return section(written, path=path, known=(key.path for key in keys.KEYS))


def below(folder: Path, name: str) -> Path:
    """A path of the file: relative to its folder; `~/` is the user's home, any other `~` a letter like others."""
    return folder / (Path(name).expanduser() if name.startswith("~/") else Path(name))


def _article(found: Section, *, folder: Path) -> ArticleConfig:
    url, file = found.value(keys.ARTICLE_URL), found.value(keys.ARTICLE_FILE)
    if url is None and file is None:
        raise found.fault("needs a url or a file")
    return ArticleConfig(
        url=Uri(url.partition("#")[0]) if url else None,
        file=below(folder, file) if file else None,
        published=found.value(keys.ARTICLE_PUBLISHED),
        citations=tuple(
            _entry(at(item, "articles[].citations[]")) for item in items_of(found.get("citations"), "articles[].citations")
        ),
        line=found.line_of("url"),
    )


def _entry(found: Section) -> CuratorEntry:
    anchor, ordinal = found.value(keys.CITATION_ANCHOR), found.value(keys.CITATION_ORDINAL)
    url, kind = found.value(keys.CITATION_URL), found.value(keys.CITATION_KIND)
    if anchor is None and ordinal is None:
        raise found.fault("needs an anchor or an ordinal to say which citation is meant")
    if url is None and kind is None:
        raise found.fault("needs a url or a kind: what do you know about that citation?")
    return CuratorEntry(anchor=anchor, ordinal=ordinal, url=url, kind=kind, line=found.line)


def _kinds(written: Written) -> Iterator[tuple[str, KindRule]]:
    for kind in fields_of(written, "sources.kinds"):
        path = f"sources.kinds.{kind.name}"
        rule = section(kind.value, path=path, known=(key.path.replace("sources.kinds.NAME", path) for key in keys.KEYS))
        hosts, words = rule.value(keys.KIND_HOSTS), rule.value(keys.KIND_WORDS)
        if not (hosts or words):
            raise rule.fault("needs hosts or words")
        yield kind.name, KindRule(hosts=hosts, words=words)
