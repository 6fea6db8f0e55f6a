"""Full text: what a person types, what is found, and where in the text it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.index.database import Database
from archive.index.search import PRIVATE, Found, Hit, parse, search
from archive.model import Kept, Text, Uri
from tests.archive import index_samples as a

SEL = "The war in Upper Sel was over. " + "Nobody said more. " * 40 + "At least four attacks were stopped."
TEXTS = {
    "sel": SEL,
    "café": "Über das Café an der Straße",
    "tokyo": "彼は昨日、東京都に行った。新しい大学です。カタカナのテスト。",
    "beijing": "中国外交部发言人表示，喀布尔的局势",
    "bangkok": "กรุงเทพมหานครเป็นเมือง",
    "seoul": "서울에서 만난 사람",
    "moscow": "Война кончилась",
}


def held(texts: dict[str, str]) -> Iterator[Text]:
    for name, words in texts.items():
        yield a.text(name, words, capture_id=a.named(f"capture of {name}"), uri=Uri(f"https://{name}.example/"))


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """An index in memory with one text a host."""
    with Database.create() as found:
        found.add_all(held(TEXTS))
        yield found


def asked(database: Database, *words: str, limit: int = 9) -> Found:
    return search(database, parse(words), limit=limit)


def hosts(found: Found) -> list[str]:
    return sorted(hit.uri.split("/")[2].partition(".")[0] for hit in found.hits)


def marked(hit: Hit) -> list[str]:
    return [hit.passage[start - hit.start : end - hit.start] for start, end in hit.marks]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["war", "stopped"], ["sel"]),
        (["war", "peace"], []),
        (["four attacks"], ["sel"]),
        (["attacks four"], []),
        (['"attacks were" war'], ["sel"]),
        (["attack*"], ["sel"]),
        (["attack"], []),
        (["cafe", "UBER"], ["café"]),
        (["cafe", "OR", "war"], ["café", "sel"]),
        (["over", "cafe", "OR", "war"], ["sel"]),
        (["cafe", "NOT", "uber"], []),
        (["cafe", "NOT", "war"], ["café"]),
        (["война"], ["moscow"]),
        (["東京"], ["tokyo"]),
        (["大学"], ["tokyo"]),
        (["テスト"], ["tokyo"]),
        (["京東"], []),
        (["外交部"], ["beijing"]),
        (["喀布尔", "局势"], ["beijing"]),
        (["กรุงเทพ"], ["bangkok"]),
        (["서울"], ["seoul"]),
        (["東京", "OR", "外交部"], ["beijing", "tokyo"]),
    ],
)
def test_words_find_texts(database: Database, words: Sequence[str], expected: list[str]) -> None:
    """All words, phrases, beginnings, one of several, and not another; in writings with spaces and without."""
    found = asked(database, *words)
    assert (hosts(found), found.texts) == (expected, len(expected))


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.text(alphabet=st.sampled_from("ab:*^+-(){}\"'.,;\\東\x00 NEAROT"), max_size=9), max_size=5))
def test_nothing_that_is_typed_is_syntax(database: Database, words: list[str]) -> None:
    """Whatever is typed is looked for, or refused with one sentence."""
    if any(c.isalnum() for c in "".join(words).replace("NOT", "").replace("OR", "")):
        with contextlib.suppress(ValueError):  # only what must not be there was named
            asked(database, *words)
    else:
        with pytest.raises(ValueError, match="give a word to look for"):
            asked(database, *words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["—"], "there is no word in '—': give a word to look for"),
        (["NOT", "war"], "NOT takes away from what is found: give a word to look for"),
        (["word"] * 65, "these are more than 64 words: look for fewer, or for a phrase in double quotes"),
    ],
)
def test_what_is_no_question_is_one_sentence(words: list[str], sentence: str) -> None:
    """No word at all, nothing but exclusions, and too many words are refused."""
    with pytest.raises(ValueError, match="look for") as refused:
        parse(words)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["four attacks"], ["four attacks"]),
        (["uber", "caf*"], ["Über", "Café"]),
        (["東京"], ["東京"]),
        (["大学", "昨日"], ["昨日", "大学"]),
        (["กรุงเทพ"], ["กรุงเทพ"]),
    ],
)
def test_the_passage_is_a_part_of_the_text_with_the_words_in_it(
    database: Database, words: list[str], expected: list[str]
) -> None:
    """Places are code points of the text as it is kept: of the passage, and of each word in it."""
    (hit,) = asked(database, *words).hits
    text = next(text for text in TEXTS.values() if a.digest(text) == hit.digest)
    assert hit.passage == text[hit.start : hit.end]
    assert len(hit.passage) < 300
    assert hit.more == (hit.end < len(text))
    assert marked(hit) == expected


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab \n.é東\x1f\ue000\U0001f600"), max_size=60))
def test_places_are_right_in_any_text(text: str) -> None:
    """What is marked is the word that was looked for, whatever stands around it."""
    with Database.create() as found:
        found.add(a.text(words=f"{text} needle {text}"))
        (hit,) = asked(found, "NEEDLE").hits
    assert marked(hit) == ["needle"]


def test_a_text_that_leaves_no_character_for_marks_is_found() -> None:
    """A page that holds every private character is a hit without marks."""
    with Database.create() as found:
        found.add(a.text(words="needle " + "".join(map(chr, PRIVATE))))
        (hit,) = asked(found, "needle").hits
    assert (hit.start, hit.marks) == (0, ())


def test_the_passage_has_the_most_words() -> None:
    """Of all places where words stand, the one is shown where most different ones are close together."""
    text = "war " * 30 + "filler " * 100 + "war and peace at last " + "filler " * 100
    with Database.create() as found:
        found.add(a.text(words=text))
        (hit,) = asked(found, "war", "peace").hits
    assert marked(hit) == ["war", "peace"]


def years() -> list[Kept]:
    """A page that has changed and was cited in two readings, read twice in between; a second URI with the older text."""
    first, second = a.capture("first"), a.capture("second", date=a.after(200))
    old, new = a.article("old"), a.article("new", date=a.after(150))
    return [
        first,
        a.revisit("again", of=first, date=a.after(100)),
        second,
        a.capture("copy", uri=Uri("https://copy.example/"), date=a.after(50)),
        a.text("read", "an old needle", capture_id=first.record_id),
        a.text("read again", "an old needle", capture_id=first.record_id, date=a.after(10)),
        a.text("read later", "a needle, needle", capture_id=second.record_id, date=a.after(200)),
        a.extraction("read it", text_id=a.named("read again"), title="The title"),
        a.extraction("read later it", text_id=a.named("read later"), title="Later"),
        old,
        new,
        *(a.citation(number, of=reading) for reading in (old, new) for number in (4, 2)),
        *(
            a.attempt(a.citation(number, of=reading), date=reading.date, extraction_id=a.named("read it"))
            for reading in (old, new)
            for number in (4, 2)
        ),
    ]


def test_a_text_is_one_hit_with_its_captures_and_citations() -> None:
    """However often it was read and whoever stands for it; of several readings of an article the newest cites it."""
    with Database.create() as database:
        database.add_all(years())
        new, old = asked(database, "needle").hits
    assert (new.title, new.newest, [place.capture_id for place in new.captures]) == ("Later", True, [a.named("second")])
    assert (old.title, old.newest, old.text_id) == ("The title", False, a.named("read again"))
    assert [place.capture_id for place in old.captures] == [a.named("again"), a.named("first")]
    assert [place.captured_at for place in old.captures][1] == "2021-08-27T01:02:03.000004Z"
    expected = [a.citation(number, of=a.article("new")).citation_id for number in (2, 4)]
    assert [cited.citation_id for cited in old.citations] == expected


def test_what_stands_there_now_comes_first() -> None:
    """A text that was replaced comes after one that was not, however well it fits; the limit takes the first."""
    with Database.create() as database:
        database.add_all(years())
        database.add(a.text("other", "needle needle needle", uri=Uri("https://other.example/")))
        found = asked(database, "needle")
        assert [hit.newest for hit in found.hits] == [True, True, False]
        assert found.hits[0].rank < found.hits[1].rank
        limited = asked(database, "needle", limit=1)
    assert (limited.hits, limited.texts) == (found.hits[:1], 3)


def test_any_order_gives_the_same_hits() -> None:
    """Hits do not depend on the order in which texts came into the index."""
    hits = []
    for values in (years(), years()[::-1]):
        with Database.create() as database:
            database.add_all(values)
            hits.append(asked(database, "needle"))
    assert hits[0] == hits[1]
