"""Histories: each attempt and memento in order, compared with the time before, and which two texts are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from archive.index.database import Database
from archive.model import Citation, Kept, Outcome, Quote, Uri
from archive.outputs.history import Step, followed, of_citation, of_uri, pair, texts
from tests.archive import index_samples as a

DAYS = 86_400


def reading(day: int, *, numbers: Sequence[int] = (1, 2)) -> list[Any]:
    """A reading of the article with some citations that differ in number and sentence only."""
    read = a.article(f"reading {day}", date=a.after(day * DAYS), links=())
    return [read, *(a.citation(n, of=read, sentence=Quote(exact=f"Sentence {n} of day {day}.")) for n in numbers)]


def came(name: str, day: int, of: Citation, *, words: str, **changes: Any) -> list[Kept]:
    """An attempt that brought an answer, with its text."""
    at = a.after(day * DAYS + 1)
    captured = a.capture(name, date=at, payload_digest=a.digest(words), body_digest=a.digest(words), **changes)
    read = a.extraction(f"{name} read", capture_id=captured.record_id, text_id=a.named(f"{name} text"), digest=a.digest(words))
    text = a.text(f"{name} text", words, capture_id=captured.record_id)
    ended: dict[str, Any] = {"capture_id": captured.record_id, "extraction_id": read.record_id, "hops": (captured.record_id,)}
    return [captured, read, text, a.attempt(of, date=at, **ended)]


@pytest.fixture
def database() -> Iterator[Database]:
    """Five readings: the second citation moves to another place, its source changes, vanishes for a day, and comes back."""
    days = [
        reading(0),
        reading(1),
        reading(2, numbers=(1, 2, 3)),
        reading(3),
        reading(4, numbers=(1,)),
    ]
    missed = a.failure("missed", date=a.after(2 * DAYS + 1))
    lost: dict[str, Any] = {"capture_id": None, "extraction_id": None, "failure_id": missed.record_id}
    lost["hops"] = (missed.record_id,)
    values: list[Kept] = [value for day in days for value in day]
    values += came("zero", 0, days[0][2], words="first words")
    values += came("one", 1, days[1][2], words="other words")
    values += [missed, a.attempt(days[2][2], date=missed.date, outcome=Outcome.UNREACHABLE, **lost)]
    values += came("three", 3, days[3][2], words="other words", status=404)
    with Database.create() as found:
        found.add_all(values)
        yield found


def named(database: Database, day: int, number: int) -> Citation:
    (found,) = [c for c in database.citations(a.named(f"reading {day}")) if c.ordinal == number]
    return found


def test_a_citation_is_followed_over_all_readings(database: Database) -> None:
    """By anchor and href, the second of its kind stays the second, whatever its sentence says; one that is gone has no more."""
    expected = [(0, 2), (1, 2), (2, 2), (3, 2)]
    for day, number in expected:
        found = followed(database, named(database, day, number))
        assert [(c.article_id, c.ordinal) for c in found] == [(a.named(f"reading {d}"), n) for d, n in expected]
    assert len(followed(database, named(database, 4, 1))) == 5


def said(steps: Sequence[Step]) -> list[tuple[Any, ...]]:
    return [(step.outcome, step.state, step.http, step.bytes, step.text) for step in steps]


def test_each_attempt_is_compared_with_the_last_that_brought_something(database: Database) -> None:
    """First, changed, nothing came, and the same as before the gap, each with its state and the record that says most."""
    steps = of_citation(database, named(database, 3, 2))
    assert said(steps) == [
        ("captured", "kept", 200, "first", "first"),
        ("captured", "kept", 200, "changed", "changed"),
        ("unreachable", "not kept", None, "nothing came", "nothing came"),
        ("captured", "not the source", 404, "same", "same"),
    ]
    assert [step.record_id for step in steps] == [a.named(name) for name in ("zero", "one", "missed", "three")]
    assert [step.ordinal for step in steps] == [2, 2, 2, 2]
    assert steps[0].tool == "trafilatura 2.3.1"


def test_a_uri_has_everything_that_was_met_there(database: Database) -> None:
    """Captures and failures, those too that no citation was attempted with; a revisit has the text of its original."""
    with database:
        again = a.revisit("again", of=a.capture("three"), date=a.after(9 * DAYS), payload_digest=a.digest("other words"))
        database.add(again)
        steps = of_uri(database, a.PAGE)
        assert of_uri(database, Uri("https://nobody.example/")) == []
    assert said(steps)[2:] == [
        ("unreachable", "not kept", None, "nothing came", "nothing came"),
        ("captured", "not the source", 404, "same", "same"),
        ("unchanged", None, 200, "same", "same"),
    ]
    assert steps[-1].text_id == a.named("three text")


def test_a_citation_that_was_never_attempted_has_no_history(database: Database) -> None:
    """No attempt, no step."""
    assert of_citation(database, named(database, 0, 1)) == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ("zero", "three")),
        (1.5, None, ("one", "three")),
        (None, 1.5, ("zero", "one")),
        (0.5, 2.5, ("zero", "one")),
        (1.5, 1.5, ("one", "one")),
        (None, 0.5, ("zero", "zero")),
    ],
)
def test_which_two_texts_are_compared(
    database: Database, since: float | None, until: float | None, expected: tuple[str, str]
) -> None:
    """The newest with the last that differs from it; with instants, what stood there at each of them."""

    def day(number: float | None) -> datetime | None:
        return None if number is None else a.after(number * DAYS)

    read = texts(of_citation(database, named(database, 0, 2)))
    found = pair(read, since=day(since), until=day(until))
    assert tuple(step.record_id for step in found) == tuple(a.named(name) for name in expected)


def test_before_the_first_text_is_one_sentence(database: Database) -> None:
    """An instant before everything is refused, and the sentence says when the first text is of."""
    read = texts(of_citation(database, named(database, 0, 2)))
    with pytest.raises(ValueError, match=r"at or before 2021-08-26T.*: the first one is of 2021-08-27T01:02:04\.000004Z"):
        pair(read, since=a.after(-DAYS))
