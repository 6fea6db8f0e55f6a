"""Captures in time: what stood at an instant, and which bytes a revisit stands for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import NotArchivedError
from archive.index.database import Database
from archive.memento import Memento, following, latest, mementos, nearest, original_of
from archive.model import Capture, Uri
from tests.archive import index_samples as a


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.create() as found:
        yield found


def kept_at(*seconds: int) -> list[Memento]:
    return [a.capture(f"at {second}", date=a.after(second)) for second in seconds]


def seconds_of(found: Memento | None) -> int | None:
    return None if found is None else int((found.date - a.BEGAN).total_seconds())


def test_captures_and_failures_stand_together(database: Database) -> None:
    """Everything that was met at an exact URI, oldest first, failures among captures."""
    values: list[Memento] = [
        a.capture("one", date=a.after(1)),
        a.failure("two", date=a.after(2)),
        a.capture("three", date=a.after(3)),
    ]
    database.add_all(reversed(values))
    database.add(a.capture("elsewhere", uri=Uri("https://www.example.org/a?a=1&b=2")))
    assert mementos(database, a.PAGE) == values
    assert mementos(database, Uri("https://www.example.org/A?b=2&a=1")) == []


@pytest.mark.parametrize(
    ("at", "before", "after", "near"),
    [
        (0, None, 10, 10),
        (10, 10, 20, 10),
        (14, 10, 20, 10),
        (15, 10, 20, 10),
        (16, 10, 20, 20),
        (20, 20, 40, 20),
        (99, 40, None, 40),
    ],
)
def test_the_one_at_an_instant(at: int, before: int | None, after: int | None, near: int) -> None:
    """At or before, after, and nearest in either direction; of two equally close the earlier."""
    found = kept_at(40, 10, 20)
    assert seconds_of(latest(found, at=a.after(at))) == before
    assert seconds_of(following(found, at=a.after(at))) == after
    assert seconds_of(nearest(found, at=a.after(at))) == near


def test_the_latest_is_the_last() -> None:
    """Without an instant the last one counts, also when it is a failure."""
    last = a.failure("last", date=a.after(50))
    assert latest([last, *kept_at(10, 40)]) == last


def test_nothing_stands_for_what_was_never_met() -> None:
    """Of nothing there is neither latest nor nearest."""
    assert (latest([]), following([], at=a.BEGAN), nearest([], at=a.BEGAN)) == (None, None, None)


@given(seconds=st.lists(st.integers(0, 50), max_size=8), at=st.integers(-5, 55))
def test_the_choices_agree(seconds: list[int], at: int) -> None:
    """Nothing lies between the one before and the one after, and the nearest is one of the two; the order does not matter."""
    found, when = kept_at(*seconds), a.after(at)
    before, after, near = (seconds_of(x) for x in (latest(found, at=when), following(found, at=when), nearest(found, at=when)))
    assert not any((before is None or s > before) and s <= at for s in seconds)
    assert not any((after is None or s < after) and s > at for s in seconds)
    assert near in (before, after)
    mirrored = list(reversed(found))
    assert nearest(mirrored, at=when) == nearest(found, at=when)


def test_of_two_at_one_instant_the_record_id_decides() -> None:
    """Two captures of one microsecond give the same answer in any order."""
    pair: list[Memento] = [a.capture("x"), a.capture("y")]
    assert latest(pair) == latest(pair[::-1])
    assert nearest(pair, at=a.BEGAN) == nearest(pair[::-1], at=a.BEGAN)


# Revisits


def test_a_response_is_its_own_original(database: Database) -> None:
    """What is no revisit stands for itself, and nothing is looked up."""
    assert original_of(database, a.capture("not in the index")) == a.capture("not in the index")


def test_a_chain_of_revisits_ends_at_the_bytes(database: Database) -> None:
    """A revisit of a revisit is resolved to the response."""
    first = a.capture("first")
    second = a.revisit("second", of=first, date=a.after(1))
    third = a.revisit("third", of=second, date=a.after(2))
    database.add_all([first, second, third])
    assert original_of(database, third) == first


def test_a_missing_original_is_said(database: Database) -> None:
    """A revisit whose original is not held names what is missing."""
    lost = a.capture("lost")
    again = a.revisit("again", of=lost, date=a.after(1))
    database.add(again)
    with pytest.raises(
        NotArchivedError, match=r"https://www\.example\.org/a\?b=2&a=1 is not in the collection at 2021-08-27"
    ) as caught:
        original_of(database, again)
    assert (caught.value.uri, caught.value.at) == (lost.uri, lost.date)


def test_a_circle_of_revisits_ends(database: Database) -> None:
    """Revisits that refer to each other have no original."""
    one = a.revisit("one", of=a.capture("two"))
    two = a.revisit("two", of=one)
    database.add_all([one, two])
    with pytest.raises(NotArchivedError):
        original_of(database, one)
    itself = a.revisit("itself", of=a.capture("itself"))
    database.add(itself)
    with pytest.raises(NotArchivedError):
        original_of(database, itself)


def other_crawlers_revisit(of: Capture, **changes: object) -> Capture:
    """A revisit that names URI and date, and no record."""
    return a.revisit("foreign", of=of, date=a.after(100), **{"refers_to": None, **changes})


def test_an_original_named_by_uri_and_date_is_found(database: Database) -> None:
    """A revisit without a record id is resolved by URI, date and payload; the payload must be the same."""
    first, later = a.capture("first"), a.capture("later", date=a.after(5))
    changed = a.capture("changed", date=a.after(9), payload_digest=a.digest("changed"))
    database.add_all([first, later, changed, a.capture("after", date=a.after(200))])
    assert original_of(database, other_crawlers_revisit(first)) == first
    assert original_of(database, other_crawlers_revisit(first, refers_to_date=None)) == later
    assert original_of(database, other_crawlers_revisit(first, refers_to_uri=None, refers_to_date=None)) == later
    with pytest.raises(NotArchivedError):
        original_of(database, other_crawlers_revisit(first, payload_digest=a.digest("never seen")))
