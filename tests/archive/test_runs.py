"""Which runs were good: those that came to their own end, read an article, and left no citation undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from archive.index.database import Database
from archive.model import Outcome
from archive.outputs.runs import last_good_run
from tests.archive import index_samples as a


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.create() as found:
        yield found


def run(database: Database, number: int, *outcomes: Outcome, reason: str | None = "finished", reads: bool = True) -> str:
    """A run of one article with a citation for each outcome; without a reason it was cut off."""
    run_id = f"2021082701020{number}abcdef"
    said: dict[str, Any] = {"run_id": run_id, "date": a.after(100 * number)}
    database.add(a.run_start(**said, record_id=a.named(f"start {number}")))
    article = a.article(f"article {number}", **said)
    if reads:
        database.add(article)
    for ordinal, outcome in enumerate(outcomes, 1):
        citation = a.citation(ordinal, of=article, **said)
        database.add_all([citation, a.attempt(citation, **said, sequence=ordinal, outcome=outcome)])
    if reason:
        database.add(a.run_end(**said, record_id=a.named(f"end {number}"), reason=reason))
    return run_id


def last(database: Database) -> str | None:
    found = last_good_run(database)
    return found.run_id if found else None


def test_nothing_is_good_before_the_first_run(database: Database) -> None:
    """A collection without runs has no good one."""
    assert last(database) is None


def test_dead_links_are_good(database: Database) -> None:
    """What a run found makes it no worse: refusals, dead hosts, lost targets; nor does an article that cites nothing."""
    first = run(database, 1, Outcome.CAPTURED, Outcome.UNREACHABLE, Outcome.ROBOTS, Outcome.NO_TARGET)
    assert last(database) == first
    assert run(database, 2) == last(database)


@pytest.mark.parametrize("outcome", [Outcome.INTERRUPTED, Outcome.ARCHIVE_FAILED])
def test_what_was_not_done_is_not_good(database: Database, outcome: Outcome) -> None:
    """One citation that was not done makes a run no good one; the one before it still is."""
    first = run(database, 1, Outcome.CAPTURED)
    run(database, 2, Outcome.CAPTURED, outcome)
    assert last(database) == first


@pytest.mark.parametrize("reason", [None, "shutdown", "collection_full"])
def test_a_run_that_did_not_end_by_itself_is_not_good(database: Database, reason: str | None) -> None:
    """Stopped, cut off, or out of disk."""
    first = run(database, 1, Outcome.CAPTURED)
    run(database, 2, Outcome.CAPTURED, reason=reason)
    assert last(database) == first


def test_a_run_that_read_nothing_is_not_good(database: Database) -> None:
    """Where the article did not come, nothing was looked at."""
    first = run(database, 1, Outcome.CAPTURED)
    run(database, 2, reads=False)
    assert last(database) == first
