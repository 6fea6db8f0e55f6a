"""From links to citations: followed, numbered, pointed, and left out with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from archive.model import Article, Citation, Context, Link, RecordId, TargetFrom, Uri
from spiders.article import ArticleSource
from spiders.citations import cite, followed, reason_to_skip
from spiders.config import ConfigError, CuratorEntry, SourcePolicy
from tests.spiders.marked import marked

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALL = frozenset(Context) - {Context.SAME_PAGE}


def article_of(links: Sequence[Link]) -> Article:
    """One reading of an article with these links."""
    return Article(
        record_id=RecordId("urn:uuid:article"),
        uri=Uri("https://magazine.example/1"),
        capture_id=RecordId("urn:uuid:capture"),
        extraction_id=RecordId("urn:uuid:extraction"),
        date=AT,
        run_id="run",
        ordinal=1,
        title="A title",
        published=None,
        links=tuple(links),
    )


def cited(links: Sequence[Link], *entries: CuratorEntry, policy: SourcePolicy | None = None) -> tuple[Citation, ...]:
    """The citations of an article with these links, and with what a curator knows of them; ids count from 1."""
    numbers = count(1)
    source = ArticleSource(uri=Uri("https://magazine.example/1"), name="1", title="1", citations=entries)
    return cite(
        article_of(links),
        source,
        policy=policy or SourcePolicy(),
        file=Path("sources.yml"),
        new_id=lambda: RecordId(f"urn:uuid:{next(numbers)}"),
    )


def in_contexts(*contexts: Context, href: str = "https://a.example/") -> list[Link]:
    """One link in each of some contexts, in this order."""
    (link,) = marked(f"See [this]({href}).")
    return [replace(link, ordinal=number, context=context) for number, context in enumerate(contexts, 1)]


def test_citing_contexts_are_followed() -> None:
    """Body, notes and captions cite unless the configuration says otherwise; numbers go on without gaps."""
    links = in_contexts(Context.NAVIGATION, Context.BODY, Context.SHARE, Context.NOTE, Context.CAPTION, Context.SAME_PAGE)
    assert [(one.ordinal, one.link_ordinal, one.context) for one in cited(links)] == [
        (1, 2, Context.BODY),
        (2, 4, Context.NOTE),
        (3, 5, Context.CAPTION),
    ]
    assert [one.context for one in cited(links, policy=SourcePolicy(contexts=frozenset({Context.NOTE})))] == [Context.NOTE]


def test_all_follows_what_leads_somewhere() -> None:
    """With `all`, a menu's link is followed when it has a target; a lost one counts only where sources are cited."""
    everywhere = list(Context)
    policy = SourcePolicy(contexts=ALL)
    assert len(followed(in_contexts(*everywhere), policy=policy)) == len(everywhere) - 1
    lost = followed(in_contexts(*everywhere, href="#"), policy=policy)
    assert [link.context for link in lost] == [Context.BODY, Context.NOTE, Context.CAPTION]


def test_a_citation_says_where_it_comes_from() -> None:
    """A citation carries its link's words and context, and the ids of article, extraction and run."""
    (link,) = marked("Command [said](https://a.example/#frag) so.")
    (one,) = cited([link])
    assert (one.article_id, one.extraction_id, one.run_id, one.date) == ("urn:uuid:article", "urn:uuid:extraction", "run", AT)
    assert (one.anchor, one.sentence, one.context, one.reason) == (link.anchor, link.sentence, link.context, link.reason)
    assert (one.citation_id, one.record_id) == ("urn:uuid:1", "urn:uuid:2")
    assert (one.href, one.target, one.target_from) == ("https://a.example/#frag", "https://a.example/", TargetFrom.HREF)


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("https://a.example/?b=2&a=%7e#:~:text=x", "https://a.example/?b=2&a=%7e"),
        ("https://a.example/?a=%7e&b=2", "https://a.example/?a=%7e&b=2"),
        ("https://a.example/?x=&&y#", "https://a.example/?x=&&y"),
        ("https://a.example/?#x", "https://a.example/?"),
    ],
)
def test_targets_are_exact(href: str, target: str) -> None:
    """A target is the URL letter by letter without its fragment; the href stays whole on record."""
    (one,) = cited(marked(f"See [this]({href})."))
    assert (one.target, one.href) == (target, href)


