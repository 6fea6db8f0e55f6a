"""The table of citations: states, next steps, the rows of the newest readings, and how they are written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from archive.index.database import Database
from archive.model import Attempt, Capture, Context, Extraction, Outcome, Truncated
from archive.outputs import table
from archive.outputs.table import COLUMNS, Row, State
from tests.archive import index_samples as a


def row(
    *,
    attempt: Attempt | None = None,
    capture: Capture | None = None,
    extraction: Extraction | None = None,
    **changes: Any,
) -> Row:
    return table.row_of(a.article(), a.citation(**changes), attempt=attempt, capture=capture, extraction=extraction)


def captured(status: int | None = 200, *, unreadable: str | None = None, **changes: Any) -> Row:
    """The row of a citation whose target answered."""
    said = a.extraction(unreadable=unreadable, digest=None if unreadable else a.digest())
    outcome = changes.pop("outcome", Outcome.CAPTURED)
    return row(attempt=a.attempt(a.citation(), outcome=outcome), capture=a.capture(status=status, **changes), extraction=said)


def ended(outcome: Outcome, reason: str = "for a reason") -> Row:
    """The row of a citation whose attempt ended without an answer."""
    return row(attempt=a.attempt(a.citation(), outcome=outcome, reason=reason, capture_id=None, extraction_id=None))


def test_the_columns_are_those_that_were_agreed() -> None:
    """Names and order of the columns are those of `footnotary citations`."""
    agreed = "article, ordinal, state, anchor, sentence, context, reason, kind, href, target, target_from, outcome, http"
    assert ", ".join(COLUMNS) == f"{agreed}, captured_at, verdict, claims, next"


def test_a_kept_source_has_every_column_and_no_next_step() -> None:
    """A source that came whole and was read is `kept`."""
    assert captured() == Row(
        article="https://magazine.example/opinion",
        ordinal=1,
        state="kept",
        anchor="saying",
        sentence="And he kept saying that.",
        context="body",
        reason="stands in running text",
        kind="web",
        href="/a?b=2&a=1#:~:text=x",
        target="https://www.example.org/a?b=2&a=1",
        target_from="href",
        outcome="captured",
        http=200,
        captured_at="2021-08-27T01:02:03.000004Z",
        verdict=None,
        claims=None,
        next=None,
    )


@pytest.mark.parametrize(
    "found",
    [
        captured(206),
        captured(outcome=Outcome.UNCHANGED),
        captured(outcome=Outcome.UNCHANGED, type="revisit"),
        captured(304, outcome=Outcome.UNCHANGED, type="revisit"),
    ],
)
def test_what_came_again_is_kept(found: Row) -> None:
    """Any success is kept, also one that was found unchanged."""
    assert (found.state, found.next) == ("kept", None)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (captured(404), "the page is gone"),
        (captured(410), "the page is gone"),
        (captured(401), "the server refuses it"),
        (captured(403), "the server refuses it"),
        (captured(451), "the server refuses it"),
        (captured(400), "the server answered 400"),
        (captured(429), "the server answered 429: run it again later"),
        (captured(500), "the server answered 500: run it again later"),
        (captured(503), "the server answered 503: run it again later"),
        (captured(302), "the redirect (302) leads nowhere"),
        (captured(304), "the redirect (304) leads nowhere"),
        (captured(None), "what came is not HTTP"),
        (captured(999), "the server answered 999"),
        (captured(truncated=Truncated.LENGTH), "larger than the size limit"),
        (captured(truncated=Truncated.TIME), "did not end in time"),
        (captured(truncated=Truncated.DISCONNECT), "cut short (disconnect): run it again"),
        (captured(404, truncated=Truncated.DISCONNECT), "the page is gone"),
        (captured(unreadable="a bomb: more than 100 MB decoded"), "it can't be read: a bomb: more than 100 MB decoded"),
    ],
)
def test_an_error_page_a_cut_answer_or_an_unreadable_one_is_not_the_source(found: Row, words: str) -> None:
    """Bytes that are kept but are not the source say why, and what helps."""
    assert found.state == "not the source"
    assert found.next is not None
    assert words in found.next


def test_what_nobody_read_is_not_called_the_source() -> None:
    """Without an extraction nobody knows that the bytes can be read."""
    found = row(attempt=a.attempt(a.citation()), capture=a.capture())
    assert (found.state, found.next) == ("not the source", "it was not read: run it again")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ended(Outcome.ROBOTS, table.REFUSED_BY_RULE), "robots.txt forbids it: ask the host, or set robots: record for it"),
        (ended(Outcome.ROBOTS, "robots.txt could not be read: 503"), "robots.txt could not be read: 503: run it again later"),
        (ended(Outcome.UNREACHABLE, "the name does not resolve"), "the name does not resolve: look for its new address"),
        (ended(Outcome.UNREACHABLE, "bad certificate: it has expired"), "bad certificate: it has expired: tell the host"),
        (ended(Outcome.UNREACHABLE, "no TLS connection: handshake failure"), "handshake failure: run it again later"),
        (ended(Outcome.UNREACHABLE, "no whole answer within the time limit"), "the time limit: run it again later"),
        (ended(Outcome.UNREACHABLE, "the connection was refused"), "the connection was refused: run it again later"),
        (ended(Outcome.UNREACHABLE, "too many redirects"), "too many redirects: open it in a browser"),
        (ended(Outcome.UNREACHABLE, "the answer is larger than the size limit"), "set a larger size"),
        (ended(Outcome.UNREACHABLE, "the proxy opened no tunnel: 403"), "check network.proxy"),
        (ended(Outcome.ADDRESS_BLOCKED), "network.allow"),
        (ended(Outcome.SKIPPED, "sources.skip leaves out *.ads.example"), "change sources.skip"),
        (ended(Outcome.SKIPPED, "the link is not a URL"), "the link is not a URL: give the right one"),
        (ended(Outcome.INTERRUPTED), "run it again"),
        (ended(Outcome.ARCHIVE_FAILED), "could not be written"),
        (ended(Outcome.NOT_ARCHIVED), "the collection does not hold it"),
        (row(), "the run ended first: run it again"),
    ],
)
def test_what_did_not_come_is_not_kept(found: Row, words: str) -> None:
    """Each way of not coming names its next step."""
    assert found.state == "not kept"
    assert found.next is not None
    assert words in found.next
    assert (found.http, found.captured_at) == (None, None)


def test_an_attempt_whose_capture_is_lost_is_not_kept() -> None:
    """An outcome alone keeps nothing: without its capture a citation is not kept."""
    found = row(attempt=a.attempt(a.citation()))
    assert (found.state, found.http) == ("not kept", None)
    assert found.next


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_state_but_kept_names_a_next_step(outcome: Outcome) -> None:
    """Whatever became of a citation, it is kept or it says what to do."""
    for found in (ended(outcome), captured(outcome=outcome)):
        assert (found.next is None) == (found.state == State.KEPT)


@pytest.mark.parametrize("attempted", [True, False])
def test_a_link_that_lost_its_target_is_no_link(attempted: bool) -> None:
    """A citation without a target asks for one, whether a run came as far as saying so or not."""
    lost: dict[str, Any] = {"target": None, "target_from": None, "href": "#"}
    citation = a.citation(**lost)
    attempt = a.attempt(citation, outcome=Outcome.NO_TARGET, capture_id=None, extraction_id=None) if attempted else None
    found = row(attempt=attempt, **lost)
    assert (found.state, found.target, found.href) == ("no link", None, "#")
    assert found.next == "the link has lost its target: add it under citations:"


# Rows of a collection


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.create() as found:
        found.add_all(a.a_run())
        yield found


def test_rows_are_those_of_the_newest_readings(database: Database) -> None:
    """Each article's newest reading gives its citations by number, each with its latest attempt."""
    first = a.article("other", uri="https://other.example/", ordinal=0)
    again = a.article("again", date=a.after(1000))
    database.add_all([again, first, a.citation(2, of=again), a.citation(1, of=again), a.citation(1, of=first)])
    said = [(found.article, found.ordinal, found.state) for found in table.rows(database)]
    assert said == [("https://other.example/", 1, "not kept"), (a.ARTICLE, 1, "not kept"), (a.ARTICLE, 2, "not kept")]
    database.add(a.attempt(a.citation(1, of=again), date=a.after(1001)))
    database.add(a.attempt(a.citation(2, of=again), date=a.after(1001), outcome=Outcome.SKIPPED, capture_id=None))
    assert [found.state for found in table.rows(database)] == ["not kept", "kept", "not kept"]


