"""Kinds by hosts, by words and by speakers."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.model import Uri
from pipelines.reading.document import Message, read
from spiders.citations import followed
from spiders.config import KindRule, SourcePolicy
from spiders.kinds import BUILT_IN, INTELLIGENCE_ESTIMATE, MILITARY_STATEMENT, OWN_SITE, WEB, kinds_of, rules_of
from tests.spiders.marked import marked

SEED = Path(__file__).parents[2].parent / "shared/seed/article.txt"
ARTICLE = Uri("https://www.magazine.example/opinion/1")

TWIN = """
The truce was nine days old when the mill burned. The prime minister [promised an inquiry](#) by nightfall. [The rebels
blamed the garrison](#), not for the fire but for the locked gates, saying the yard “was in the army's keeping.”

The [Reed Brigade](#) has lost [three captains](#) since spring. [Counts suggest](#) that 4,100 of its men had died by May. It
was worn down by [quiet help](#) between the military and the rebels, and is called [beaten but present](#), though
[hundreds](#) walked free last week. It lives by a [web of cousins](#) and by [deserters of the rebels](#).

The group has no reach abroad. However, foreign [intelligence assessments last winter held](#) that it could strike across the
border within 9 to 14 months. Every fire helps it to [win recruits](#). It calls the rebels [“tax collectors,”](#) and says so
often. It is one of two rivals (the other being the [Lake Council](#)).

[According to the deputy head of Africa Command](#), Rear Admiral Ines Olden, the rebels were warned on Oct. 3. Still, she
praised them for acting on that intelligence, [saying](#) “they stopped two of these for us.” So there is something to build
on.

[The handing over](#) of lists made an uproar, and critics spoke of a “[death roll](#).” The hardest case is [the old
network](#), which neither side will drop.
"""
"""An article of our own with the shape of the worked case: 19 citations, all without a target."""


def kinds(markdown: str, *, rules: dict[str, KindRule] | None = None, positions: bool = True) -> list[str]:
    """The kinds of the links of a text."""
    return list(kinds_of(marked(markdown, positions=positions), article=ARTICLE, rules=rules_of(rules or {})))


def only(markdown: str, **more: KindRule) -> str:
    """The kind of the one link of a text."""
    (kind,) = kinds(markdown, rules=dict(more))
    return kind


@pytest.mark.parametrize("positions", [True, False])
def test_lost_targets_have_kinds(positions: bool) -> None:
    """In the twin of the worked case, one estimate and a statement with the quotation behind it are found, nothing else."""
    found = kinds(TWIN, positions=positions)
    assert len(found) == 19
    expected = {11: INTELLIGENCE_ESTIMATE, 15: MILITARY_STATEMENT, 16: MILITARY_STATEMENT}
    assert {number: kind for number, kind in enumerate(found, 1) if kind != WEB} == expected


@pytest.mark.skipif(not SEED.exists(), reason="the worked case lies beside the project")
def test_the_worked_case() -> None:
    """Of its 19 citations number 11 is an intelligence estimate, 15 and 16 are military statements, and no other is either."""
    reading = read(Message(data=SEED.read_bytes(), content_type="text/plain"))
    links = followed(reading.links, policy=SourcePolicy())
    found = list(kinds_of(links, article=Uri("urn:sha256:00"), rules=rules_of({})))
    assert len(found) == 19
    expected = {11: INTELLIGENCE_ESTIMATE, 15: MILITARY_STATEMENT, 16: MILITARY_STATEMENT}
    assert {number: kind for number, kind in enumerate(found, 1) if kind != WEB} == expected


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("https://www.centcom.mil/x", MILITARY_STATEMENT),
        ("https://CENTCOM.MIL./x", MILITARY_STATEMENT),
        ("https://www.defense.gov:443/x", MILITARY_STATEMENT),
        ("https://notdefense.gov/x", WEB),
        ("https://defense.gov.example/x", WEB),
        ("https://media.defense.gov@b.example/x", WEB),
        ("https://b.example/defense.gov", WEB),
        ("https://www.dodig.mil/x", INTELLIGENCE_ESTIMATE),
        ("https://magazine.example/2", OWN_SITE),
        ("https://blog.magazine.example/2", OWN_SITE),
        ("https://other.example/2", WEB),
        ("http://[bad/", WEB),
        ("mailto:press@centcom.mil", WEB),
    ],
)
def test_hosts(target: str, kind: str) -> None:
    """A host counts with what is below it, at label borders only; the longest rule wins; the article's own site has a kind."""
    assert only(f"See [this]({target}).") == kind


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The [Pentagon](#) said so.", MILITARY_STATEMENT),
        ("THE [PENTAGON](#) SAID SO.", MILITARY_STATEMENT),
        ("The Pentagon’s [spokesman](#) said so.", MILITARY_STATEMENT),
        ("A [pentagon](#) has five sides.", WEB),
        ("The [Pentagons](#) of this world agree.", WEB),
        ("A [Pentagon-backed](#) firm said so.", WEB),
        ("An officer of [CENTCOM](#) said so.", MILITARY_STATEMENT),
        ("An officer of [centcom](#) said so.", WEB),
        ("The [Central\nCommand](#) said so.", MILITARY_STATEMENT),
        ("The party's [central command](#) said so.", WEB),
        ("[Intelligence estimates](#) vary.", INTELLIGENCE_ESTIMATE),
        ("A National Intelligence Estimate [held](#) so.", INTELLIGENCE_ESTIMATE),
        ("The [Pentagon's intelligence estimate](#) held so.", INTELLIGENCE_ESTIMATE),
        ("The Pentagon was told by an intelligence estimate [that](#) it is so.", INTELLIGENCE_ESTIMATE),
        ("The Pentagon said no, but [reports](#) say yes.", WEB),
        ("The Pentagon said no; [reports](#) say yes.", WEB),
        ("While the Pentagon denied it, [reports](#) say yes.", WEB),
        ("While the [Pentagon](#) denied it, reports of an intelligence estimate say yes.", MILITARY_STATEMENT),
        ("While a general at the Pentagon [denied](#) it, intelligence estimates say yes.", MILITARY_STATEMENT),
        ("The U.S. military [helped](#) and estimates of intelligence vary.", WEB),
        ("It is widely [estimated](#) to be so.", WEB),
    ],
)
def test_words(sentence: str, kind: str) -> None:
    """Words are whole, capitals count, the anchor comes before the clause, and the nearest and then the longest words win."""
    assert only(sentence) == kind


def test_host_comes_before_words() -> None:
    """What the target's host says counts more than words; without a rule for the host the words decide."""
    assert only("[Pentagon](https://www.dni.gov/x)") == INTELLIGENCE_ESTIMATE
    assert only("[Pentagon](https://magazine.example/x)") == OWN_SITE
    assert only("[Pentagon](https://paper.example/x)") == MILITARY_STATEMENT


def test_configured_kinds() -> None:
    """A configured kind joins the built-in ones; one of the same name takes their place."""
    aid = KindRule(hosts=("relief.example",), words=("needs overview", "UN's appeal"))
    rules = {"aid report": aid, MILITARY_STATEMENT: KindRule(words=("General Staff",))}
    text = "A [UN’s appeal](#), two [needs overviews](#). A [General Staff](#). [It](https://x.relief.example/). [Pentagon](#)."
    assert kinds(text, rules=rules) == ["aid report", "aid report", MILITARY_STATEMENT, "aid report", WEB]
    assert set(BUILT_IN) == {MILITARY_STATEMENT, INTELLIGENCE_ESTIMATE}


def test_an_article_without_a_site() -> None:
    """Nothing is the own site of a file that was published nowhere."""
    links = marked("See [a](https://a.example/) and [b](#).")
    assert list(kinds_of(links, article=Uri("urn:sha256:00"), rules=rules_of({}))) == [WEB, WEB]
