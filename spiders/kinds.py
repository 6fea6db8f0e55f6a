"""What sort of source a citation points to, by rules on hosts and on words, so that a lost target has a kind too.

In this order: the host of the target (the longest rule wins), the article's own site, the words of the anchor, the words of
the clause around it, the speaker who is quoted right behind it; else `web`. Words count in the anchor's own clause only: what
stands behind "; " or "but" or "while" is said of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from archive.model import Link, Uri
from spiders.clauses import Span, clause_of, goes_on, offset_of
from spiders.config import KindRule
from spiders.sites import host_of, same_site

WEB = "web"
OWN_SITE = "own site"
MILITARY_STATEMENT = "military statement"
INTELLIGENCE_ESTIMATE = "intelligence estimate"

BUILT_IN: Mapping[str, KindRule] = MappingProxyType(
    {
        MILITARY_STATEMENT: KindRule(
            hosts=("mil", "defense.gov", "war.gov"),
            words=(
                *("Central Command", "CENTCOM", "Africa Command", "AFRICOM", "European Command", "EUCOM"),
                *("Northern Command", "NORTHCOM", "Southern Command", "SOUTHCOM", "Indo-Pacific Command", "INDOPACOM"),
                *("Special Operations Command", "Joint Chiefs"),
                *("Pentagon", "Department of Defense", "Defense Department", "Ministry of Defence", "Defence Ministry"),
            ),
        ),
        INTELLIGENCE_ESTIMATE: KindRule(
            hosts=("dni.gov", "odni.gov", "intelligence.gov", "dia.mil", "dodig.mil"),
            words=(
                *("intelligence estimate", "intelligence assessment", "threat assessment"),
                *("National Intelligence Council", "Director of National Intelligence", "ODNI"),
            ),
        ),
    }
)
"""What is known without a configuration. A configured kind of the same name takes the place of one of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind, ready to be asked."""

    name: str
    hosts: tuple[str, ...]
    words: re.Pattern[str] | None


def rules_of(configured: Mapping[str, KindRule]) -> tuple[Rule, ...]:
    """The built-in kinds and the configured ones; of two with one name the configured one counts."""
    return tuple(
        Rule(name=name, hosts=kind.hosts, words=_pattern(kind.words)) for name, kind in {**BUILT_IN, **configured}.items()
    )


def kinds_of(links: Sequence[Link], *, article: Uri, rules: Sequence[Rule]) -> Iterator[str]:
    """The kind of each of an article's citations, which come in document order and with the targets that count."""
    speaker: str | None = None
    before: Link | None = None
    for link in links:
        goes_on_with = speaker if before and goes_on(link, before=before) else None
        speaker, before = by_words(link, rules=rules) or goes_on_with, link
        yield by_host(link.target, article=article, rules=rules) or speaker or WEB


def by_host(target: Uri | None, *, article: Uri, rules: Iterable[Rule]) -> str | None:
    """The kind that the target's host gives away: the longest host among the rules, or the article's own site."""
    host = host_of(target)
    fitting = {known: rule.name for rule in rules for known in rule.hosts if host == known or host.endswith("." + known)}
    if fitting:
        return fitting[max(fitting, key=len)]
    return OWN_SITE if same_site(host, host_of(article)) else None


def by_words(link: Link, *, rules: Sequence[Rule]) -> str | None:
    """The kind whose words stand in the anchor; else in the anchor's clause, the nearest to the anchor."""
    anchor, sentence, start = link.anchor.exact, link.sentence.exact, offset_of(link)
    found = _nearest(anchor, around=(0, len(anchor)), rules=rules)
    if found or start is None:
        return found
    first, last = clause_of(sentence, around=(start, start + len(anchor)))
    return _nearest(sentence[first:last], around=(start - first, start - first + len(anchor)), rules=rules)


def _nearest(text: str, *, around: Span, rules: Iterable[Rule]) -> str | None:
    """The kind of the words nearest to a stretch; of two that are as near, of the longer words."""
    met = [
        (max(around[0] - found.end(), found.start() - around[1], 0), -len(found[0]), rule.name)
        for rule in rules
        if rule.words
        for found in rule.words.finditer(text)
    ]
    return min(met)[-1] if met else None


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the words, whole: `Pentagon` stands neither in `pentagons` nor in `Pentagon-backed`."""
    spellings = "|".join(_spelling(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{spellings})(?![\w]|-\w)") if spellings else None


def _spelling(words: str) -> str:
    """Capitals as they are written or all capitals; words in small letters in any case, the last one in the plural too."""
    plural = "(?i:s?)" if words == words.lower() else ""
    return r"\s+".join(map(_token, words.split())) + plural


def _token(token: str) -> str:
    plain = re.escape(token).replace("'", "['’]")
    if token == token.lower():
        return f"(?i:{plain})"
    return f"(?:{plain}|{re.escape(token.upper())})"
