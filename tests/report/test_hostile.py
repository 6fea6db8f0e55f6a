"""Hostile words on the pages of a report: they are shown as words, every one of them, and nothing of them is obeyed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.outputs.report import Written
from spiders.cli import main
from tests.report import hostile
from tests.report.test_markup import Read
from tests.report.test_report import written


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    place = tmp_path_factory.mktemp("hostile")
    return written(hostile.make(place / "c"), place / "report")


def documents(report: Written) -> list[Path]:
    return [report.front, *report.pages]


def document(report: Written, name: str) -> str:
    """The page of the article whose address ends so."""
    (path,) = (path for path in report.pages if path.stem.rpartition("-")[0] == name)
    return path.read_text(encoding="utf-8")


def test_no_word_becomes_a_part_of_the_page(report: Written) -> None:
    """No tag and no attribute comes from an article or a source, on any page."""
    for path in documents(report):
        read = Read(path.read_text(encoding="utf-8"))
        assert not {"script", "img", "iframe"} & set(read.tags)
        assert read.tags.count("title") == read.tags.count("style") == read.tags.count("main") == 1
        assert not [name for name, _ in read.attributes if name.startswith("on")]
        assert {value for name, value in read.attributes if name == "lang"} == {"en"}


def test_no_address_but_of_the_web_leads_anywhere(report: Written) -> None:
    """Every link leads within the report, or to http or https."""
    for path in documents(report):
        hrefs = [value or "" for name, value in Read(path.read_text(encoding="utf-8")).attributes if name == "href"]
        assert hrefs
        within = [href.partition("#")[0] for href in hrefs if not href.startswith(("https://", "http://"))]
        assert all(href == "" or (path.parent / href).is_file() for href in within)


def test_the_words_are_there_to_read(report: Written) -> None:
    """Nothing is dropped for being hostile: the title, the anchors, the addresses stand on the page as they were written."""
    said = Read(document(report, "hostile")).text
    assert hostile.BREAKS in said
    assert hostile.TURNED in said
    assert "user\\u202egnp.exe\\u2066 and" in said  # the anchor, in a line of ours
    assert "a␀b␛]0;title␇c?d\ufffd" in said  # the index has a `?` for half a character
    for address in hostile.ADDRESSES:
        assert address in said


def test_an_article_without_a_text_says_why(report: Written) -> None:
    """Its citations are listed all the same."""
    page = document(report, "silent")
    assert "The article has no text that could be shown" in page
    assert page.count('id="cite-') == 2


def test_an_article_without_citations_and_title_has_a_page(report: Written) -> None:
    """It says that there are none."""
    said = Read(document(report, "bare")).text
    assert "An article without a title" in said
    assert "0 citations: none; 0 need a person" in said
    assert "Nothing is cited." in said


def test_the_title_of_a_window_can_not_be_turned(report: Written) -> None:
    """No element isolates anything there, so that marks of direction are spelled out."""
    title = re.search("<title>(.*?)</title>", document(report, "hostile"))
    assert title
    assert "user\\u202egnp.exe\\u2066 and" in title[1]
    assert title[1].endswith("— what it cites")


def test_a_long_text_is_cut_where_it_is_a_source(report: Written, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An article is there to its last line. A source that is as long is cut, its page says so, and the command that it
    names gives all of it."""
    page = document(report, "long")
    prose, _, sources = page.partition('<section aria-labelledby="sources">')
    last = hostile.LONG.rpartition("\n")[2]
    assert len(hostile.LONG) > 900_000
    assert last in prose
    assert last not in sources
    cut = re.search(r"Cut here, after 20,000 of ([0-9,]+) characters.*?footnotary show (\S+) --raw", sources)
    assert cut
    assert cut[1] == f"{len(hostile.LONG):,}"
    collection = report.front.parents[1] / "c"
    assert main(["show", cut[2], "--raw", "--collection", str(collection)]) == 0
    assert capfd.readouterr().out == hostile.LONG
    assert page.count("Cut here") == 1


def test_no_title_and_no_sentence_makes_a_page_grow(report: Written) -> None:
    """A title and sixty sentences of a megabyte each: what is said again and again is cut, and says so."""
    for page in (document(report, "long"), report.front.read_text(encoding="utf-8")):
        assert len(page) < 3_000_000
        assert f"… ({len(hostile.BREAKS) * 10_000:,} characters)" in page


def test_the_commands_of_a_page_are_about_its_own_sources(report: Written, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """In a collection of several articles each has a first citation: what a page says to type names a record."""
    collection = report.front.parents[1] / "c"
    for name in ("hostile", "silent"):
        page = document(report, name)
        commands = re.findall(r"footnotary show (\S+) --raw", page)
        assert commands
        for what in set(commands):
            assert main(["show", what, "--raw", "--collection", str(collection)]) == 0
            assert capfdbinary.readouterr().out.endswith(f"https://magazine.example/{name}".encode())


def test_a_collection_without_articles_has_a_front_page(tmp_path: Path) -> None:
    """It says that no article has been read."""
    from tests.archive import living

    with living.running(tmp_path / "c") as collection:
        collection.append(living.page(1)).result()
    report = written(tmp_path / "c", tmp_path / "report")
    assert report.pages == ()
    assert "No article has been read in this collection." in report.front.read_text(encoding="utf-8")
