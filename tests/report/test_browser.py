"""The report in a real browser: everybody can read it, on any screen, with or without eyes, and it asks for nothing.

Without Chromium these tests skip and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest

from archive.outputs.report.frame import page
from archive.outputs.report.markup import el, foreign
from tests.doors import Crawled
from tests.report import browser as chromium
from tests.report import hostile
from tests.report.test_report import written

if problem := chromium.missing():
    pytest.skip(problem, allow_module_level=True)

from playwright.sync_api import Browser, Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PAGES = ("article", "front", "evil front", "hostile", "bare")
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browsing() as found:
        yield found


@pytest.fixture(scope="module")
def pages(example: Crawled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("browser")
    real = written(example.collection, place / "real")
    evil = written(hostile.make(place / "c"), place / "evil")
    (article,) = real.pages
    named = {path.stem.rpartition("-")[0]: path for path in evil.pages}
    return {"article": article, "front": real.front, "evil front": evil.front, **named}


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds; its script comes in from outside, so that the page's own policy stays as strict as it is."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document).then(result => result.violations)")
    return [{"id": one["id"], "nodes": [node["html"][:200] for node in one["nodes"]][:3]} for one in found]


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("article", "light"), ("article", "dark"), ("front", "light"), ("evil front", "dark"), ("hostile", "light")],
)
def test_axe_finds_nothing(browser: Browser, pages: dict[str, Path], name: str, scheme: Scheme) -> None:
    """Landmarks, headings, names, contrast: no rule of axe is broken, in light and dark, with everything folded out."""
    with chromium.looking(browser, pages[name], color_scheme=scheme) as seen:
        open_all(seen.page)
        assert violations(seen.page) == []


def test_axe_would_find_something(browser: Browser, pages: dict[str, Path]) -> None:
    """The check can fail: a heading made empty and a pale text are found."""
    with chromium.looking(browser, pages["bare"]) as seen:
        seen.page.evaluate(
            "document.querySelector('h2').textContent = ''; document.querySelector('.summary').style.color = '#ddd'"
        )
        assert {"empty-heading", "color-contrast"} <= {one["id"] for one in violations(seen.page)}


@pytest.mark.parametrize(("name", "width"), [*((name, 320) for name in PAGES), ("article", 1600)])
def test_nothing_is_wider_than_the_screen(browser: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    """However long an address is, no page scrolls sideways."""
    with chromium.looking(browser, pages[name], width=width) as seen:
        open_all(seen.page)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_runs_nothing(browser: Browser, pages: dict[str, Path], name: str) -> None:
    """The one request is for the page itself; no script of anybody runs, and the browser has nothing to complain of."""
    with chromium.looking(browser, pages[name]) as seen:
        open_all(seen.page)
        seen.page.wait_for_timeout(50)
        assert seen.asked == [pages[name].resolve().as_uri()]
        assert seen.said == []
        assert seen.page.title() != "taken"


def test_the_policy_stops_what_would_slip_through(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """Were a script, a style or a picture to get into a page, the policy of the page keeps it from doing anything."""
    document = pages["bare"].read_text(encoding="utf-8")
    slipped = "<script>document.title='taken'</script><style>h1{display:none}</style><img src='https://a.example/x.png'>"
    (tmp_path / "page.html").write_text(document.replace("</main>", slipped + "</main>"), encoding="utf-8")
    with chromium.looking(browser, tmp_path / "page.html") as seen:
        assert seen.page.title() != "taken"
        assert seen.page.locator("h1").is_visible()
        assert len([said for said in seen.said if "Content Security Policy" in said]) == 3


def test_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    """The first Tab reaches the way past the header; from a citation Enter leads to its source, and from there back."""
    with chromium.looking(browser, pages["article"]) as seen:
        keyboard, look = seen.page.keyboard, seen.page.evaluate
        keyboard.press("Tab")
        assert look("document.activeElement.textContent") == "Skip to the content"
        assert look("document.activeElement.getBoundingClientRect().left") >= 0
        keyboard.press("Enter")
        assert look("document.activeElement.id") == "content"
        seen.page.locator("#cite-19").focus()
        assert look("getComputedStyle(document.activeElement).outlineWidth") == "3px"
        keyboard.press("Enter")
        assert seen.page.url.endswith("#source-19")
        keyboard.press("Tab")
        assert look("document.activeElement.getAttribute('href')") == "#cite-19"
        keyboard.press("Enter")
        assert seen.page.url.endswith("#cite-19")


def test_from_the_front_page_to_a_source(browser: Browser, pages: dict[str, Path]) -> None:
    """What needs a person is named on the front page, and each of it leads to its source on the article's page."""
    with chromium.looking(browser, pages["front"]) as seen:
        seen.page.locator("summary").press("Enter")
        assert seen.page.locator(".work li").count() == 9
        seen.page.locator(".work a").first.press("Enter")
        assert seen.page.url == f"{pages['article'].resolve().as_uri()}#source-6"
        assert seen.page.locator("#source-6").is_visible()


TURNED = """(places) => [...document.querySelectorAll(places)].filter(place => {
    const left = at => {
        const range = document.createRange();
        range.setStart(place.firstChild, at);
        range.setEnd(place.firstChild, at + 1);
        return range.getBoundingClientRect().left;
    };
    return left(0) >= left(1);
}).map(place => place.textContent)"""
"""The elements whose second character stands before their first."""


def test_nobody_turns_our_words_round(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """Whatever marks of direction a title has, closed, left open or closing what is ours, the words behind it run as they
    should; so does the number of a citation in a text that is turned."""
    evil = ("a\u202eb", "a\u202eb\u2066c", "a\u2069\u202eb", "\u05d0\u202d\u2067b")
    document = page("x", *(el("p", foreign(words), el("span", " 12 ours")) for words in evil), header="", footer="")
    (tmp_path / "page.html").write_text(document, encoding="utf-8")
    with chromium.looking(browser, tmp_path / "page.html") as seen:
        assert seen.page.evaluate(TURNED, "p span") == []
        seen.page.evaluate("document.querySelector('span').previousSibling.textContent = 'a\u202eb\u2066c'")
        assert seen.page.evaluate(TURNED, "p span") == [" 12 ours"]
    with chromium.looking(browser, pages["hostile"]) as seen:
        assert seen.page.locator(".prose .cite").count() == 1
        assert seen.page.evaluate(TURNED, ".cite, .chip") == []


def test_every_link_has_a_name_and_a_place(browser: Browser, pages: dict[str, Path]) -> None:
    """Each link within the page leads to something that is there, and no id is used twice."""
    with chromium.looking(browser, pages["article"]) as seen:
        broken = (
            "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash)).map(a => a.hash)"
        )
        assert seen.page.evaluate(broken) == []
        ids = seen.page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids)) > 60


def test_on_paper(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """The page prints: the text and each state in words are there, and what only folds is not."""
    with chromium.looking(browser, pages["article"], color_scheme="dark") as seen:
        pdf = seen.page.pdf(path=tmp_path / "page.pdf", format="A4")
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert not seen.page.locator("nav").is_visible()
        assert seen.page.locator("#source-6 .chip").inner_text().endswith("not the source")
        assert not seen.page.locator("summary").first.is_visible()
        seen.page.evaluate("document.querySelector('details').open = true")
        assert seen.page.locator("summary").first.is_visible()
        for coloured in (".chip.lost", ".cite.lost", "mark.lost"):
            said = f"getComputedStyle(document.querySelector('{coloured}'))"
            assert seen.page.evaluate(f"[{said}.color, {said}.backgroundColor]") == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert "9 need a person" in " ".join(text.split())
    assert "urn:uuid:" in text
