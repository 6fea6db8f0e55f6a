"""Hostile words on the pages of a report: they are shown as words, every one of them, and nothing of them is obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.model import Uri
from archive.outputs.report import Written
from tests.report import hostile
from tests.report.test_markup import Read
from tests.report.test_report import written


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    place = tmp_path_factory.mktemp("hostile")
    return written(hostile.make(place / "c"), place / "report")


def documents(report: Written) -> list[Path]:
    return [report.front, *report.pages.values()]


def test_no_word_becomes_a_part_of_the_page(report: Written) -> None:
    """No tag and no attribute comes from an article or a source, on any page."""
    for path in documents(report):
        read = Read(path.read_text(encoding="utf-8"))
        assert not {"script", "img", "iframe"} & set(read.tags)
        assert read.tags.count("title") == read.tags.count("style") == read.tags.count("main") == 1
        assert not [name for name, _ in read.attributes if name.startswith("on")]


def test_no_address_but_of_the_web_leads_anywhere(report: Written) -> None:
    """Every link leads within the report, or to http or https."""
    for path in documents(report):
        hrefs = [value or "" for name, value in Read(path.read_text(encoding="utf-8")).attributes if name == "href"]
        assert hrefs
        assert all(href.startswith(("#", "https://", "http://")) or href.endswith(".html") for href in hrefs)


def test_the_words_are_there_to_read(report: Written) -> None:
    """Nothing is dropped for being hostile: the title, the anchors, the addresses stand on the page as they were written."""
    said = Read(report.pages[Uri("https://magazine.example/hostile")].read_text(encoding="utf-8")).text
    assert hostile.BREAKS in said
    assert hostile.TURNED in said
    assert "a␀b␛]0;title␇c\ufffdd\ufffd" in said.replace("c?d", "c\ufffdd")  # the index has a `?` for half a character
    for address in hostile.ADDRESSES:
        assert address in said


def test_an_article_without_a_text_says_why(report: Written) -> None:
    """Its citations are listed all the same."""
    page = report.pages[Uri("https://magazine.example/silent")].read_text(encoding="utf-8")
    assert "The article has no text that could be shown" in page
    assert page.count('id="cite-') == 2


def test_an_article_without_citations_and_title_has_a_page(report: Written) -> None:
    """It says that there are none."""
    said = Read(report.pages[Uri("https://magazine.example/bare")].read_text(encoding="utf-8")).text
    assert "An article without a title" in said
    assert "0 citations: none; 0 need a person" in said
    assert "Nothing is cited." in said


def test_a_collection_without_articles_has_a_front_page(tmp_path: Path) -> None:
    """It says that no article has been read."""
    from tests.archive import living

    with living.running(tmp_path / "c") as collection:
        collection.append(living.page(1)).result()
    report = written(tmp_path / "c", tmp_path / "report")
    assert report.pages == {}
    assert "No article has been read in this collection." in report.front.read_text(encoding="utf-8")
