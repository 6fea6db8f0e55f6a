"""The article cites what the example promises, and its sources say what they should."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest

from archive.model import Context, Outcome
from spiders.config import load, require_example_hosts
from spiders.example.folder import read_files
from spiders.example.web import ARTICLE, HOSTS, ExampleWeb
from tests.example.expected import CITATIONS, LINKS_BY_CONTEXT, Expected

ROOT = Path(__file__).parents[2]
PLACES = {
    "figcaption": Context.CAPTION,
    "article-body": Context.BODY,
    "footnotes notes": Context.NOTE,
    "site-footer": Context.FOOTER,
}
PAGES = sorted(path for path in HOSTS.rglob("*.htm*"))
LATIN_1 = "broadcast.example"


def text_of(page: bytes) -> str:
    """The words of a page, with typographic quotation marks made plain."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        text = page.decode("latin-1")
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())
    return words.replace("“", '"').replace("”", '"').replace("’", "'")


def article() -> lxml.html.HtmlElement:
    files = read_files(HOSTS / "magazine.example")
    return lxml.html.document_fromstring(files[urlsplit(ARTICLE).path[1:] + ".html"].decode("utf-8"))


def place(link: lxml.html.HtmlElement) -> Context | None:
    """The first known place among the link's ancestors; related lists inside the body are none."""
    for element in link.iterancestors():
        if element.tag == "aside":
            return None
        name = element.get("class", element.tag)
        if name in PLACES or element.tag == "figcaption":
            return PLACES[name]
    return None


def cited() -> Iterator[tuple[Context, str, str]]:
    """Context, words and href of the links that cite, in document order."""
    for link in article().iter("a"):
        found, href = place(link), link.get("href", "")
        if found and found is not Context.FOOTER and not re.match(r"#.", href):
            yield found, link.text_content(), href


def test_the_citations_are_those_that_are_expected() -> None:
    """Context, anchor and href of each citation, in order; the ordinals count from one."""
    assert list(cited()) == [(expected.context, expected.anchor, expected.href) for expected in CITATIONS]
    assert [expected.ordinal for expected in CITATIONS] == list(range(1, len(CITATIONS) + 1))


def test_the_links_that_cite_nothing_are_there() -> None:
    """Sixteen footer links, same-page links, share, tags, author, newsletter and related: all that must not be followed."""
    links = list(article().iter("a"))
    assert sum(place(link) is Context.FOOTER for link in links) == LINKS_BY_CONTEXT[Context.FOOTER]
    assert sum(bool(re.match(r"#.", link.get("href", ""))) for link in links) == 5
    for words in ("share", "tags", "newsletter", "related-stories", "related-inline", "author-box", "ad-slot", "main-nav"):
        assert article().find_class(words)[0].findall(".//a"), words


@pytest.mark.parametrize(("context", "count"), [item for item in LINKS_BY_CONTEXT.items() if item[0] is not Context.FOOTER])
def test_the_counts_are_those_of_the_list(context: Context, count: int) -> None:
    """The list of citations has as many of each context as it says."""
    assert sum(expected.context is context for expected in CITATIONS) == count


def test_every_link_leads_into_the_web() -> None:
    """No http link of the article, and no link of any page, leads to a host that the example does not serve."""
    hosts = ExampleWeb().hosts
    for path in PAGES:
        base = f"https://{path.relative_to(HOSTS).parts[0]}/"
        for link in lxml.html.document_fromstring(path.read_bytes()).iter("a"):
            url = urlsplit(urljoin(base, link.get("href", "")))
            assert url.scheme in {"mailto", "javascript"} or url.hostname in hosts, (path, link.get("href"))


def test_every_hop_stays_in_the_web() -> None:
    """Every redirect of every table leads to a host of the example."""
    hosts = ExampleWeb().hosts
    for table in sorted(HOSTS.glob("*/answers.toml")):
        for entry in tomllib.loads(table.read_text(encoding="utf-8")).values():
            if isinstance(entry, dict) and "redirect" in entry:
                assert urlsplit(urljoin(f"https://{table.parent.name}/", entry["redirect"])).hostname in hosts


def test_the_article_is_of_its_kind() -> None:
    """Some thousand words with a title, an author and a date, and with what makes finding the citations work."""
    page = article()
    body = page.find_class("article-body")[0].text_content().split()
    assert 900 <= len(body) <= 1300
    assert page.findtext(".//h1") == "Opinion | The Ceasefire on the Sel Is Not a Peace"
    assert "Ilse Maran" in page.find_class("byline")[0].text_content()


def source(expected: Expected) -> str:
    """The words of the page at the end of a citation's way, as its host's folder has it."""
    url = urlsplit(expected.final or expected.target or "")
    files = read_files(HOSTS / str(url.hostname))
    name = url.path.strip("/")
    return text_of(next(files[key] for key in (name, f"{name}.html", f"{name}/index.html", "index.html") if key in files))


@pytest.mark.parametrize(
    "expected", [c for c in CITATIONS if c.claim and not (c.target or "").endswith(".pdf")], ids=lambda c: c.claim
)
def test_claims_stand_or_do_not(expected: Expected) -> None:
    """A quotation or figure of the article stands in its source, or was changed on purpose."""
    assert expected.claim in text_of(lxml.html.tostring(article(), encoding="utf-8"))
    assert (expected.claim in source(expected)) is expected.holds


def test_what_was_changed_is_nearly_there() -> None:
    """The changed figure has two digits exchanged, the altered quotation lacks two words."""
    by_ordinal = {expected.ordinal: expected for expected in CITATIONS}
    assert "handed in 2,874 weapons" in source(by_ordinal[7])
    assert "The line is quiet, but it is not calm." in source(by_ordinal[9])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(HOSTS).as_posix())
def test_pages_are_written_in_what_they_declare(path: Path) -> None:
    """All pages are UTF-8 and say so, but the broadcaster's: Latin-1, of which one says so and one does not."""
    data = path.read_bytes()
    if path.relative_to(HOSTS).parts[0] != LATIN_1:
        assert data.decode("utf-8").isascii() or 'charset="utf-8"' in data.decode("utf-8").lower()
        return
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    text = data.decode("latin-1")
    assert ("iso-8859-1" in text) is (path.suffix == ".html")
    assert re.search("Källsen|Sjöberg", text)
    assert not re.search("[\x80-\x9f]", text)


@pytest.mark.parametrize("expected", [c for c in CITATIONS if c.verdict == "source"], ids=lambda c: str(c.target))
def test_sources_read_like_sources(expected: Expected) -> None:
    """A page that is to be kept as a source has at least 150 words and something around them to take away."""
    if not (expected.target or "").endswith(".pdf") and "?" not in (expected.target or ""):
        assert len(source(expected).split()) > 150


def test_the_configuration_runs_the_example() -> None:
    """sources.yml is accepted by the loader, names the article, and no host that the example lacks."""
    config = load(ROOT / "sources.yml")
    require_example_hosts(config, hosts=ExampleWeb().hosts)
    assert config.example
    assert [found.url for found in config.articles] == [ARTICLE]
    assert (config.limits.delay, config.limits.time_limit) == (0, 10)
    kinds = set(config.sources.kinds)
    assert kinds == {expected.kind for expected in CITATIONS} - {"web"}


def test_both_kinds_that_matter_are_kept() -> None:
    """A military statement and an intelligence estimate are among the citations that a crawl captures."""
    captured = {expected.kind for expected in CITATIONS if expected.outcome is Outcome.CAPTURED}
    assert {"military statement", "intelligence estimate"} <= captured
