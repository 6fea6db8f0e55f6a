"""What is different from the run before: states, new citations, citations that are gone, and runs that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive.index.database import Database
from archive.model import Article, Outcome, Quote
from archive.outputs.changes import Change, changes
from archive.outputs.table import Row, rows_of
from tests.archive import index_samples as a


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.create() as found:
        yield found


def _quote(words: str) -> Quote:
    return Quote(exact=words)


def read(database: Database, number: int, /, **outcomes: tuple[Outcome, int | None]) -> Article:
    """One reading of the article in its run: a citation for each anchor, with what became of it."""
    at = 10_000 * number
    article = a.article(f"reading {number}", date=a.after(at))
    database.add(article)
    for ordinal, (anchor, (outcome, status)) in enumerate(outcomes.items(), 1):
        citation = a.citation(ordinal, of=article, anchor=_quote(anchor), date=a.after(at))
        capture = a.capture(f"{anchor} in {number}", status=status, date=a.after(at))
        said = a.extraction(f"text of {anchor} in {number}", capture_id=capture.record_id)
        database.add_all([citation, capture, said])
        kept = {"capture_id": capture.record_id, "extraction_id": said.record_id} if status else {"capture_id": None}
        database.add(a.attempt(citation, outcome=outcome, date=a.after(at + ordinal), **kept))
    return article


KEPT = (Outcome.CAPTURED, 200)
GONE = (Outcome.CAPTURED, 404)
DOWN = (Outcome.UNREACHABLE, None)
CUT_OFF = (Outcome.INTERRUPTED, None)


def since_before(database: Database, article: Article) -> dict[str, Change]:
    """The changes of a reading by anchor."""
    rows: list[Row] = list(rows_of(database, article))
    found = changes(database, rows, since=database.reading_before(article))
    assert len({change.row.anchor for change in found}) == len(found)
    return {change.row.anchor: change for change in found}


def test_at_first_everything_is_new(database: Database) -> None:
    """Every citation of a first reading is new, and nothing is worse."""
    found = since_before(database, read(database, 1, one=KEPT, two=DOWN))
    assert [(anchor, change.before, change.worse) for anchor, change in found.items()] == [
        ("one", None, False),
        ("two", None, False),
    ]
    assert str(found["one"]) == f"{a.ARTICLE}, citation 1 ({a.PAGE}) is new: kept"


def test_what_is_as_it_was_is_no_change(database: Database) -> None:
    """The same states, however they came about, are silence."""
    read(database, 1, one=KEPT, two=DOWN)
    assert since_before(database, read(database, 2, one=(Outcome.UNCHANGED, 200), two=(Outcome.ROBOTS, None))) == {}


def test_what_was_kept_and_is_not_is_worse(database: Database) -> None:
    """A source that is gone is worse and says what to do; one that came back is a change for the better."""
    read(database, 1, one=KEPT, two=DOWN, three=GONE)
    found = since_before(database, read(database, 2, one=GONE, two=KEPT, three=DOWN))
    assert {anchor: change.worse for anchor, change in found.items()} == {"one": True, "two": False, "three": False}
    assert str(found["one"]) == (
        f"{a.ARTICLE}, citation 1 ({a.PAGE}) was kept and now is not the source: {found['one'].row.next}"
    )
    assert str(found["two"]) == f"{a.ARTICLE}, citation 2 ({a.PAGE}) was not kept and now is kept"


def test_a_citation_that_came_or_went_is_a_change(database: Database) -> None:
    """In an edited article the new citation is new though it moved the others; the lost one is said with its old number."""
    read(database, 1, one=KEPT, two=KEPT)
    found = since_before(database, read(database, 2, fresh=DOWN, two=KEPT))
    assert {anchor: (change.before, change.gone, change.worse) for anchor, change in found.items()} == {
        "fresh": (None, False, False),
        "one": (None, True, False),
    }
    assert str(found["one"]) == f"{a.ARTICLE}, citation 1 ({a.PAGE}) is not in the article any more"


def test_runs_that_ended_early_say_nothing(database: Database) -> None:
    """Kept, interrupted, interrupted, gone: worse in the last run and silent in between; what is new meanwhile is new."""
    read(database, 1, one=KEPT)
    assert since_before(database, read(database, 2, one=CUT_OFF)) == {}
    assert since_before(database, read(database, 3, one=(Outcome.ARCHIVE_FAILED, None), new=CUT_OFF)) == {}
    found = since_before(database, read(database, 4, one=GONE, new=KEPT))
    assert {anchor: change.worse for anchor, change in found.items()} == {"one": True, "new": False}
    assert found["new"].before is None


def test_citations_that_are_alike_are_told_apart_by_their_order(database: Database) -> None:
    """Two links with one anchor and one href are two: when the second gets worse, one change is said."""
    first = read(database, 1, one=KEPT)
    twin = a.citation(2, of=first, anchor=_quote("one"), date=first.date)
    database.add_all([twin, a.attempt(twin, date=a.after(10_002), outcome=Outcome.UNREACHABLE, capture_id=None)])
    second = read(database, 2, one=KEPT)
    again = a.citation(2, of=second, anchor=_quote("one"), date=second.date)
    database.add_all([again, a.attempt(again, date=a.after(20_002), outcome=Outcome.UNREACHABLE, capture_id=None)])
    assert since_before(database, second) == {}


def test_another_source_that_a_curator_names_is_not_worse(database: Database) -> None:
    """A target that is another one than before may be kept or not: that is a change, and no source got worse."""
    first = read(database, 1, one=KEPT)
    assert first
    second = a.article("reading 2", date=a.after(20_000))
    moved = a.citation(1, of=second, anchor=_quote("one"), target="https://elsewhere.example/", date=second.date)
    database.add_all([second, moved, a.attempt(moved, date=a.after(20_001), outcome=Outcome.UNREACHABLE, capture_id=None)])
    (change,) = since_before(database, second).values()
    assert (change.row.state, change.worse) == ("not kept", False)