def test_the_rows_of_a_run(database: Database) -> None:
    """A captured citation, one that failed and one without a target give their three states."""
    found = table.rows(database)
    assert [(r.ordinal, r.state, r.outcome, r.http) for r in found] == [
        (1, "kept", "captured", 200),
        (2, "not kept", "unreachable", None),
        (3, "no link", "no target", None),
    ]
    assert list(table.rows_of(database, a.article())) == found


def test_the_summary_counts_states_and_work() -> None:
    """The closing line counts the states in their order, and the citations that need a person."""
    lost = row(target=None, target_from=None)
    assert table.summary([captured(), captured(404), captured(404), ended(Outcome.ROBOTS), lost]) == (
        "5 citations: 1 kept, 2 not the source, 1 not kept, 1 no link; 4 need a person"
    )
    assert table.summary([captured(), lost]) == "2 citations: 1 kept, 1 no link; 1 needs a person"
    assert table.summary([]) == "0 citations: none; 0 need a person"


# Writing

ODD = 'He said: "a, b"\r\nand\tlater\n; = é 😀 \u2028 \x00'


def odd_rows() -> list[Row]:
    return [captured(), row(kind=ODD, reason="", context=Context.NOTE, target=None, target_from=None)]


def test_csv_comes_back_as_it_was() -> None:
    """RFC 4180: a header, then every cell as it was, with quotes, commas and line ends; nothing is an empty cell."""
    text = table.as_csv(odd_rows()).replace("\x00", "")
    header, kept, lost = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    assert kept == ["" if cell is None else str(cell) for cell in (getattr(odd_rows()[0], name) for name in COLUMNS)]
    assert lost[COLUMNS.index("kind")] == ODD.replace("\x00", "")
    assert text.count("\r\n") == 4  # three rows, and one within the odd cell


def test_json_comes_back_as_it_was() -> None:
    """JSON and JSON Lines give the same objects, the columns in their order, null where there is nothing."""
    whole = json.loads(table.as_json(odd_rows()))
    lines = [json.loads(line) for line in table.as_json_lines(odd_rows()).split("\n")[:-1]]
    assert whole == lines
    assert [tuple(found) for found in whole] == [COLUMNS, COLUMNS]
    assert [Row(**found) for found in whole] == odd_rows()


def test_writing_twice_gives_the_same_text() -> None:
    """The same rows give the same bytes."""
    for write in (table.as_csv, table.as_json, table.as_json_lines):
        assert write(odd_rows()) == write(odd_rows())


def test_nothing_is_written_as_nothing() -> None:
    """Without rows there is a header, an empty array, no line."""
    assert table.as_csv([]) == ",".join(COLUMNS) + "\r\n"
    assert json.loads(table.as_json([])) == []
    assert table.as_json_lines([]) == ""
