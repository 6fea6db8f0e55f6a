"""From an article's links to its citations: which are followed, where they point, what kind they are, which are left out.

The reader has decided where on the page each link stands; here is only policy. Citations are numbered from 1 in document
order. A curator's target takes the place of what the link says, and so does the address inside of a link wrapper; the link's
own href stays on record beside it. A target is the exact URL without its fragment: `?a=1&b=2` and `?b=2&a=1` are two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from archive.model import CITING_CONTEXTS, Article, Citation, Link, RecordId, TargetFrom, Uri
from archive.warc.records import new_record_id
from spiders.article import ArticleSource
from spiders.config import CuratorEntry, SourcePolicy
from spiders.curator import assign
from spiders.kinds import kinds_of, rules_of
from spiders.sites import host_of
from spiders.wrappers import unwrapped

FETCHED = ("http", "https")


def cite(
    article: Article,
    source: ArticleSource,
    *,
    policy: SourcePolicy,
    file: Path | None = None,
    new_id: Callable[[], RecordId] = new_record_id,
) -> tuple[Citation, ...]:
    """The citations of one reading of an article. Raises ConfigError, which names `file`, for an entry of the curator that
    is about no citation or about several."""
    written = followed(article.links, policy=policy)
    told = assign(source.citations, written, file=file)
    pointing = [_pointing(link, told.get(place)) for place, link in enumerate(written)]
    kinds = list(kinds_of(pointing, article=article.uri, rules=rules_of(policy.kinds)))
    return tuple(
        _citation(article, link, ordinal=place + 1, kind=kinds[place], told=told.get(place), new_id=new_id)
        for place, link in enumerate(pointing)
    )


def followed(links: Iterable[Link], *, policy: SourcePolicy) -> list[Link]:
    """The links that are citations under a policy, in document order. A link that stands where nothing is cited, such as a
    footer, is one only when it leads somewhere: `#` in a menu is no lost source."""
    return [link for link in links if link.context in policy.contexts and (link.context in CITING_CONTEXTS or link.target)]


def reason_to_skip(citation: Citation, *, policy: SourcePolicy) -> str | None:
    """Why a citation's target is not asked for (outcome `skipped`), or None. A lost target is not skipped: there is none."""
    if citation.target is None:
        return None
    scheme = citation.target.partition(":")[0].lower()
    if scheme not in FETCHED:
        return f"{scheme}: links can't be fetched, only http and https"
    host = host_of(citation.target)
    if not host or not _has_port(citation.target):
        return "the link is not a URL that can be asked for"
    rule = next((pattern for pattern in policy.skip if fnmatchcase(host, pattern)), None)
    return f"sources.skip leaves out {rule}" if rule else None


def _has_port(uri: str) -> bool:
    """Whether a URI's port, if it names one, can be connected to."""
    try:
        return urlsplit(uri).port != 0
    except ValueError:
        return False


def _pointing(link: Link, told: CuratorEntry | None) -> Link:
    """The link with the target that counts, without its fragment."""
    target = told.url if told and told.url else link.target and (unwrapped(link.target) or link.target)
    return replace(link, target=Uri(target.partition("#")[0]) if target else None)


def _citation(
    article: Article, link: Link, *, ordinal: int, kind: str, told: CuratorEntry | None, new_id: Callable[[], RecordId]
) -> Citation:
    says = TargetFrom.CURATOR if told and told.url else TargetFrom.HREF
    return Citation(
        citation_id=new_id(),
        record_id=new_id(),
        article_id=article.record_id,
        article_uri=article.uri,
        extraction_id=article.extraction_id,
        date=article.date,
        run_id=article.run_id,
        ordinal=ordinal,
        link_ordinal=link.ordinal,
        anchor=link.anchor,
        sentence=link.sentence,
        context=link.context,
        reason=link.reason,
        kind=(told and told.kind) or kind,
        href=link.href,
        target=link.target,
        target_from=says if link.target else None,
    )