def test_a_lost_target() -> None:
    """A citation whose link has lost its target has none, and nobody says where it points; that is no reason to skip."""
    (one,) = cited(marked("See [this](#)."))
    assert (one.target, one.target_from, one.href) == (None, None, "#")
    assert reason_to_skip(one, policy=SourcePolicy(skip=("*",))) is None


def test_the_curator_fills_a_lost_target() -> None:
    """An entry's URL becomes the target without its fragment and decides the kind; the href of the link stays."""
    told = CuratorEntry(anchor="saying", url="https://www.centcom.mil/x#:~:text=y")
    first, second = cited(marked("He left, [saying](#) no. See [this](https://b.example/)."), told)
    assert (first.target, first.target_from, first.href) == ("https://www.centcom.mil/x", TargetFrom.CURATOR, "#")
    assert first.kind == "military statement"
    assert (second.target, second.target_from) == ("https://b.example/", TargetFrom.HREF)


def test_a_wrapper_is_taken_off() -> None:
    """The target is the address inside without its fragment, which decides the kind; the link and the href keep the wrapper."""
    wrapper = "https://www.google.com/url?q=https%3A%2F%2Fwww.centcom.mil%2Fx%3Fb%3D2%26a%3D1%23part&sa=D"
    links = marked(f"He [saw]({wrapper}) it.")
    (one,) = cited(links)
    assert (one.target, one.target_from, one.href) == ("https://www.centcom.mil/x?b=2&a=1", TargetFrom.HREF, wrapper)
    assert one.kind == "military statement"
    assert [link.target for link in links] == [wrapper]


def test_a_curator_may_name_a_wrapper() -> None:
    """What a curator says is taken at its word: it is not unwrapped."""
    wrapper = "https://www.google.com/url?q=https%3A%2F%2Fa.example%2F"
    (one,) = cited(marked("See [this](#)."), CuratorEntry(ordinal=1, url=wrapper))
    assert (one.target, one.target_from) == (wrapper, TargetFrom.CURATOR)


def test_the_curator_knows_better() -> None:
    """An entry's URL takes the place of the link's own; its kind that of the rules."""
    links = marked("See [this](https://b.example/), [that](https://c.example/).")
    first, second = cited(links, CuratorEntry(ordinal=1, url="https://d.example/"), CuratorEntry(ordinal=2, kind="memoir"))
    assert (first.target, first.target_from, first.kind) == ("https://d.example/", TargetFrom.CURATOR, "web")
    assert (second.target, second.target_from, second.kind) == ("https://c.example/", TargetFrom.HREF, "memoir")


def test_ordinals_of_the_curator_are_those_of_citations() -> None:
    """An entry's ordinal counts citations, not links: a menu before the text moves nothing."""
    links = in_contexts(Context.NAVIGATION, Context.NAVIGATION, Context.BODY, href="#")
    (one,) = cited(links, CuratorEntry(ordinal=1, url="https://a.example/"))
    assert (one.link_ordinal, one.target) == (3, "https://a.example/")


def test_an_entry_about_nothing_names_file_and_line() -> None:
    """A curator's entry without a citation ends in a ConfigError with its place."""
    with pytest.raises(ConfigError, match=r"sources\.yml, line 12: .*matches no citation"):
        cited(marked("See [this](#)."), CuratorEntry(anchor="that", kind="x", line=12))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("mailto:a@b.example", "mailto: links can't be fetched, only http and https"),
        ("ftp://a.example/", "ftp: links can't be fetched, only http and https"),
        ("tel:+1", "tel: links can't be fetched, only http and https"),
        ("https:///x", "the link is not a URL that can be asked for"),
        ("https://[x/", "the link is not a URL that can be asked for"),
        ("https://a.example:99999/", "the link is not a URL that can be asked for"),
        ("https://a.example:x/", "the link is not a URL that can be asked for"),
        ("https://b.ads.example/x", "sources.skip leaves out *.ads.example"),
        ("https://B.ADS.example/x", "sources.skip leaves out *.ads.example"),
        ("https://b.example/*.ads.example", None),
        ("https://ads.example/", None),
        ("HTTPS://a.example:8443/", None),
    ],
)
def test_reasons_to_skip(target: str, reason: str | None) -> None:
    """What can't be asked for over HTTP, and hosts that the configuration leaves out, are skipped with the reason."""
    (one,) = cited(marked(f"See [this]({target})."))
    assert reason_to_skip(one, policy=SourcePolicy(skip=("*.ads.example",))) == reason
