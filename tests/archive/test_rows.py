"""Values as rows: the columns of each kind, how each sort of field is spelled, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.rows import cells, columns, instant, value_of
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    CrawlFacts,
    Extraction,
    KeptFailure,
    Link,
    Location,
    Outcome,
    RecordEntry,
    Role,
    RunEnd,
    RunStart,
    Truncated,
)
from tests.archive import index_samples as a

KINDS: list[type[Any]] = [RecordEntry, Capture, KeptFailure, Extraction, Article, Link, Citation, Attempt, RunStart, RunEnd]


def row(value: object) -> dict[str, Any]:
    """The cells of a value by their columns."""
    return dict(zip([column.name for column in columns(type(value))], cells(value), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_comes_back_from_its_cells(kind: type[Any]) -> None:
    """Any value of each kind is that of its row; the links of an article have a table of their own."""

    @given(value=a.any_value(kind))
    def holds(value: Any) -> None:
        more = {"links": value.links} if kind is Article else {}
        assert value_of(kind, cells(value), **more) == value

    holds()


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_fields_share_a_column(kind: type[Any]) -> None:
    """Every column has a name of its own, and a cell that SQLite holds as it is."""
    names = [column.name for column in columns(kind)]
    assert len(names) == len(set(names))
    assert {column.affinity for column in columns(kind)} <= {"TEXT", "INTEGER"}


def test_parts_of_values_have_columns_of_their_own() -> None:
    """Location, facts and quotes are laid out beside the fields that hold them."""
    capture = row(a.capture())
    assert (capture["file"], capture["offset"], capture["length"]) == (a.FILE, 400, 1200)
    assert (capture["role"], capture["hops"], capture["tries"]) == ("source", "L", 1)
    citation = row(a.citation())
    assert [citation[f"anchor{part}"] for part in ("", "_prefix", "_suffix", "_start", "_end")] == [
        "saying",
        "he kept ",
        " that",
        10,
        16,
    ]
    assert "location" not in capture
    assert "facts" not in capture
    assert "anchor_exact" not in citation


def test_an_article_has_no_column_for_its_links() -> None:
    """A tuple of values is no cell."""
    assert "links" not in row(a.article())


def test_each_sort_of_field_has_its_spelling() -> None:
    """Words of a list are their text, tuples and mappings JSON, truth 0 or 1, nothing NULL."""
    facts = CrawlFacts(role=Role.ROBOTS, addresses=("::1", "é"), proxied=True)
    found = row(a.capture(truncated=Truncated.LENGTH, facts=facts, ip_address=None, protocols=()))
    assert found["truncated"] == "length"
    assert type(found["truncated"]) is str
    assert found["addresses"] == '["::1", "é"]'
    assert found["protocols"] == "[]"
    assert found["proxied"] == 1
    assert type(found["proxied"]) is int
    assert found["ip_address"] is None
    start = row(a.run_start(software={"b": "2", "a": "1"}))
    assert start["software"] == '{"a": "1", "b": "2"}'


def test_the_order_of_a_mapping_makes_no_other_row() -> None:
    """Equal values have equal rows."""
    assert cells(a.run_end(counts={"a": 1, "b": 2})) == cells(a.run_end(counts={"b": 2, "a": 1}))


def test_an_instant_is_utc_with_microseconds() -> None:
    """An instant of any zone is spelled in UTC; a naive one is refused."""
    assert instant(datetime(2021, 8, 27, 1, 2, 3, 4, tzinfo=UTC)) == "2021-08-27T01:02:03.000004Z"
    assert instant(datetime(2021, 8, 27, 1, 2, tzinfo=timezone(timedelta(hours=4.5)))) == "2021-08-26T20:32:00.000000Z"
    with pytest.raises(ValueError, match="names no time zone"):
        instant(datetime(2021, 8, 27))  # noqa: DTZ001 - that is the case


@given(one=a.INSTANTS, other=a.INSTANTS)
def test_the_order_of_text_is_the_order_of_time(one: datetime, other: datetime) -> None:
    """What SQLite sorts as text is sorted in time."""
    assert (instant(one) < instant(other)) == (one < other)
    assert datetime.fromisoformat(instant(one)) == one


@given(words=st.lists(a.TEXTS, max_size=4))
def test_a_tuple_can_be_asked_with_json(words: list[str]) -> None:
    """The cell of a tuple is a JSON array, so that SQLite's own functions open it."""
    assert json.loads(row(a.capture(protocols=tuple(words)))["protocols"]) == words


def test_a_row_of_another_shape_is_refused() -> None:
    """Too few cells, and a word that its list does not hold, are errors, never another value."""
    with pytest.raises(ValueError, match="shorter"):
        value_of(Attempt, cells(a.attempt(a.citation()))[:-1])
    with pytest.raises(ValueError, match="lost"):
        value_of(KeptFailure, tuple("lost" if cell == Outcome.UNREACHABLE else cell for cell in cells(a.failure())))


def test_a_location_stands_alone_too() -> None:
    """The rule holds for parts as for wholes."""
    place = Location(file="archive/a.warc.gz", offset=0, length=1)
    assert value_of(Location, cells(place)) == place
