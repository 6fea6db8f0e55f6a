"""The curator's entries find their citation, or say which there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.config import ConfigError, CuratorEntry
from spiders.curator import assign
from tests.spiders.marked import marked

TEXT = "He praised them, [saying](#) “yes.” She left, [saying](#) “no.” Some spoke of\n[“kill  list”](#) and [don’t](#) agree."
LINKS = marked(TEXT)
FILE = Path("sources.yml")
URL = "https://a.example/"


def entry(*, anchor: str | None = None, ordinal: int | None = None, line: int = 9) -> CuratorEntry:
    """An entry that knows a target."""
    return CuratorEntry(anchor=anchor, ordinal=ordinal, url=URL, line=line)


def refused(*entries: CuratorEntry) -> str:
    """The sentence that entries are refused with."""
    with pytest.raises(ConfigError) as caught:
        assign(entries, LINKS, file=FILE)
    assert (caught.value.file, caught.value.key) == (FILE, "articles[].citations[]")
    return str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (entry(ordinal=1), 0),
        (entry(ordinal=2, anchor="saying"), 1),
        (entry(anchor="“kill  list”"), 2),
        (entry(anchor='"kill list"'), 2),
        (entry(anchor=" don't "), 3),
    ],
)
def test_found(wanted: CuratorEntry, place: int) -> None:
    """By ordinal, by anchor letter by letter, or with white space and quotation marks evened out."""
    assert assign([wanted], LINKS, file=FILE) == {place: wanted}


def test_exact_comes_before_even() -> None:
    """An anchor that stands there letter by letter is not mixed up with one that is only alike."""
    links = marked("One [it's](#), one [it’s](#).")
    assert list(assign([entry(anchor="it's")], links, file=FILE)) == [0]
    assert list(assign([entry(anchor="it’s")], links, file=FILE)) == [1]


def test_several_citations() -> None:
    """An anchor that stands twice is an error with both sentences and their ordinals."""
    said = refused(entry(anchor="saying")).splitlines()
    assert said[0] == (
        "sources.yml, line 9: articles[].citations[] with anchor 'saying' matches 2 citations; say which with its ordinal:"
    )
    assert said[1:] == ["    1  [saying]  He praised them, saying “yes.”", "    2  [saying]  She left, saying “no.”"]


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (entry(anchor="sayin"), "with anchor 'sayin'"),
        (entry(anchor="Saying"), "with anchor 'Saying'"),
        (entry(ordinal=5), "with ordinal 5"),
        (entry(ordinal=3, anchor="saying"), "with ordinal 3 and anchor 'saying'"),
    ],
)
def test_no_citation(wanted: CuratorEntry, asked: str) -> None:
    """An entry that is about no citation is an error that lists all of them, each in one line."""
    said = refused(wanted).splitlines()
    assert said[0].endswith(f"{asked} matches no citation; the article has:")
    assert [line.split()[0] for line in said[1:]] == ["1", "2", "3", "4"]
    assert said[3] == "    3  [“kill  list”]  Some spoke of “kill list” and don’t agree."


def test_an_article_without_citations() -> None:
    """Where there is nothing to list, the sentence says so."""
    with pytest.raises(ConfigError, match="with ordinal 1 matches no citation: the article has none"):
        assign([entry(ordinal=1)], (), file=None)


def test_two_entries_for_one_citation() -> None:
    """Two entries about one citation contradict each other; the error names both lines."""
    said = refused(entry(ordinal=3, line=4), entry(anchor='"kill list"', line=7))
    assert said == "sources.yml, line 7: articles[].citations[] is about citation 3, and so is line 4"


def test_long_lists_are_cut() -> None:
    """An article with hundreds of citations does not fill the screen, nor does a long sentence."""
    links = marked(" ".join(f"Then [number {n}](#) {'came ' * 60}along." for n in range(100)))
    with pytest.raises(ConfigError) as caught:
        assign([entry(anchor="none")], links, file=FILE)
    lines = str(caught.value).splitlines()
    assert len(lines) == 42
    assert lines[-1] == "  … and 60 more"
    assert max(map(len, lines)) < 160
