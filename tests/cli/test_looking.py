"""`show`, `history`, `diff` and `search`: what WHAT may be, what is said of it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.index.database import Database
from archive.layout import Layout
from archive.model import Article, Attempt, Capture, Citation, Extraction, KeptFailure, RecordEntry, RunStart
from spiders.cli import main
from tests.archive import index_samples as a
from tests.archive import living
from tests.archive.samples import failure
from tests.doors import Crawled
from tests.weeks import Weeks

Output = pytest.CaptureFixture[str]


def said(capfd: Output, *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; exit code, output, errors."""
    code = main(arguments)
    out, err = capfd.readouterr()
    return code, out, err


def objects(capfd: Output, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = said(capfd, *arguments, "--format", "json")
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def weekly(weeks: Weeks) -> list[str]:
    """The option that names the crawls, week by week."""
    return ["--collection", str(weeks.collection)]


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """A collection of two articles, each with two citations; the first leads to a text, the second to nothing."""
    for number in (1, 2):
        with living.running(tmp_path / "c") as collection:
            capture = collection.append(living.page(number)).result()
            missing = collection.append_failure(failure(uri=a.PAGE, at=living.CLOCK())).result()
            living.conclude(collection, capture, missing)
    return ["--collection", str(tmp_path / "c")]


# WHAT


@pytest.mark.parametrize("kind", [Citation, Attempt, Capture, KeptFailure, Extraction, Article])
def test_a_record_of_any_kind_is_shown_by_its_id(kind: type[Any], weeks: Weeks, weekly: list[str], capfd: Output) -> None:
    """Whole, bare, or by its first digits, a record's id gives the one thing; its history is that of what it is about."""
    value = living.indexed(weeks.collection, kind)[0]
    bare = value.record_id.removeprefix("urn:uuid:")
    shown = objects(capfd, "show", value.record_id, *weekly)
    assert len(shown) == 1
    assert value.record_id in shown[0].values()
    assert {"file", "offset", "length"} <= set(shown[0])
    for what in (bare, bare[:13], bare.upper()):
        assert objects(capfd, "show", what, *weekly) == shown
    assert objects(capfd, "history", value.record_id, *weekly)


@pytest.mark.parametrize("kind", ["request", "conversion", "metadata"])
def test_other_records_lead_to_what_they_are_about(kind: str, weeks: Weeks, weekly: list[str], capfd: Output) -> None:
    """A request, a text and a metadata record are shown with their place, and followed by their URI."""
    entries = [entry for entry in living.indexed(weeks.collection, RecordEntry) if entry.type == kind and entry.uri]
    (shown,) = objects(capfd, "show", entries[0].record_id, *weekly)
    assert (shown["type"], shown["file"], shown["offset"]) == (
        kind,
        entries[0].location.file,
        entries[0].location.offset,
    )
    assert objects(capfd, "history", entries[0].record_id, *weekly)[0]["uri"] == entries[0].uri


def test_a_record_without_a_uri_has_no_history(weeks: Weeks, weekly: list[str], capfd: Output) -> None:
    """The first record of a run can be shown and not followed."""
    with Database.open_read_only(Layout(weeks.collection).database) as database:
        start = database.runs()[0].start
    assert isinstance(start, RunStart)
    code, out, err = said(capfd, "history", start.record_id, *weekly)
    assert (code, out) == (2, "")
    assert err == (
        f"{start.record_id} is a record that stands for itself: look at it with `footnotary show {start.record_id}`\n"
    )


def test_digits_of_several_ids_are_refused(weeks: Weeks, weekly: list[str], capfd: Output, tmp_path: Path) -> None:
    """What begins several ids is one sentence that lists them."""
    with living.running(tmp_path / "c") as collection:
        for end in "12":
            record_id = f"urn:uuid:abcdef01-0000-4000-8000-00000000000{end}"
            collection.keep(a.article(record_id=record_id, run_id=collection.run_id)).result()
    code, out, err = said(capfd, "show", "abcdef01", "--collection", str(tmp_path / "c"))
    assert (code, out) == (2, "")
    assert err.startswith("abcdef01 begins several ids, give more of it: urn:uuid:abcdef01-0000")


def test_a_number_is_that_of_each_article(two: list[str], capfd: Output) -> None:
    """Each article's citation is shown, followed and compared; `2.1` is that of the second article alone."""
    articles = ["http://a.example/1", "http://a.example/2"]
    assert sorted(one["article_uri"] for one in objects(capfd, "show", "1", *two)) == articles
    assert sorted(one["article"] for one in objects(capfd, "history", "1", *two)) == articles
    assert len(objects(capfd, "diff", "1", *two)) == 2
    second = objects(capfd, "history", "2.1", *two)
    assert len(second) == 1
    assert second[0]["article"] in articles
    code, out, err = said(capfd, "show", "3.1", *two)
    assert (code, out) == (2, "")
    assert err.startswith("3.1 is not in the collection: ")


def test_a_number_that_no_article_has_is_one_sentence(weekly: list[str], capfd: Output) -> None:
    """The sentence says how many there are."""
    code, out, err = said(capfd, "diff", "99", *weekly)
    assert (code, out, err) == (2, "", "99 is not in the collection: https://paper.example/weekly has 8 citations\n")


@pytest.mark.parametrize(
    "what",
    [
        "http://edited.example/a",
        "https://edited.example/a/",
        "https://www.edited.example/a",
        "edited.example/a",
        "HTTPS://EDITED.EXAMPLE/a#part",
        "https://edited.example/b",
    ],
)
@pytest.mark.parametrize("command", ["show", "history", "diff"])
def test_a_uri_that_is_not_there_names_what_comes_near(what: str, command: str, weekly: list[str], capfd: Output) -> None:
    """Another scheme, slash, www, no scheme at all, or a letter that is wrong: the sentence has the right one."""
    code, out, err = said(capfd, command, what, *weekly)
    assert (code, out) == (2, "")
    assert err.startswith(f"{what} is not in the collection: it has https://edited.example/a")


def test_a_uri_is_met_exactly_and_without_its_fragment(weekly: list[str], capfd: Output) -> None:
    """A fragment is no part of what was asked for; a URI of the collection stands for itself."""
    plain = objects(capfd, "history", "https://edited.example/a", *weekly)
    assert objects(capfd, "history", "https://edited.example/a#part", *weekly) == plain
    assert [step["http"] for step in plain] == [200] * 5


def test_what_is_typed_is_said_back_in_plain(weekly: list[str], capfd: Output) -> None:
    """Escape sequences in what was typed do not reach the terminal."""
    _, _, err = said(capfd, "show", "https://a.example/\x1b]0;x\x07", *weekly)
    assert err == "https://a.example/\\x1b]0;x\\x07 is not in the collection\n"


# history


def test_history_of_a_citation_over_the_weeks(weekly: list[str], capfd: Output) -> None:
    """A source that changed in the third week, one that hung up, and one whose link was always lost."""
    edited = objects(capfd, "history", "3", *weekly)
    assert [(step["outcome"], step["bytes"], step["text"]) for step in edited] == [
        ("captured", "first", "first"),
        ("unchanged", "same", "same"),
        ("captured", "changed", "changed"),
        ("unchanged", "same", "same"),
        ("unchanged", "same", "same"),
    ]
    down = objects(capfd, "history", "5", *weekly)
    assert [(step["state"], step["bytes"]) for step in down[1:3]] == [("kept", "same"), ("not kept", "nothing came")]
    assert [step["state"] for step in objects(capfd, "history", "8", *weekly)] == ["no link"] * 5


def test_history_as_a_table_has_a_row_a_week_that_leads_on(weekly: list[str], capfd: Output) -> None:
    """The table names the citation and has the first digits of each record, with which it can be shown."""
    code, out, _ = said(capfd, "history", "3", *weekly)
    title, names, *rows = out.splitlines()
    assert code == 0
    assert title.strip() == "https://paper.example/weekly, citation 3 (https://edited.example/a)"
    assert names.split() == ["state", "when", "outcome", "http", "bytes", "text", "size", "record"]
    steps = objects(capfd, "history", "3", *weekly)
    assert [row.split()[-1] for row in rows] == [step["record_id"][9:17] for step in steps]
    assert objects(capfd, "show", rows[0].split()[-1], *weekly)[0]["record_id"] == steps[0]["record_id"]


def test_history_of_a_redirect_has_no_state(weekly: list[str], capfd: Output) -> None:
    """A hop is met, and is no citation's source by itself."""
    steps = objects(capfd, "history", "http://moved.example/old", *weekly)
    assert {(step["http"], step["state"]) for step in steps} == {(301, None)}


# diff


def test_diff_shows_the_words_that_have_changed(weekly: list[str], capfd: Output) -> None:
    """Without colours as wdiff marks them; unchanged paragraphs are counted."""
    code, out, _ = said(capfd, "diff", "3", *weekly)
    assert code == 0
    assert "The [-first-]{+second+} edition\n" in out
    assert "(1 paragraph unchanged)" in out
    assert [line[:4] for line in out.splitlines()[1:3]] == ["- 20", "+ 20"]


def test_diff_as_json_has_both_captures_and_all_words(weekly: list[str], capfd: Output) -> None:
    """The two steps in full, whether the texts are equal, and every run."""
    (found,) = objects(capfd, "diff", "https://edited.example/a", *weekly)
    assert (found["from"]["text"], found["to"]["text"], found["equal"], found["note"]) == ("same", "same", False, None)
    kinds = [run["kind"] for part in found["parts"] for run in part["runs"]]
    assert {"same", "removed", "added"} == set(kinds)


def test_diff_by_dates(weeks: Weeks, weekly: list[str], capfd: Output) -> None:
    """Instants choose what stood there then: two equal texts are said to be equal, and the first two weeks were."""
    first, second, third = (week.after.isoformat() for week in weeks.each)
    (equal,) = objects(capfd, "diff", "3", *weekly, "--from", first, "--to", second)
    assert (equal["equal"], equal["note"]) == (True, "the texts are equal, and so are the bytes")
    (changed,) = objects(capfd, "diff", "3", *weekly, "--from", second, "--to", third)
    assert (changed["equal"], changed["from"]["when"] < second < changed["to"]["when"]) == (False, True)
    code, _, err = said(capfd, "diff", "3", *weekly, "--from", "1999-12-31")
    assert code == 2
    assert err.startswith("no text was kept at or before 1999-12-31T23:59:59.999999Z: the first one is of ")
    code, _, err = said(capfd, "diff", "3", *weekly, "--to", "yesterday")
    assert (code, err) == (2, "'yesterday' is no date: write 2021-08-27 or 2021-08-27T12:00:00Z\n")


def test_diff_says_when_there_is_nothing_to_compare(two: list[str], weekly: list[str], capfd: Output) -> None:
    """One text, none at all, or texts that never changed: each is a sentence and exit code 0."""
    code, out, _ = said(capfd, "diff", "2.1", *two)
    assert (code, "there is one text, of 2026-11-24" in out) == (0, True)
    code, out, _ = said(capfd, "diff", "2.2", *two)
    assert (code, "no text of it is kept" in out) == (0, True)
    code, out, _ = said(capfd, "diff", "1", *weekly)
    assert (code, "the texts are equal, and so are the bytes" in out) == (0, True)


# search


def test_search_finds_source_and_article(example: Crawled, capfd: Output) -> None:
    """A phrase stands in the source and in the article that quotes it; the source is named with the citation."""
    here = ["--collection", str(example.collection)]
    hits = objects(capfd, "search", "four attacks", *here)
    assert [(hit["uri"].split("/")[2], [one["ordinal"] for one in hit["citations"]]) for hit in hits] == [
        ("command.example", [19]),
        ("magazine.example", []),
    ]
    with Database.open_read_only(Layout(example.collection).database) as database:
        for hit in hits:
            ((text,),) = database.rows("SELECT text FROM wording WHERE digest = ?", (hit["digest"],))
            assert [text[start:end] for start, end in hit["marks"]] == ["four attacks"]
            assert hit["passage"] == text[hit["start"] : hit["end"]]
    code, out, _ = said(capfd, "search", "four attacks", *here)
    assert code == 0
    assert "at least «four attacks» were stopped" in out
    assert "cited as 19 in https://magazine.example/" in out
    assert out.splitlines()[-1] == "2 texts"


def test_search_says_what_stands_there_no_more(weekly: list[str], capfd: Output) -> None:
    """The text of now comes first, and the one that it has replaced says so; the limit is said too."""
    new, old = objects(capfd, "search", "edition", *weekly)
    assert (new["newest"], old["newest"], len(new["captures"]), len(old["captures"])) == (True, False, 3, 2)
    _, out, _ = said(capfd, "search", "edition", *weekly)
    assert "(2 captures); another text stands there now" in out
    _, out, _ = said(capfd, "search", "edition", *weekly, "--limit", "1")
    assert out.splitlines()[-1] == "2 texts, the best 1 are shown (--limit)"


def test_search_without_a_hit_and_without_a_word(weekly: list[str], capfd: Output) -> None:
    """Nothing found is 0 and a line; no word to look for is 2 and a sentence."""
    assert said(capfd, "search", "zeppelin", *weekly) == (0, "0 texts\n", "")
    assert said(capfd, "search", "—", *weekly) == (2, "", "there is no word in '—': give a word to look for\n")
    assert said(capfd, "search", "a", "--limit", "0", *weekly)[0] == 2


def test_every_text_of_a_crawl_can_be_searched(weeks: Weeks) -> None:
    """Each conversion record of a crawl has its text in the index, as the record has it."""
    entries = [one for one in living.indexed(weeks.collection, RecordEntry) if one.type == "conversion"]
    with Database.open_read_only(Layout(weeks.collection).database) as database:
        held = dict(database.rows("SELECT text.record_id, wording.text FROM text JOIN wording USING (digest)"))
    assert entries
    assert held == {one.record_id: living.block(weeks.collection, one.location).decode() for one in entries}
